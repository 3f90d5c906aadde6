"""What a replay found, as the one JSON object that it prints."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The figures of one replay; amounts in smallest steps of ``points``.

    Attributes:
        receipts: Receipts that went through the till: orders, anonymous orders and cancelled invoices.
        orders: Sales with a member that the till took.
        anonymous_orders: The same without one; journaled, and earning nothing.
        returns: Cancelled invoices.
        return_entries: Entries that they became: one for each original sale.
        members: Members at HQ.
        rows: Rows of the file by class and, for unused ones, by reason; they sum to all rows.
        parked: Cancelled lines of which something matched no earlier purchase, or one that the till refused.
        parked_by_reason: The same by reason.
        refused: Operations that the till refused, by code; in an earlier run, too, that this one went on from.
        earned: What HQ posted for sales.
        reversed: What HQ took back for returns.
        outstanding_till: The sum of all balances by the till's own entries.
        outstanding_hq: The sum of all balances at HQ.
        entries_till: Entries in the till's journal.
        entries_hq: Entries that HQ holds.
        agree: Till and HQ have the same head, the same entries and the same balance of every account.
        head: The journal's head, hex.
        seconds: Wall time of this run, to the millisecond.
    """

    receipts: int
    orders: int
    anonymous_orders: int
    returns: int
    return_entries: int
    members: int
    rows: Mapping[str, int]
    parked: int
    parked_by_reason: Mapping[str, int]
    refused: Mapping[str, int]
    earned: int
    reversed: int
    outstanding_till: int
    outstanding_hq: int
    entries_till: int
    entries_hq: int
    agree: bool
    head: str
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Give the object to print."""
        return asdict(self)
