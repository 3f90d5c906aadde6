"""What GS1 data says to a loyalty till: a member's key, a coupon, an item, or something else.

Pure.

Source: GS1 General Specifications, section 3 (application identifiers).
"""

from collections.abc import Mapping
from typing import Final

from drivers.scanners.cards import CardRange, in_ranges
from drivers.scanners.decoding.reading import Kind, Reading, error
from drivers.scanners.gs1.elements import ElementString, Gs1Fault, parse_elements
from drivers.scanners.gs1.identifiers import IDENTIFIERS

GS: Final = "\x1d"
"""How scanners send FNC1 inside the data."""
GSRN: Final = "8018"
"""The recipient of a service: the standard key of a member. Its card is written with the AI before the number, as a
number that no payment card's can be taken for."""
_COUPONS: Final = ("255", "8110", "8112")
_INTERNAL: Final = tuple(str(number) for number in range(90, 100))
"""Mutually agreed and company-internal information, which says nothing to anybody else."""


def read_elements(elements: ElementString | Gs1Fault, symbology: str, ranges: tuple[CardRange, ...]) -> Reading:
    """What parsed GS1 data is; a fault becomes an error with its reason."""
    if isinstance(elements, Gs1Fault):
        return error(elements.reason.value, symbology)
    fields = {element.ai: element.value for element in elements.elements}
    kind, value = _meaning(elements, fields, ranges)
    return Reading(kind=kind, symbology=symbology, value=value, fields=fields)


def bare_elements(text: str, symbology: str, ranges: tuple[CardRange, ...]) -> Reading | None:
    """What text without any FNC1 would be as element strings; None if it is none."""
    elements = parse_elements(text)
    return None if isinstance(elements, Gs1Fault) else read_elements(elements, symbology, ranges)


def is_internal(reading: Reading) -> bool:
    """True if all that the data says is internal to a company."""
    return all(ai in _INTERNAL for ai in reading.fields)


def lacks_companions(text: str) -> bool:
    """True for text that would be element strings if their companions were there, and of which that is no accident.

    It is none where an identifier takes digits only, such as a date; a serial number fits anything.
    """
    found = parse_elements(text, associations=False)
    return isinstance(found, ElementString) and any(_takes_digits_only(element.ai) for element in found.elements)


def _takes_digits_only(ai: str) -> bool:
    return not any(part.characters.fullmatch("A") for part in IDENTIFIERS[ai].format.fields)


def _meaning(elements: ElementString, fields: Mapping[str, str], ranges: tuple[CardRange, ...]) -> tuple[Kind, str]:
    if GSRN in fields:
        return Kind.MEMBER, GSRN + fields[GSRN]
    for ai in _COUPONS:
        if ai in fields:
            return Kind.COUPON, fields[ai] if ai == "255" else ai + fields[ai]
    gtin = fields.get("01")
    if gtin is None:
        return Kind.GS1, elements.bracketed()
    own = [number for number in (gtin[1:], gtin) if in_ranges(number, ranges)]
    return (Kind.MEMBER, own[0]) if own else (Kind.ITEM, gtin)
