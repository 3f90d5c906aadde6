"""Rules between elements: repeats, forbidden pairs, required companions, serial numbers of signed keys.

Knows the General Specifications' data relationships; refuses to know where the elements came from. Pure.

GS1 judges companions and pairs over everything that marks one item, which may be two or three symbols. Who reads only
one of them passes ``beside``, the elements of the others, or does not ask.

Source: GS1 General Specifications, section 4.13 (mandatory associations, invalid pairs) and section 3 (each
identifier).
"""

from collections.abc import Sequence

from drivers.scanners.gs1.identifiers import IDENTIFIERS
from drivers.scanners.gs1.values import Element, Gs1Fault, Gs1Reason

_SIGNATURE = "8030"
_SERIAL_AFTER = {"253": 13, "255": 13, "8003": 14}
"""Keys that hold their serial number themselves, and where it starts."""


def broken_rule(elements: Sequence[Element], beside: Sequence[Element] = ()) -> Gs1Fault | None:
    """The first rule that elements break: repeats, then forbidden pairs, then companions, then serial numbers.

    Args:
        elements: Of identifiers in the table.
        beside: Elements of other symbols on the same item; they count as companions and in pairs.
    """
    together = (*elements, *beside)
    present = {element.ai for element in together}
    return (
        (_conflicting_repeat(together) if len(present) < len(together) else None)
        or _forbidden_pair(elements, present)
        or _missing_companion(elements, present)
        or (_missing_serial(together) if _SIGNATURE in present else None)
    )


def _conflicting_repeat(elements: Sequence[Element]) -> Gs1Fault | None:
    values: dict[str, str] = {}
    for element in elements:
        if values.setdefault(element.ai, element.value) != element.value:
            return Gs1Fault(reason=Gs1Reason.REPEATED_AI, ai=element.ai)
    return None


def _forbidden_pair(elements: Sequence[Element], present: set[str]) -> Gs1Fault | None:
    """``detail`` names the identifier that the other one excludes."""
    for element in elements:
        never_with = IDENTIFIERS[element.ai].never_with
        if not never_with.isdisjoint(present):
            return Gs1Fault(reason=Gs1Reason.FORBIDDEN_PAIR, ai=element.ai, detail=min(present & never_with))
    return None


def _missing_companion(elements: Sequence[Element], present: set[str]) -> Gs1Fault | None:
    for element in elements:
        if not IDENTIFIERS[element.ai].has_companion(present):
            return Gs1Fault(reason=Gs1Reason.MISSING_COMPANION, ai=element.ai)
    return None


def _missing_serial(elements: Sequence[Element]) -> Gs1Fault | None:
    """A signature is over one instance, so that the key beside it must name one (AI 8030)."""
    for element in elements:
        if len(element.value) == _SERIAL_AFTER.get(element.ai):
            return Gs1Fault(reason=Gs1Reason.MISSING_SERIAL, ai=element.ai)
    return None
