"""What a receipt file looks like: which columns, which clock, which money, what is cancelled and what is not goods.

A mapping is a value; `hq.history.mapping_reader` reads one from TOML. It knows columns and formats, and refuses to
know rows, tills and points.
"""

import hashlib
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rounding


class QuantitySign(StrEnum):
    """The sign that a cancelled line's quantity has in the file."""

    NEGATIVE = "negative"
    POSITIVE = "positive"


class InvoiceRestart(StrEnum):
    """When the shop's invoice numbers begin anew."""

    NEVER = "never"
    """An invoice number is one receipt in the whole file."""
    DAILY = "daily"
    """An invoice number and a date on the shop's clock are one receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How the text of the file is written.

    Attributes:
        delimiter: One character between cells.
        encoding: A text encoding known to Python; a byte order mark of UTF-8 is always tolerated.
        decimal_separator: ``.`` or ``,``.
    """

    delimiter: str
    encoding: str
    decimal_separator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The header's name for each thing a row tells; None where the file does not tell it.

    Attributes:
        amount: The price paid for the line; where it is mapped it is taken as it is, and unit_price is only checked.
        tax: The tax included in the amount.
    """

    invoice: str
    item: str
    quantity: str
    timestamp: str
    customer: str
    unit_price: str | None
    amount: str | None
    description: str | None
    category: str | None
    tax: str | None

    def named(self) -> dict[str, str]:
        """The columns that are mapped: what a row tells -> the header's name, in a fixed order."""
        return {key: name for key, name in asdict(self).items() if name is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """How a cancelled line looks; exactly one of the three ways is in use.

    Attributes:
        invoice_prefix: The invoice begins so; or None.
        negative_quantity: The quantity is below zero.
        column: The header's name of a column that says so, with ``values``; or None.
        values: The values of ``column`` that mean a cancellation.
        quantity: The sign of the quantity on such a line; anything else makes the row dirty.
    """

    invoice_prefix: str | None
    negative_quantity: bool
    column: str | None
    values: frozenset[str]
    quantity: QuantitySign


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGoods:
    """Items that stand on receipts but are not goods: postage, fees, vouchers.

    Attributes:
        category: The category such lines get, whatever the file says.
        items: Whole item codes.
        prefixes: Beginnings of item codes.
        patterns: Regular expressions for whole item codes.
    """

    category: str
    items: frozenset[str]
    prefixes: tuple[str, ...]
    patterns: tuple[str, ...]

    def matches(self, item: str) -> bool:
        """Tell whether ``item`` is not goods."""
        if item in self.items or item.startswith(self.prefixes):
            return True
        return any(re.fullmatch(pattern, item) for pattern in self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptMapping:
    """Everything needed to read one kind of receipt file.

    Attributes:
        name: What people call this mapping.
        timestamp_format: As for ``datetime.strptime``, digits only.
        zone: The shop's clock; a timestamp without an offset is read in it.
        rounding: How quantity × unit price becomes minor units.
        restart: Whether rows of one invoice number on two dates are one receipt or two.
    """

    name: str
    file: FileFormat
    columns: Columns
    timestamp_format: str
    zone: ZoneInfo
    currency: Currency
    rounding: Rounding
    restart: InvoiceRestart
    cancellation: Cancellation
    not_goods: NotGoods

    def digest(self) -> str:
        """SHA-256, in hex, of all that decides how a row is read; not of the name and comments."""
        parts = (
            self.file,
            self.columns,
            self.timestamp_format,
            self.zone.key,
            self.currency,
            self.rounding,
            self.restart,
            (self.cancellation.invoice_prefix, self.cancellation.negative_quantity, self.cancellation.column),
            (sorted(self.cancellation.values), self.cancellation.quantity),
            (self.not_goods.category, sorted(self.not_goods.items)),
            (self.not_goods.prefixes, self.not_goods.patterns),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def wanted_columns(self) -> dict[str, str]:
        """Every column the header must have: the mapping's key -> the header's name."""
        wanted = {f"columns.{key}": name for key, name in self.columns.named().items()}
        if self.cancellation.column is not None:
            wanted["cancellation.column"] = self.cancellation.column
        return wanted
