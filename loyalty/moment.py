"""When and where a sale happens: an instant, and what the store's clock and calendar say of it."""

from dataclasses import dataclass
from datetime import date, datetime

from loyalty.numbers.limits import require


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One sale's time and place.

    Attributes:
        at: The instant, aware, with the store's own time: its hour and weekday are what customers see.
        business_date: The store's business date, which may differ from the calendar's after midnight.
        store: The store's id, or empty where nothing depends on it.
        till: The till's terminal id in hex, or empty.
    """

    at: datetime
    business_date: date
    store: str = ""
    till: str = ""

    def __post_init__(self) -> None:
        require(self.at.utcoffset() is not None, "an instant must be aware")
