"""The tables ``[[printer]]`` and ``[display]`` of config.toml."""

from pathlib import Path

from agent.config.printers import (
    LATE_AFTER_MINUTES,
    ContactLevel,
    DisplayConfig,
    DisplayLanguage,
    FlowControl,
    PrinterConfig,
    PrinterKind,
    PrinterMode,
)
from drivers.character_sets import is_character_set
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table

BAUDS = (1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200)
MAX_PRINTERS = 8
_LEAST_COLUMNS, _MOST_COLUMNS = 16, 96
_PINS = (2, 5)
_MOST_LATE_MINUTES = 7 * 24 * 60
_DISPLAY_COLUMNS = (16, 20, 40)
_EXPECTED = 'a folder, a path, a port such as "COM3", "host:9100", "04b8:0e15" or a printer\'s name, as the kind says'


def read_printers(root: Table, base: Path) -> tuple[PrinterConfig, ...]:
    """Read every printer; names are distinct, and ``second`` is another one that the agent prints on."""
    tables = root.tables("printer", most=MAX_PRINTERS)
    printers = tuple(_printer(table, base) for table in tables)
    names = [printer.name for printer in printers]
    usable = {printer.name for printer in printers if not printer.is_hosts}
    for place, (table, printer) in enumerate(zip(tables, printers, strict=True)):
        if printer.name in names[:place]:
            table.note("name", "is another printer's name already")
        if printer.second and (printer.second not in usable or printer.second == printer.name):
            table.note("second", 'expected the name of another [[printer]], of mode "shared" or "own"')
    return printers


def read_display(root: Table) -> DisplayConfig | None:
    """Read the customer's display; without a port there is none."""
    table = root.table("display")
    port = table.optional_text("port", most=1_000)
    columns = table.integer("columns", 20, least=1)
    if columns not in _DISPLAY_COLUMNS:
        table.note("columns", f"expected one of {', '.join(map(str, _DISPLAY_COLUMNS))}")
    code_page = table.integer("code_page", least=0, most=255) if table.has("code_page") else None
    display = DisplayConfig(
        port=port or "",
        language=table.choice("language", DisplayLanguage, DisplayLanguage.ESCPOS),
        baud=read_baud(table),
        columns=columns,
        character_set=_character_set(table, "ascii"),
        code_page=code_page,
    )
    return display if port else None


def read_baud(table: Table) -> int:
    """Read the speed of a serial port."""
    baud = table.integer("baud", 9_600, least=1)
    if baud not in BAUDS:
        table.note("baud", f"expected one of {', '.join(map(str, BAUDS))}")
    return baud


def _printer(table: Table, base: Path) -> PrinterConfig:
    mode = table.choice("mode", PrinterMode, PrinterMode.HOST)
    kind = table.choice("kind", PrinterKind, PrinterKind.PREVIEW)
    substitutions = table.optional_text("substitutions", most=1_000)
    return PrinterConfig(
        name=table.text("name", "receipts", most=64),
        mode=mode,
        kind=kind,
        address=_address(table, mode, kind, base),
        baud=read_baud(table),
        flow=table.choice("flow", FlowControl, FlowControl.DTR),
        profile=_profile(table, base),
        width_columns=_width(table),
        second=table.optional_text("second", most=64) or "",
        late_after_minutes=table.integer("late_after_minutes", LATE_AFTER_MINUTES, least=1, most=_MOST_LATE_MINUTES),
        drawer_pin=_drawer_pin(table),
        drawer_open=table.choice("drawer_open", ContactLevel, ContactLevel.LOW),
        drawer_tenders=table.texts("drawer_tenders", (), most=32),
        character_set=_character_set(table, ""),
        substitutions=None if substitutions is None else base / substitutions,
    )


def _address(table: Table, mode: PrinterMode, kind: PrinterKind, base: Path) -> str:
    address = table.optional_text("address", most=1_000) or ""
    if not address:
        if mode is not PrinterMode.HOST:
            table.note("address", f"is missing; expected {_EXPECTED}", ProblemCode.MISSING)
        return ""
    if kind is PrinterKind.NETWORK and not _is_endpoint(address):
        table.note("address", 'expected "host:port", as "192.0.2.7:9100"')
    if kind is PrinterKind.USB and not _is_usb(address):
        table.note("address", 'expected "vendor:product" in hex, as "04b8:0e15", or with "/serial number" behind it')
    return str(base / address) if kind in {PrinterKind.PREVIEW, PrinterKind.FILE} else address


def _profile(table: Table, base: Path) -> str:
    """Give a name as it is, and the path of a file (``*.toml``) from the config's folder."""
    profile = table.optional_text("profile", most=1_000) or ""
    return str(base / profile) if profile.endswith(".toml") else profile


def _width(table: Table) -> int:
    width = table.integer("width_columns", 48, least=1)
    if width % 2 or not _LEAST_COLUMNS <= width <= _MOST_COLUMNS:
        table.note("width_columns", f"expected an even number from {_LEAST_COLUMNS} to {_MOST_COLUMNS}")
    return width


def _drawer_pin(table: Table) -> int | None:
    if not table.has("drawer_pin"):
        return None
    pin = table.integer("drawer_pin", least=1)
    if pin not in _PINS:
        table.note("drawer_pin", f"expected one of {', '.join(map(str, _PINS))}")
    return pin


def _character_set(table: Table, default: str) -> str:
    name = table.optional_text("character_set", most=64) or default
    if name and not is_character_set(name):
        table.note("character_set", 'expected a character set as Python names it, as "cp866"')
    return name


def _is_endpoint(address: str) -> bool:
    host, colon, port = address.rpartition(":")
    return bool(host and colon) and port.isascii() and port.isdigit() and 0 < int(port) < 65_536


def _is_usb(address: str) -> bool:
    ids, _, _ = address.partition("/")
    vendor, colon, product = ids.partition(":")
    return bool(colon) and all(len(part) == 4 and _is_hex(part) for part in (vendor, product))


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdefABCDEF" for letter in text)
