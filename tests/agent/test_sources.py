"""Every kind of scanner that the settings know has a driver, made from them and named by them."""

from __future__ import annotations

import socket
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from agent.scanning import gate_of, settings_of
from agent.sources import make_source
from drivers.errors import DeviceConfig
from drivers.scanners.framing import FramingSettings
from drivers.scanners.gate import DeviceKind
from drivers.scanners.sources.script_source import ScriptSource
from drivers.scanners.sources.serial_source import SerialSource

DEVICES = {
    ScannerKind.SERIAL: "0C2E:0B6A",
    ScannerKind.WEDGE: "0C2E:0B61",
    ScannerKind.HID_POS: "0C2E:0B67",
    ScannerKind.PCSC: "ACS ACR122U",
    ScannerKind.NETWORK: "127.0.0.1:9100",
    ScannerKind.SCRIPT: "day.txt",
}
OWN = ScannerConfig(name="counter", mode=ScannerMode.OWN)


def of(kind: ScannerKind) -> ScannerConfig:
    return replace(OWN, kind=kind, device=DEVICES.get(kind, ""))


@pytest.mark.parametrize("kind", ScannerKind)
def test_every_kind_has_a_driver_that_is_named_by_the_settings(kind: ScannerKind) -> None:
    if kind is ScannerKind.WEDGE and sys.platform != "linux":
        pytest.skip("platform: only Linux lets a program have a keyboard to itself")
    source = make_source(of(kind))
    assert source.name == "counter"
    source.interrupt()
    source.close()


@pytest.mark.parametrize("kind", [ScannerKind.WEDGE, ScannerKind.HID_POS])
def test_settings_that_no_driver_takes_are_told_with_the_scanners_name(kind: ScannerKind) -> None:
    with pytest.raises(DeviceConfig, match="counter: "):
        make_source(replace(of(kind), device="the second one"))


def test_a_listening_scanner_takes_calls_from_this_machine_only_unless_it_is_told_otherwise() -> None:
    calls = replace(of(ScannerKind.NETWORK), device="0.0.0.0:9100", listen=True)
    with pytest.raises(DeviceConfig, match="counter: host must be an address of this machine alone"):
        make_source(calls)
    make_source(replace(calls, allow_remote=True)).close()


def test_the_settings_reach_the_drivers(tmp_path: Path) -> None:
    assert isinstance(make_source(of(ScannerKind.SERIAL)), SerialSource)
    file = tmp_path / "day.txt"
    file.write_text("scan 2100000000042\n", encoding="utf-8")
    source = make_source(replace(of(ScannerKind.SCRIPT), device=str(file)))
    assert isinstance(source, ScriptSource)


def test_a_scanner_on_the_network_is_called() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as scanner:
        address = f"127.0.0.1:{scanner.getsockname()[1]}"
        source = make_source(replace(of(ScannerKind.NETWORK), device=address))
        source.open()
        calling, _ = scanner.accept()
        with closing(calling):
            calling.sendall(b"2100000000042\r")
            assert source.read(10_000) == b"2100000000042\r"
        source.close()


def test_framing_and_gate_come_from_the_settings() -> None:
    config = replace(
        of(ScannerKind.SERIAL),
        idle_ms=50,
        terminators=("ETX", "CR"),
        prefix="§",
        suffix="~",
        join_ms=300,
        magstripe=True,
    )
    assert settings_of(config).framing == FramingSettings(
        idle_ms=50,
        terminators=b"\x03\r",
        always_terminated=True,
        prefix="§".encode(),
        suffix=b"~",
        join_ms=300,
        joined=True,
    )
    assert settings_of(OWN).framing == FramingSettings(terminators=b"\r\n\t\x03\x04\x00", joined=True)
    assert settings_of(replace(OWN, terminators=())).framing == FramingSettings(terminators=b"", joined=True)
    assert [kind for kind in ScannerKind if settings_of(of(kind)).framing.joined] == [
        ScannerKind.SERIAL,
        ScannerKind.WEDGE,
    ]
    known = (ScannerKind.SERIAL, ScannerKind.WEDGE, ScannerKind.STDIN, ScannerKind.PCSC)
    kinds = {kind: gate_of(of(kind)).kind for kind in known}
    assert kinds == {
        ScannerKind.SERIAL: DeviceKind.BARCODE,
        ScannerKind.WEDGE: DeviceKind.WEDGE,
        ScannerKind.STDIN: DeviceKind.KEYED,
        ScannerKind.PCSC: DeviceKind.KEYED,
    }
    assert gate_of(config).kind is DeviceKind.MAGSTRIPE
