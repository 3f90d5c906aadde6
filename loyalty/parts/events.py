"""Events: what members are invited to."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from loyalty.explain import Names
from loyalty.parts.coupons import CodeFormat

_CHECK_IN = CodeFormat(digits=9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event to which members are invited.

    Attributes:
        seats: How many there are.
        at: When it begins, in the store's own time (naive), or None.
        stores: Where; empty for anywhere.
    """

    id: str
    names: Names
    seats: int
    at: datetime | None = None
    stores: tuple[str, ...] = ()


def seats_pool(event: str) -> str:
    """Name the pool, and its unit, of an event's seats: what is taken, below zero."""
    return f"seats.{event}"


def check_in_code(event: str, entry_id: bytes, seat: int) -> str:
    """Give the code that opens one seat: ten digits, the last one Luhn's; nobody can guess another one.

    It follows from the entry that gave the seat, so that HQ finds it again in the journal, and nothing else keeps it.

    Args:
        event: The event's id.
        entry_id: The entry that gave the seat.
        seat: Which of the entry's seats at this event, from 0.
    """
    digest = sha256(b"loyaltill seat\0" + entry_id + event.encode() + seat.to_bytes(4, "big")).digest()
    return _CHECK_IN.write(int.from_bytes(digest, "big"))
