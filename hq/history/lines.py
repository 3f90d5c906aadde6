"""Rows of a receipt file as typed lines, streaming.

Knows a mapping and one row at a time. What only shows across rows (an invoice of two customers, what a cancellation
gives back) is the plan's business.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from hq.history.clock import clock
from hq.history.errors import ReceiptFileError
from hq.history.figures import exactly, parse_figure
from hq.history.mapping import InvoiceRestart, QuantitySign, ReceiptMapping
from hq.history.reasons import DirtyReason, LineClass
from hq.history.records import Record, RecordReader
from loyalty.numbers.limits import INT64_MAX, MAX_TEXT, QUANTITY_SCALE
from loyalty.numbers.rates import divide

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One good row.

    Attributes:
        row: The physical line it begins on; the header is line 1.
        line_class: Sale, anonymous sale, or cancellation.
        day: Where invoice numbers restart daily, the ordinal of the date on the shop's clock, else 0; with the invoice
            it names the receipt.
        customer: Present unless the sale is anonymous.
        category: The file's, or the mapping's for what is not goods; None where neither says.
        quantity_milli: Thousandths, > 0 also on a cancellation.
        amount_minor: The price of the whole line in minor units, >= 0 also on a cancellation.
        tax_minor: The tax included in the amount, or None where the file does not tell.
        at_us: The instant, microseconds since 1970 UTC.
        utc_offset_s: What the shop's clock was ahead of UTC then, seconds.
    """

    row: int
    line_class: LineClass
    invoice: str
    day: int
    customer: str | None
    item: str
    description: str
    category: str | None
    quantity_milli: int
    amount_minor: int
    tax_minor: int | None
    at_us: int
    utc_offset_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DirtyRow:
    """One row that is not used.

    Attributes:
        row: The physical line it begins on.
        raw: The cells as written; all of the line in one where it is no record at all.
    """

    row: int
    reason: DirtyReason
    raw: tuple[str, ...]


class _Dirty(Exception):  # it never leaves this module
    def __init__(self, reason: DirtyReason) -> None:
        super().__init__(reason)
        self.reason = reason


def read_lines(path: Path, mapping: ReceiptMapping) -> Iterator[ReceiptLine | DirtyRow]:
    """Stream the rows of ``path``, each exactly once, in the file's order.

    Raises:
        ReceiptFileError: the file cannot be read, or its header lacks a column; names file, line and column.
    """
    with RecordReader(path, mapping.file) as reader:
        typed = LineTyper(reader.header, mapping, path)
        for record in reader:
            yield typed.line(record)


def missing_columns(header: tuple[str, ...], mapping: ReceiptMapping) -> dict[str, str]:
    """The columns that ``mapping`` wants and ``header`` lacks: the mapping's key -> the header's name."""
    return {key: name for key, name in mapping.wanted_columns().items() if name not in header}


class LineTyper:
    """Makes lines of the records of one file."""

    def __init__(self, header: tuple[str, ...], mapping: ReceiptMapping, path: Path) -> None:
        """Find the mapping's columns in ``header``.

        Raises:
            ReceiptFileError: a column is missing.
        """
        for key, name in missing_columns(header, mapping).items():
            close = get_close_matches(name, header, n=1)
            # Only a near name is shown: where the header is forgotten, its line holds a customer's data.
            hint = f'; did you mean "{close[0]}"?' if close else ""
            raise ReceiptFileError(path, 1, f"is missing; the mapping names it as {key}{hint}", column=name)
        columns = mapping.columns
        self._mapping = mapping
        self._width = len(header)
        self._separator = mapping.file.decimal_separator
        self._invoice = header.index(columns.invoice)
        self._item = header.index(columns.item)
        self._quantity = header.index(columns.quantity)
        self._timestamp = header.index(columns.timestamp)
        self._customer = header.index(columns.customer)
        self._unit_price = _place(header, columns.unit_price)
        self._amount = _place(header, columns.amount)
        self._description = _place(header, columns.description)
        self._category = _place(header, columns.category)
        self._tax = _place(header, columns.tax)
        self._kind = _place(header, mapping.cancellation.column)
        self._instant = clock(mapping.timestamp_format, mapping.zone)
        self._restarts_daily = mapping.restart is InvoiceRestart.DAILY
        self._is_not_goods = lru_cache(maxsize=1 << 14)(mapping.not_goods.matches)

    def line(self, record: Record) -> ReceiptLine | DirtyRow:
        """The line of ``record``, or why it is dirty."""
        reason = record.fault
        if reason is None:
            try:
                return self._line(record.row, record.cells)
            except _Dirty as dirty:
                reason = dirty.reason
        return DirtyRow(row=record.row, reason=reason, raw=tuple(record.cells))

    def _line(self, row: int, cells: list[str]) -> ReceiptLine:
        if len(cells) != self._width:
            raise _Dirty(self._wrong_width(cells))
        cells = [cell.strip() for cell in cells]
        invoice, item, customer = cells[self._invoice], cells[self._item], cells[self._customer] or None
        description = "" if self._description is None else _CONTROL.sub(" ", cells[self._description]).strip()
        category = None if self._category is None else cells[self._category] or None
        _check_texts(invoice, item, customer, description, category)
        at_us, utc_offset_s, day = self._when(cells[self._timestamp])
        quantity = self._milli(cells[self._quantity])
        price, amount, tax = self._price(cells), self._given_amount(cells), self._given_tax(cells)
        cancelled = self._cancelled(cells, quantity)
        self._check_quantity(quantity, cancelled=cancelled)
        _check_price(price, amount, cancelled=cancelled)
        amount_minor = self._amount_minor(abs(quantity), price, amount)
        if tax is not None and tax > amount_minor and not cancelled:
            raise _Dirty(DirtyReason.TAX_MORE_THAN_AMOUNT)
        if cancelled and customer is None:
            raise _Dirty(DirtyReason.CANCELLATION_WITHOUT_CUSTOMER)
        return ReceiptLine(
            row=row,
            line_class=_line_class(cancelled=cancelled, customer=customer),
            invoice=invoice,
            day=day if self._restarts_daily else 0,
            customer=customer,
            item=item,
            description=description,
            category=self._mapping.not_goods.category if self._is_not_goods(item) else category,
            quantity_milli=abs(quantity),
            amount_minor=amount_minor,
            tax_minor=tax,
            at_us=at_us,
            utc_offset_s=utc_offset_s,
        )

    def _wrong_width(self, cells: list[str]) -> DirtyReason:
        if not any(cell.strip() for cell in cells):
            return DirtyReason.EMPTY_ROW
        return DirtyReason.TOO_FEW_COLUMNS if len(cells) < self._width else DirtyReason.TOO_MANY_COLUMNS

    def _when(self, text: str) -> tuple[int, int, int]:
        instant = self._instant(text)
        if instant is None:
            raise _Dirty(DirtyReason.BAD_TIMESTAMP)
        return instant

    def _milli(self, text: str) -> int:
        figure = parse_figure(text, self._separator)
        milli = None if figure is None else exactly(figure, QUANTITY_SCALE)
        if milli is None:
            raise _Dirty(DirtyReason.BAD_QUANTITY)
        if abs(milli) > INT64_MAX:
            raise _Dirty(DirtyReason.QUANTITY_TOO_LARGE)
        return milli

    def _price(self, cells: list[str]) -> tuple[int, int] | None:
        return self._figure(cells, self._unit_price, DirtyReason.BAD_PRICE)

    def _given_amount(self, cells: list[str]) -> int | None:
        figure = self._figure(cells, self._amount, DirtyReason.BAD_AMOUNT)
        return None if figure is None else self._minor(figure, DirtyReason.BAD_AMOUNT)

    def _given_tax(self, cells: list[str]) -> int | None:
        if self._tax is None or not cells[self._tax]:
            return None
        figure = self._figure(cells, self._tax, DirtyReason.BAD_TAX)
        tax = None if figure is None else self._minor(figure, DirtyReason.BAD_TAX)
        if tax is not None and abs(tax) > INT64_MAX:
            raise _Dirty(DirtyReason.BAD_TAX)
        return None if tax is None else abs(tax)

    def _figure(self, cells: list[str], place: int | None, fault: DirtyReason) -> tuple[int, int] | None:
        if place is None:
            return None
        figure = parse_figure(cells[place], self._separator)
        if figure is None:
            raise _Dirty(fault)
        return figure

    def _minor(self, figure: tuple[int, int], fault: DirtyReason) -> int:
        minor = exactly(figure, self._mapping.currency.scale)
        if minor is None:
            raise _Dirty(fault)
        return minor

    def _cancelled(self, cells: list[str], quantity: int) -> bool:
        form = self._mapping.cancellation
        if form.invoice_prefix is not None:
            return cells[self._invoice].startswith(form.invoice_prefix)
        if self._kind is not None:
            return cells[self._kind] in form.values
        return quantity < 0

    def _check_quantity(self, quantity: int, *, cancelled: bool) -> None:
        if quantity == 0:
            raise _Dirty(DirtyReason.QUANTITY_ZERO)
        if not cancelled and quantity < 0:
            raise _Dirty(DirtyReason.QUANTITY_NEGATIVE_WITHOUT_CANCELLATION)
        if cancelled and quantity > 0 and self._mapping.cancellation.quantity is QuantitySign.NEGATIVE:
            raise _Dirty(DirtyReason.CANCELLATION_QUANTITY_NOT_NEGATIVE)
        if cancelled and quantity < 0 and self._mapping.cancellation.quantity is QuantitySign.POSITIVE:
            raise _Dirty(DirtyReason.CANCELLATION_QUANTITY_NOT_POSITIVE)

    def _amount_minor(self, quantity_milli: int, price: tuple[int, int] | None, given: int | None) -> int:
        if given is not None:
            minor = abs(given)
        else:
            digits, scale = price or (0, 0)
            exact = quantity_milli * digits * int(10**self._mapping.currency.scale)
            minor = divide(exact, 10 ** (QUANTITY_SCALE + scale), self._mapping.rounding)
        if minor > INT64_MAX:
            raise _Dirty(DirtyReason.AMOUNT_TOO_LARGE)
        return minor


def _place(header: tuple[str, ...], name: str | None) -> int | None:
    return None if name is None else header.index(name)


def _check_texts(invoice: str, item: str, customer: str | None, description: str, category: str | None) -> None:
    if not invoice:
        raise _Dirty(DirtyReason.MISSING_INVOICE)
    if not item:
        raise _Dirty(DirtyReason.MISSING_ITEM)
    if max(len(invoice), len(item), len(customer or ""), len(description), len(category or "")) > MAX_TEXT:
        raise _Dirty(DirtyReason.CELL_TOO_LONG)
    if any("\0" in code for code in (invoice, item, customer or "", category or "")):
        raise _Dirty(DirtyReason.CELL_WITH_NUL)


def _check_price(price: tuple[int, int] | None, amount: int | None, *, cancelled: bool) -> None:
    if price is not None and price[0] < 0:
        raise _Dirty(DirtyReason.PRICE_NEGATIVE)
    if price is not None and price[0] == 0:
        raise _Dirty(DirtyReason.PRICE_ZERO)
    if amount is not None and amount <= 0 and not cancelled:
        raise _Dirty(DirtyReason.AMOUNT_NOT_POSITIVE)


def _line_class(*, cancelled: bool, customer: str | None) -> LineClass:
    if cancelled:
        return LineClass.CANCELLED_LINE
    return LineClass.ANONYMOUS_SALE_LINE if customer is None else LineClass.SALE_LINE
