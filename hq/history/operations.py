"""What a till is to do to replay a past: sales, returns of a sale's lines, and cancelled lines that match no sale.

Values only. Instants are aware UTC; ``local_at`` is the same instant on the shop's clock, with its offset.
"""

from dataclasses import dataclass
from datetime import datetime

from hq.history.reasons import ParkReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One line of a sale.

    Attributes:
        line: Its number in the sale, from 1, in the file's order.
        category: What the file or the mapping says; None where neither does.
        quantity_milli: Thousandths, > 0.
        amount_minor: The price of the whole line, minor units, >= 0.
        tax_minor: The tax included in the amount, or None where the file does not tell.
    """

    line: int
    item: str
    description: str
    category: str | None
    quantity_milli: int
    amount_minor: int
    tax_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One receipt. It comes at its first line's instant.

    Attributes:
        index: Its number among all operations, from 1, in the order of time.
        customer: None on an anonymous sale.
    """

    index: int
    invoice: str
    at: datetime
    local_at: datetime
    customer: str | None
    lines: tuple[SaleLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """What comes back of one line of the original sale.

    Attributes:
        line: Its number in the original sale.
        quantity_milli: Thousandths, > 0; over all returns never more than was sold.
    """

    line: int
    quantity_milli: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What one cancelled invoice gives back of one earlier sale. It comes at its first such line's instant.

    Attributes:
        index: Its number among all operations; higher than its sale's.
        cancellation: The cancelled invoice's own number.
        original_invoice: The invoice of the sale.
        original_index: The number of the sale's operation.
    """

    index: int
    cancellation: str
    original_invoice: str
    original_index: int
    at: datetime
    local_at: datetime
    customer: str
    lines: tuple[ReturnLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedLine:
    """A cancelled line, or the rest of one, that matches no sale.

    Attributes:
        row: Its physical line in the file.
        quantity_milli: What matches nothing, thousandths, > 0.
        amount_minor: Its share of the cancelled line's price, rounded half up.
    """

    row: int
    item: str
    quantity_milli: int
    amount_minor: int
    reason: ParkReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """What of one cancelled invoice matches no sale, kept for a person. It comes at its first such line's instant.

    Attributes:
        original_index: The number of the sale's operation where there is one, and the till refused it.
    """

    index: int
    cancellation: str
    at: datetime
    local_at: datetime
    customer: str
    lines: tuple[ParkedLine, ...]
    original_index: int | None = None


Operation = Sale | Return | Parked
