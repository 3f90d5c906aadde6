"""Reading a mapping from TOML, with every problem at once.

Knows the keys of a mapping file and their bounds; the values become a `ReceiptMapping`. Documented by the shipped
mappings, which explain each key.
"""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hq.history.mapping import (
    Cancellation,
    Columns,
    FileFormat,
    InvoiceRestart,
    NotGoods,
    QuantitySign,
    ReceiptMapping,
)
from loyalty.numbers.currency import Currency, is_currency_code
from loyalty.numbers.limits import MAX_SCALE
from loyalty.numbers.rates import Rounding
from loyalty.reading.problems import BadFile, Problem, ProblemCode
from loyalty.reading.tables import Document, Table

_DIRECTIVES = frozenset("YymdHIMSpfjz%")
_UTC = ZoneInfo("UTC")


def read_mapping(path: Path) -> ReceiptMapping:
    """Read the mapping file at ``path``.

    Raises:
        BadFile: it cannot be read or used; names file, line, key and what was expected, for every problem.
    """
    return _read(path, str(path))


def shipped_mappings() -> tuple[ReceiptMapping, ...]:
    """The mappings that come with Loyaltill, by file name."""
    folder = files("hq.history") / "mappings"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return tuple(_read(entry, entry.name) for entry in found)


def parse_mapping(text: str, name: str) -> ReceiptMapping:
    """Read a mapping from TOML text; ``name`` is what problems call the file.

    Raises:
        BadFile: it cannot be used.
    """
    document = Document(text, name)
    root = document.root
    root.integer("format", least=1, most=1)
    time, money = root.table("time"), root.table("money")
    mapping = ReceiptMapping(
        name=root.text("name"),
        file=_file(root.table("file")),
        columns=_columns(root.table("columns")),
        timestamp_format=_timestamp_format(time),
        zone=_zone(time),
        currency=_currency(money),
        rounding=money.choice("rounding", Rounding, Rounding.HALF_UP),
        restart=root.table("invoices").choice("restart", InvoiceRestart, InvoiceRestart.NEVER),
        cancellation=_cancellation(root.table("cancellation")),
        not_goods=_not_goods(root.table("not_goods")),
    )
    document.finish()
    return mapping


def _read(source: Path | Traversable, name: str) -> ReceiptMapping:
    try:
        text = source.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise _unreadable(name, f"cannot be read: {fault.strerror or fault}; expected a TOML file") from fault
    except UnicodeDecodeError as fault:
        raise _unreadable(name, "expected text in UTF-8") from fault
    return parse_mapping(text, name)


def _unreadable(name: str, fault: str) -> BadFile:
    return BadFile(name, [Problem(line=None, key="", fault=fault, code=ProblemCode.NOT_READABLE)])


def _file(table: Table) -> FileFormat:
    delimiter = table.text("delimiter", ",", most=1)
    if delimiter in {'"', "\r", "\n"}:
        table.note("delimiter", "expected one character that is neither a quote nor a line end")
    encoding = table.text("encoding", "utf-8")
    if encoding and not _is_text_encoding(encoding):
        table.note("encoding", "expected the name of a text encoding, as utf-8 or cp1251")
    separator = table.text("decimal_separator", ".", most=1)
    if separator not in {".", ",", ""}:
        table.note("decimal_separator", 'expected "." or ","')
    return FileFormat(delimiter=delimiter, encoding=encoding, decimal_separator=separator)


def _is_text_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _columns(table: Table) -> Columns:
    columns = Columns(
        invoice=table.text("invoice"),
        item=table.text("item"),
        quantity=table.text("quantity"),
        timestamp=table.text("timestamp"),
        customer=table.text("customer"),
        unit_price=table.optional_text("unit_price"),
        amount=table.optional_text("amount"),
        description=table.optional_text("description"),
        category=table.optional_text("category"),
        tax=table.optional_text("tax"),
    )
    if columns.unit_price is None and columns.amount is None:
        table.note("unit_price", "is missing; expected a column for unit_price, for amount, or for both")
    users: dict[str, str] = {}
    for key, name in columns.named().items():
        if name and users.setdefault(name, key) != key:
            table.note(key, f"names the same column as {users[name]}; expected a column of its own")
    return columns


def _timestamp_format(table: Table) -> str:
    form = table.text("format")
    directives = re.findall(r"%(.?)", form, flags=re.DOTALL)
    unknown = [f"%{letter}" for letter in directives if letter not in _DIRECTIVES]
    if unknown:
        table.note("format", f"{unknown[0]} is not known; expected digits, as in %Y-%m-%d %H:%M:%S")
    elif form and not _says_when(set(directives)):
        table.note("format", "expected year, month, day, hour and minute, as in %Y-%m-%d %H:%M")
    return form


def _says_when(directives: set[str]) -> bool:
    has_day = {"m", "d"} <= directives or "j" in directives
    has_hour = "H" in directives or {"I", "p"} <= directives
    return bool({"Y", "y"} & directives) and has_day and has_hour and "M" in directives


def _zone(table: Table) -> ZoneInfo:
    name = table.text("zone")
    try:
        return ZoneInfo(name) if name else _UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.note("zone", "is no time zone; expected an IANA name, as Asia/Baku")
        return _UTC


def _currency(table: Table) -> Currency:
    code = table.text("currency")
    scale = table.integer("scale", least=0, most=MAX_SCALE)
    if is_currency_code(code):
        return Currency(code=code, scale=scale)
    if code:
        table.note("currency", "expected three capital letters, as in ISO 4217: GBP")
    return Currency(code="XXX", scale=scale)


def _cancellation(table: Table) -> Cancellation:
    prefix, column = table.optional_text("invoice_prefix"), table.optional_text("column")
    negative = table.boolean("negative_quantity", False)
    values = table.texts("values", ())
    sign = table.choice("quantity", QuantitySign, QuantitySign.NEGATIVE)
    if (prefix is not None) + (column is not None) + negative != 1:
        table.document.note(
            table.path, "expected exactly one of invoice_prefix, negative_quantity = true, or column with values"
        )
    if (column is not None) != bool(values):
        table.note("values", "expected together with column: the values that mean a cancellation")
    if negative and sign is QuantitySign.POSITIVE:
        table.note("quantity", "expected negative, since negative_quantity is true")
    return Cancellation(
        invoice_prefix=prefix, negative_quantity=negative, column=column, values=frozenset(values), quantity=sign
    )


def _not_goods(table: Table) -> NotGoods:
    patterns = table.texts("patterns", ())
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as fault:
            table.note("patterns", f"has no regular expression: {fault}")
    return NotGoods(
        category=table.text("category", "not-goods"),
        items=frozenset(table.texts("items", ())),
        prefixes=table.texts("prefixes", ()),
        patterns=patterns,
    )
