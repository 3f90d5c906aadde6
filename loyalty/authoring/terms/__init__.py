"""The customer terms of a programme, as sentences to be said in any language: `sections_of` is the way in."""

from loyalty.authoring.terms.sections import sections_of
from loyalty.authoring.terms.values import Item, Section, Value

__all__ = ["Item", "Section", "Value", "sections_of"]
