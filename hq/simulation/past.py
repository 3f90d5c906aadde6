"""The past that a simulation replays: sales and returns in the order of time, wherever they come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from hq.history.operations import Operation, Return, Sale
from loyalty.sale.basket import BasketLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSale:
    """One receipt of the past.

    Attributes:
        key: What returns call it.
        at: On the store's clock, aware.
        member: Whose it was, by any name that stays the same, or None.
        credit_minor: What the host took off the basket as a whole.
    """

    key: str
    at: datetime
    business_date: date
    store: str
    member: str | None
    lines: tuple[BasketLine, ...]
    credit_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PastReturn:
    """Goods that came back: (line of the sale, thousandths)."""

    sale: str
    at: datetime
    business_date: date
    lines: tuple[tuple[int, int], ...]


Past: TypeAlias = PastSale | PastReturn


def of_receipts(operations: Iterator[Operation], store: str = "") -> Iterator[Past]:
    """Give the operations of a receipt file; what matches no sale is left out, since no programme can undo it."""
    for one in operations:
        match one:
            case Sale():
                yield PastSale(
                    key=str(one.index),
                    at=one.local_at,
                    business_date=one.local_at.date(),
                    store=store,
                    member=one.customer,
                    lines=tuple(
                        BasketLine(
                            line=line.line,
                            item=line.item,
                            name=line.description,
                            category=line.category,
                            quantity_milli=line.quantity_milli,
                            amount_minor=line.amount_minor,
                            tax_minor=line.tax_minor or 0,
                        )
                        for line in one.lines
                    ),
                )
            case Return():
                yield PastReturn(
                    sale=str(one.original_index),
                    at=one.local_at,
                    business_date=one.local_at.date(),
                    lines=tuple((line.line, line.quantity_milli) for line in one.lines),
                )


def returned_in(past: Iterator[Past]) -> frozenset[str]:
    """Give the keys of the sales of which something comes back."""
    return frozenset(one.sale for one in past if isinstance(one, PastReturn))
