"""``loyaltill decode``: what scans say, one a line; for who sets up a scanner, and for tests."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agent.config.read import load_till_config
from cli.failures import usage
from cli.options import config_file, explain
from drivers.scanners.decoding.classify import classify
from drivers.scanners.decoding.reading import Kind, Reading, error
from drivers.scanners.decoding.settings import NO_SETTINGS, DecodingSettings
from drivers.scanners.decoding.swipes import as_swiped
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.passed_on import read_passed_on
from drivers.scanners.symbols import decode

_ABOUT = """\
Say what scans mean, as a till would understand them: each line of standard input is one scan, and one line comes out for it. A
line in quotes is a JSON string, so that control characters can be written as escapes; any other is taken as it stands. GS1
data may also be written with brackets, "(01)...", or with ^ for FNC1.

A payment card is refused, and nothing of it is printed. Phone numbers, cards and numbers of one's own are as the settings of a
till say; without --config none are known, and --country names a store's country."""
_AFTER = """\
Kinds are member, item, coupon, gs1, phone, receipt, payment_refused, unknown, ambiguous and error; see docs/SPEC-scans.md."""
_KINDS: Final = tuple(kind.value for kind in DeviceKind)
_UTF8_BOM: Final = b"\xef\xbb\xbf"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    explain(parser, _ABOUT, "echo ']E05901234123457' | loyaltill decode\nloyaltill decode --json < scans.txt", _AFTER)
    parser.add_argument("--json", action="store_true", help="print one JSON object for each line")
    parser.add_argument("--config", type=Path, metavar="FILE", help="a till's settings; default: none")
    parser.add_argument(
        "--device",
        choices=_KINDS,
        default=DeviceKind.HOST.value,
        metavar="KIND",
        help=f"where scans come from: {', '.join(_KINDS)}; default: host",
    )
    parser.add_argument("--country", metavar="XX", help="the store's country, as KZ; default: that of --config")


def run(arguments: argparse.Namespace) -> int:
    """Read lines until they end."""
    settings, device = _settings(arguments), DeviceKind(arguments.device)
    gate = Gate(device="standard input", kind=device, ranges=settings.ranges)
    for line in _lines():
        reading = read_line(line, gate, settings)
        print(json.dumps(as_json(reading)) if arguments.json else _for_people(reading), flush=True)
    return 0


def read_line(line: bytes, gate: Gate, settings: DecodingSettings) -> Reading:
    """What one line says; never raises, whatever its bytes.

    Args:
        line: Without its line end.
        gate: The gate of the device that it is read as if from.
        settings: How scans are read.
    """
    symbol = read_passed_on(_scanned(line))
    if isinstance(symbol, str):
        return error(symbol)
    if gate.kind is DeviceKind.MAGSTRIPE:
        symbol = as_swiped(symbol)
    admitted = gate.admit(symbol)
    if isinstance(admitted, GateRefusal):
        return Reading(kind=Kind.PAYMENT_REFUSED, reason=admitted.reason.value)
    return classify(admitted, settings, gate.kind)


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading as JSON values."""
    values: dict[str, Any] = {
        "symbology": reading.symbology,
        "kind": reading.kind.value,
        "value": reading.value,
        "fields": dict(reading.fields),
    }
    if reading.reason:
        values["reason"] = reading.reason
    if reading.alternatives:
        values["readings"] = [as_json(one) for one in reading.alternatives]
    return values


def _settings(arguments: argparse.Namespace) -> DecodingSettings:
    settings = NO_SETTINGS if arguments.config is None else load_till_config(config_file(arguments)).decoding
    if arguments.country is None:
        return settings
    try:
        return replace(settings, country=arguments.country.upper())
    except ValueError as fault:
        usage(f"--country: {fault}")


def _lines() -> Iterator[bytes]:
    """The lines of standard input, without line ends; the mark that some editors put first is none of them."""
    first = True
    for line in sys.stdin.buffer:
        yield (line.removeprefix(_UTF8_BOM) if first else line).rstrip(b"\r\n")
        first = False


def _scanned(line: bytes) -> bytes | str:
    """What a device would have sent: the text of a JSON string, or the line itself."""
    if line[:1] != b'"':
        return line
    try:
        text = json.loads(decode(line))
    except (ValueError, RecursionError):
        return line
    return text if isinstance(text, str) else line


def _for_people(reading: Reading) -> str:
    said = [reading.kind.value]
    if reading.value:
        said.append("".join(char if char.isprintable() else " " for char in reading.value))
    if reading.reason:
        said.append(f"({reading.reason.replace('_', ' ')})")
    if reading.symbology:
        said.append(f"in {reading.symbology}")
    said += [f"{name}={value}" for name, value in reading.fields.items()]
    return " ".join(said) + "".join(f"\n  or {_for_people(one)}" for one in reading.alternatives)
