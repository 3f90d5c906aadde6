"""What an installer may see of a scan: what kind of thing it was, how long, and the end of an own card. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from drivers.scanners.cards import CardRange, card_number
from drivers.scanners.gate import GateRefusal
from drivers.scanners.symbols import Symbol

_LAST: Final = 4


def masked(name: str, outcome: Symbol | GateRefusal, ranges: Iterable[CardRange], at: datetime) -> dict[str, Any]:
    """Give a scan as JSON values without anything secret.

    Args:
        name: The scanner's.
        outcome: What came through its gate.
        ranges: The merchant's own cards.
        at: When, as an aware instant.
    """
    shown: dict[str, Any] = {"device": name, "at": at.isoformat(timespec="milliseconds")}
    if isinstance(outcome, GateRefusal):
        return {**shown, "kind": "payment_refused", "length": outcome.length}
    shown |= {"kind": "unknown", "symbology": outcome.aim, "length": len(outcome.text)}
    card = card_number(outcome, ranges)
    return shown if card is None else {**shown, "kind": "member", "last": card[-_LAST:]}
