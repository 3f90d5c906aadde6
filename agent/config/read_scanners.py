"""From the `[[scanner]]` tables of config.toml to settings; faults are noted in their document."""

import re
from pathlib import Path

from agent.config.read_printers import read_baud
from agent.config.scanners import TERMINATORS, ScannerConfig, ScannerKind, ScannerMode, is_com_port
from drivers.scanners.framing import MAX_AFFIX_BYTES, MAX_JOIN_MS
from drivers.scanners.sources.usb import UsbIdentity
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table

MAX_SCANNERS = 16
_PARITIES = ("N", "E", "O", "M", "S")
_APDU = re.compile(r"(?:[0-9A-Fa-f]{2} ?){4,261}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_EXPECTED = {
    ScannerKind.SERIAL: 'the port, as "/dev/serial/by-id/...", "COM5" or "0C2E:0B61"',
    ScannerKind.WEDGE: 'the keyboard, as "/dev/input/by-id/...-event-kbd" or "0C2E:0B61"',
    ScannerKind.HID_POS: 'the device, as "0C2E:0B61" or "/dev/hidraw0"',
    ScannerKind.NETWORK: 'the address, as "192.0.2.8:9100"',
    ScannerKind.SCRIPT: "the file that is played",
}
"""What `device` is, kind by kind; `loyaltill devices` prints it for what is plugged in."""
_UNSHARED = (ScannerKind.PCSC,)
_PLACELESS = (ScannerKind.STDIN, ScannerKind.SIMULATED)
_ONLY_ONE = (ScannerKind.STDIN, ScannerKind.PCSC)
"""Without a device these mean the only one there is."""


def read_scanners(tables: list[Table], base: Path) -> tuple[ScannerConfig, ...]:
    """Read every scanner; names differ, and so do the devices that the agent opens and the ports that it hands on to.

    Nothing is handed on to a port that is read as a scanner: its scans would come back for ever.
    """
    read = tuple(_scanner(table, base) for table in tables)
    sources = {_place(scanner.device) for scanner in read if scanner.mode is not ScannerMode.HOST and scanner.device}
    names: set[str] = set()
    devices: set[tuple[ScannerKind, str]] = set()
    ports: set[str] = set()
    for table, scanner in zip(tables, read, strict=True):
        if scanner.name and scanner.name in names:
            table.note("name", "is used by an earlier [[scanner]]", ProblemCode.REPEATED)
        names.add(scanner.name)
        opened, port = (scanner.kind, _place(scanner.device)), _place(scanner.forward_to)
        is_one = bool(scanner.device) or scanner.kind in _ONLY_ONE
        if scanner.mode is not ScannerMode.HOST and is_one and opened in devices:
            table.note("device", "is read by an earlier [[scanner]]", ProblemCode.REPEATED)
        devices.add(opened)
        if port and port in ports:
            table.note("forward_to", "is where an earlier [[scanner]] hands on to", ProblemCode.REPEATED)
        if port and port in sources:
            table.note("forward_to", "is read as a scanner, so that its scans would come back for ever")
        ports.add(port)
    return read


def _place(written: str) -> str:
    """Give one spelling of a device or port, since Windows and USB identities know no capitals."""
    identity = UsbIdentity.read(written)
    if identity is not None:
        return str(identity)
    bare = written.removeprefix("\\\\.\\")
    return bare.upper() if is_com_port(bare) else written


def _is_endpoint(address: str) -> bool:
    host, colon, port = address.rpartition(":")
    return bool(host and colon) and port.isascii() and port.isdigit() and 0 < int(port) < 65_536


def _scanner(table: Table, base: Path) -> ScannerConfig:
    kind = table.choice("kind", ScannerKind, ScannerKind.SERIAL)
    mode = table.choice("mode", ScannerMode, ScannerMode.HOST)
    if mode is ScannerMode.SHARED and kind in _UNSHARED:
        table.note("mode", "a card reader has no text to hand on; expected host or own")
    return ScannerConfig(
        name=_name(table),
        kind=kind,
        mode=mode,
        device=_device(table, kind, mode, base),
        baud=read_baud(table),
        data_bits=_one_of(table, "data_bits", 8, (7, 8)),
        parity=_parity(table),
        stop_bits=_one_of(table, "stop_bits", 1, (1, 2)),
        idle_ms=table.integer("idle_ms", 200, least=10, most=5_000),
        terminators=_terminators(table),
        prefix=_affix(table, "prefix"),
        suffix=_affix(table, "suffix"),
        join_ms=table.integer("join_ms", 0, most=MAX_JOIN_MS),
        magstripe=table.boolean("magstripe", default=False),
        listen=table.boolean("listen", default=False),
        allow_remote=table.boolean("allow_remote", default=False),
        apdus=_apdus(table),
        forward_to=_forward_to(table, mode, base),
    )


def _name(table: Table) -> str:
    name = table.text("name", most=32)
    if name and not _NAME.fullmatch(name):
        table.note("name", 'expected Latin letters, digits, "-" and "_", as "counter-1"')
    return name


def _device(table: Table, kind: ScannerKind, mode: ScannerMode, base: Path) -> str:
    device = table.optional_text("device", most=1_000) or ""
    if device and kind in _PLACELESS:
        table.note("device", f"a scanner of kind {kind} has none; leave it out")
    if not device and mode is not ScannerMode.HOST and kind in _EXPECTED:
        table.note("device", f"is missing; expected {_EXPECTED[kind]}", ProblemCode.MISSING)
    if device and kind is ScannerKind.NETWORK and not _is_endpoint(device):
        table.note("device", f"expected {_EXPECTED[kind]}")
    return str(base / device) if device and kind is ScannerKind.SCRIPT else device


def _forward_to(table: Table, mode: ScannerMode, base: Path) -> str:
    """A relative path belongs to the file's folder; the name of a COM port has no folder."""
    written = table.optional_text("forward_to", most=1_000) or ""
    if written and mode is not ScannerMode.SHARED:
        table.note("forward_to", 'only a scanner with mode = "shared" hands on')
    return str(base / written) if written and not is_com_port(written) else written


def _one_of(table: Table, key: str, default: int, known: tuple[int, ...]) -> int:
    value = table.integer(key, default)
    if value not in known:
        table.note(key, f"expected {' or '.join(map(str, known))}")
    return value


def _parity(table: Table) -> str:
    parity = table.text("parity", "N", most=1)
    if parity not in _PARITIES:
        table.note("parity", f"expected one of {', '.join(_PARITIES)}")
    return parity


def _terminators(table: Table) -> tuple[str, ...]:
    names = table.texts("terminators", TERMINATORS)
    if any(name not in TERMINATORS for name in names):
        table.note("terminators", f"expected some of {', '.join(TERMINATORS)}")
    return names


def _affix(table: Table, key: str) -> str:
    """Read what stands around every scan; as bytes it is UTF-8, as scanners of today send it."""
    affix = table.optional_text(key, most=MAX_AFFIX_BYTES) or ""
    if len(affix.encode()) > MAX_AFFIX_BYTES or not affix.isprintable():
        table.note(key, f"expected at most {MAX_AFFIX_BYTES} bytes of printable characters")
    return affix


def _apdus(table: Table) -> tuple[str, ...]:
    apdus = table.texts("apdus", (), most=16)
    if not all(_APDU.fullmatch(apdu) for apdu in apdus):
        table.note("apdus", 'expected commands in hexadecimal, as "00A4040007D2760000850101"')
    return apdus
