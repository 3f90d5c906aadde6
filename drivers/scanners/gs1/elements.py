r"""Element strings: GS1 data as symbols carry it, and as people write it with brackets.

Knows where one element ends and the next begins; refuses to know symbology identifiers, which the caller has taken off
(:mod:`drivers.scanners.gs1.carriers`), and URIs (:mod:`drivers.scanners.gs1.links`). Pure; takes time in proportion to
the text, whatever the text.
"""

import re
from collections.abc import Sequence
from typing import Final

from drivers.scanners.gs1.contents import Problem
from drivers.scanners.gs1.identifiers import IDENTIFIERS, identifier_at
from drivers.scanners.gs1.rules import broken_rule
from drivers.scanners.gs1.values import FNC1, Element, ElementString, Gs1Fault, Gs1Reason
from drivers.scanners.symbols import is_digits

__all__ = [
    "FNC1",
    "Element",
    "ElementString",
    "Gs1Fault",
    "Gs1Reason",
    "check_element",
    "parse_bracketed",
    "parse_elements",
]


def parse_elements(
    text: str, separator: str = FNC1, *, associations: bool = True, beside: Sequence[Element] = ()
) -> ElementString | Gs1Fault:
    """Read an element string as a scanner sends it.

    A separator behind an element that needs none, and one at the end, do no harm.

    Args:
        text: The data behind the symbology identifier, at most one frame (4096 characters).
        separator: What stands for FNC1; each of its characters does.
        associations: Whether the rules between elements must hold: repeats, forbidden pairs and required companions.
            GS1 judges them over all symbols of an item; pass False where others may follow.
        beside: Elements of the item's other symbols, such as the GTIN of an EAN with a composite component.

    Source: GS1 General Specifications, sections 7.8 (processing) and 4.13 (rules).
    """
    if separator != FNC1:
        text = text.translate(dict.fromkeys(map(ord, separator), FNC1))
    elements: list[Element] = []
    at, length = 0, len(text)
    while at < length:
        identifier = identifier_at(text, at)
        if identifier is None:
            return _no_identifier(text, at)
        ai = identifier.ai
        at += len(ai)
        end = at + identifier.predefined if identifier.predefined else text.find(FNC1, at)
        value = text[at : end if end >= 0 else length]
        problem = identifier.format.problem(value)
        if problem is not None:
            cut = value.partition(FNC1)[0]
            return _fault(ai, (identifier.format.problem(cut) or problem) if cut != value else problem)
        elements.append(Element(ai=ai, value=value))
        at += len(value)
        at += text.startswith(FNC1, at)
    return _whole(elements, associations=associations, beside=beside)


def parse_bracketed(
    text: str, *, associations: bool = True, beside: Sequence[Element] = ()
) -> ElementString | Gs1Fault:
    r"""Read the text for people, ``(01)09506000134352(10)AB``.

    Every ``(`` opens an identifier, but ``\(`` is one inside a value. No separators; spaces are no part of it.

    Args:
        text: At most one frame (4096 characters).
        associations: As for :func:`parse_elements`.
        beside: As for :func:`parse_elements`.

    Source: GS1 General Specifications, section 4.14 (human readable interpretation); the escape is GS1's own tools'.
    """
    if not text:
        return Gs1Fault(reason=Gs1Reason.EMPTY)
    elements: list[Element] = []
    at = 0
    while at < len(text):
        opening = _OPENING.match(text, at)
        if opening is None:
            return Gs1Fault(reason=Gs1Reason.BAD_BRACKETS)
        ai = opening[1]
        bracket = _BRACKET.search(text, opening.end())
        at = bracket.start() if bracket else len(text)
        value = text[opening.end() : at].replace("\\(", "(")
        fault = check_element(ai, value)
        if fault is not None:
            return fault
        elements.append(Element(ai=ai, value=value))
    return _whole(elements, associations=associations, beside=beside)


def check_element(ai: str, value: str) -> Gs1Fault | None:
    """What is wrong with one element by itself; None if nothing is."""
    identifier = IDENTIFIERS.get(ai)
    if identifier is None:
        return Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai=ai if len(ai) <= 4 and is_digits(ai) else "")
    problem = identifier.format.problem(value)
    return None if problem is None else _fault(ai, problem)


_OPENING: Final = re.compile(r"\(([0-9]{2,4})\)")
_BRACKET: Final = re.compile(r"(?<!\\)\(")


def _fault(ai: str, problem: Problem) -> Gs1Fault:
    return Gs1Fault(reason=problem[0], ai=ai, detail=problem[1])


def _no_identifier(text: str, at: int) -> Gs1Fault:
    if text.startswith(FNC1, at):
        return Gs1Fault(reason=Gs1Reason.EMPTY)
    digits = text[at : at + 2]
    return Gs1Fault(reason=Gs1Reason.UNKNOWN_AI, ai=digits if len(digits) == 2 and is_digits(digits) else "")


def _whole(elements: Sequence[Element], *, associations: bool, beside: Sequence[Element]) -> ElementString | Gs1Fault:
    if not elements:
        return Gs1Fault(reason=Gs1Reason.EMPTY)
    fault = broken_rule(elements, beside) if associations else None
    return fault or ElementString(elements=tuple(elements))
