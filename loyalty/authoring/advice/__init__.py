"""Advice on a programme that is legal but may be unwise: `advise` is the way in."""

from loyalty.authoring.advice.advise import advise
from loyalty.authoring.advice.values import Advice, AdviceCode

__all__ = ["Advice", "AdviceCode", "advise"]
