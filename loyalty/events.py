"""Events: what members are invited to."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.explain import Names


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
