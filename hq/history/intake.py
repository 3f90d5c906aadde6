"""Rows into the plan's scratch file, streaming, and invoices settled once all rows are there.

Knows receipts as groups of rows by invoice (and date, where numbers restart daily), however they interleave. A
receipt has one customer: the one that its first row with a customer names. Rows of it that name another customer, or
none, are dirty; so are rows beyond what a basket can hold.
"""

import sqlite3
from collections import OrderedDict
from dataclasses import dataclass

from hq.history.lines import DirtyRow, ReceiptLine
from hq.history.reasons import DirtyReason, LineClass
from loyalty.numbers.limits import MAX_BASKET_LINES

_BATCH_ROWS = 2_000
_RECEIPTS_AT_HAND = 4_096
_ADD_LINE = "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_DIRTY = "INSERT INTO dirty VALUES (?, ?)"
_DIRTY_OTHER_CUSTOMERS = """
INSERT INTO dirty SELECT line.row, ? FROM receipt JOIN line ON line.receipt = receipt.id
WHERE receipt.mixed AND line.customer IS NOT receipt.customer
"""
_TOO_LONG = "SELECT receipt FROM line GROUP BY receipt HAVING count(*) > ?"
_DIRTY_REST = "INSERT INTO dirty SELECT row, ? FROM line WHERE receipt = ? ORDER BY row LIMIT -1 OFFSET ?"
_DELETE_DIRTY = "DELETE FROM line WHERE row IN (SELECT row FROM dirty WHERE reason = ?)"
_LineValues = tuple[int, int, str | None, str, str, str | None, int, int, int | None, int, int]


@dataclass(slots=True)
class _Receipt:
    """A receipt at hand; what changes in it is written at once, so it can be forgotten at any time."""

    number: int
    customer: str | None
    mixed: bool


class Intake:
    """Takes rows in the file's order; memory does not grow with them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._at_hand: OrderedDict[tuple[bool, str, int], _Receipt] = OrderedDict()
        self._lines: list[_LineValues] = []
        self._dirty: list[tuple[int, str]] = []
        self.rows = 0

    def add(self, row: ReceiptLine | DirtyRow) -> None:
        """Take one row."""
        self.rows += 1
        if isinstance(row, DirtyRow):
            self._dirty.append((row.row, row.reason))
        else:
            self._lines.append(self._values(row))
        if len(self._lines) + len(self._dirty) >= _BATCH_ROWS:
            self._flush()

    def finish(self) -> None:
        """Write what is left and settle the invoices."""
        self._flush()
        self._connection.execute("CREATE INDEX line_receipt ON line (receipt)")
        self._drop_other_customers()
        self._drop_what_no_basket_holds()

    def _flush(self) -> None:
        self._connection.executemany(_ADD_LINE, self._lines)
        self._connection.executemany(_ADD_DIRTY, self._dirty)
        self._lines.clear()
        self._dirty.clear()

    def _values(self, line: ReceiptLine) -> _LineValues:
        return (
            line.row,
            self._receipt_of(line).number,
            line.customer,
            line.item,
            line.description,
            line.category,
            line.quantity_milli,
            line.amount_minor,
            line.tax_minor,
            line.at_us,
            line.utc_offset_s,
        )

    def _receipt_of(self, line: ReceiptLine) -> _Receipt:
        cancelled = line.line_class is LineClass.CANCELLED_LINE
        key = (cancelled, line.invoice, line.day)
        receipt = self._at_hand.get(key)
        if receipt is None:
            receipt = self._find(*key) or self._make(cancelled, line)
            self._at_hand[key] = receipt
            if len(self._at_hand) > _RECEIPTS_AT_HAND:
                self._at_hand.popitem(last=False)
        if receipt.customer != line.customer and not (receipt.mixed and receipt.customer is not None):
            self._mix(receipt, line.customer)
        return receipt

    def _find(self, cancelled: bool, invoice: str, day: int) -> _Receipt | None:
        query = "SELECT id, customer, mixed FROM receipt WHERE cancelled = ? AND invoice = ? AND day = ?"
        found = self._connection.execute(query, (cancelled, invoice, day)).fetchone()
        return None if found is None else _Receipt(found[0], found[1], bool(found[2]))

    def _make(self, cancelled: bool, line: ReceiptLine) -> _Receipt:
        query = "INSERT INTO receipt (cancelled, invoice, day, customer) VALUES (?, ?, ?, ?)"
        number = self._connection.execute(query, (cancelled, line.invoice, line.day, line.customer)).lastrowid
        return _Receipt(number or 0, line.customer, mixed=False)

    def _mix(self, receipt: _Receipt, customer: str | None) -> None:
        receipt.mixed = True
        receipt.customer = receipt.customer or customer
        query = "UPDATE receipt SET mixed = 1, customer = ? WHERE id = ?"
        self._connection.execute(query, (receipt.customer, receipt.number))

    def _drop_other_customers(self) -> None:
        reason = DirtyReason.INVOICE_OF_ANOTHER_CUSTOMER
        self._connection.execute(_DIRTY_OTHER_CUSTOMERS, (reason,))
        self._connection.execute(_DELETE_DIRTY, (reason,))

    def _drop_what_no_basket_holds(self) -> None:
        reason = DirtyReason.INVOICE_TOO_LONG
        for (number,) in self._connection.execute(_TOO_LONG, (MAX_BASKET_LINES,)).fetchall():
            self._connection.execute(_DIRTY_REST, (reason, number, MAX_BASKET_LINES))
        self._connection.execute(_DELETE_DIRTY, (reason,))
