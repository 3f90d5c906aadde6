"""What an installer may see of a scan: what kind of thing it was, how long, why it was not read, and the end of an own card.

Pure.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from drivers.scanners.decoding.reading import FORM, MEMBER_CODE, Kind, Reading
from drivers.scanners.gate import GateRefusal
from drivers.scanners.symbols import Symbol
from loyalty.cards import last_four


def masked(name: str, outcome: Symbol | GateRefusal, read: Callable[[Symbol], Reading], at: datetime) -> dict[str, Any]:
    """Give a scan as JSON values without anything secret.

    Args:
        name: The scanner's.
        outcome: What came through its gate.
        read: Says what a symbol is.
        at: When, as an aware instant.
    """
    shown: dict[str, Any] = {"device": name, "at": at.isoformat(timespec="milliseconds")}
    if isinstance(outcome, GateRefusal):
        return {**shown, "kind": Kind.PAYMENT_REFUSED.value, "length": outcome.length, "reason": outcome.reason.value}
    reading = read(outcome)
    shown |= {"kind": reading.kind.value, "symbology": reading.symbology, "length": len(outcome.text)}
    if reading.reason:
        shown["reason"] = reading.reason
    if reading.kind is Kind.MEMBER and reading.fields.get(FORM) != MEMBER_CODE:
        shown["last"] = last_four(reading.value)
    return shown
