"""What wins where one scan can mean several things.

A merchant's own configuration wins over what a number looks like; what is left over is settled by the merchant's order, or
said as ambiguous with all readings: never by luck. Pure.

Source: docs/SPEC-scans.md, section 3.
"""

from typing import NamedTuple

from drivers.scanners.decoding.reading import Kind, Reading


class Candidate(NamedTuple):
    """One thing that a scan can mean.

    Attributes:
        reading: What it would be.
        configured: A range or a template of the merchant's says so.
        weak: It gives way to what is configured and to a phone number: an in-store number of which nothing is known, and
            element strings without anything that says that they are.
    """

    reading: Reading
    configured: bool = False
    weak: bool = False


def settle(candidates: list[Candidate], order: tuple[Kind, ...], symbology: str) -> Reading | None:
    """The reading that is left, an ambiguous one of those that are, or None without candidates.

    An error is only said where nothing else is left: a card whose number a template does not fit is a card. A number names
    one member, by a range before a template.
    """
    if len(candidates) < 2:
        return candidates[0].reading if candidates else None
    if any(one.configured or one.reading.kind is Kind.PHONE for one in candidates):
        candidates = [one for one in candidates if not one.weak]
    candidates = [one for one in candidates if one.reading.kind is not Kind.ERROR] or candidates
    different: dict[tuple[Kind, str], Reading] = {}
    for one in candidates:
        kind = one.reading.kind
        different.setdefault((kind, "" if kind is Kind.MEMBER else one.reading.value), one.reading)
    readings = list(different.values())
    if len(readings) > 1:
        readings = _ordered(readings, order)
    if len(readings) == 1:
        return readings[0]
    return Reading(kind=Kind.AMBIGUOUS, symbology=symbology, alternatives=tuple(readings))


def _ordered(readings: list[Reading], order: tuple[Kind, ...]) -> list[Reading]:
    """The readings of the first kind of the order that there are any of; all of them where the order says nothing."""
    for kind in order:
        found = [one for one in readings if one.kind is kind]
        if found:
            return found
    return readings
