"""What is plugged in, told from what systems list; the folders are made up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.errors import DeviceGone
from drivers.scanners.discovery import (
    Found,
    card_readers,
    find_all,
    hid_pos_scanners,
    keyboards,
    serial_ports,
)
from tests.drivers.scanners.sources.test_hid_pos import HONEYWELL, KEYBOARD

ALL_KEYS = "10000 0 0 0 7 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"


@dataclass
class Port:
    device: str
    description: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """A /dev with links that stay."""
    for node in ("ttyACM0", "ttyACM1", "ttyS0", "input/event3", "input/event12", "input/event4"):
        path = tmp_path / "dev" / node
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for link, node in (
        ("serial/by-id/usb-Honeywell_1900-if00", "ttyACM0"),
        ("input/by-id/usb-Newland_HR22-event-kbd", "input/event12"),
    ):
        path = tmp_path / "dev" / link
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(tmp_path / "dev" / node)
    return tmp_path / "dev"


def keyboard(classes: Path, node: str, name: str, vendor: str, keys: str = ALL_KEYS) -> None:
    about = classes / "input" / node / "device"
    for file, text in (
        ("name", name),
        ("id/vendor", vendor),
        ("id/product", "0b61"),
        ("capabilities/key", keys),
        ("uniq", ""),
    ):
        (about / file).parent.mkdir(parents=True, exist_ok=True)
        (about / file).write_text(f"{text}\n", encoding="utf-8")


def test_a_serial_port_is_named_by_what_stays(devices: Path) -> None:
    ports = [
        Port(str(devices / "ttyS0"), "n/a"),
        Port(str(devices / "ttyACM1"), "Zebra DS2208", 0x05E0, 0x1701, "S1"),
        Port(str(devices / "ttyACM0"), "Honeywell 1900", 0x0C2E, 0x0B6A),
    ]
    by_id = str(devices / "serial/by-id/usb-Honeywell_1900-if00")
    assert list(serial_ports(lambda: ports, devices)) == [
        Found(kind="serial", device=by_id, label="Honeywell 1900", likely=True, stays=True),
        Found(kind="serial", device="05E0:1701:S1", label="Zebra DS2208", likely=True, stays=True),
        Found(kind="serial", device=str(devices / "ttyS0"), label="n/a", likely=False, stays=False),
    ]


def test_keyboards_with_digits_are_listed_and_scanners_among_them_told_by_their_names(
    devices: Path, tmp_path: Path
) -> None:
    classes = tmp_path / "class"
    keyboard(classes, "event12", "Newland Auto-ID HR22 Scanner", "1eab")
    keyboard(classes, "event3", "AT Translated Set 2 keyboard", "0000")
    keyboard(classes, "event4", "Power Button", "0000", keys="10000000000000 0")
    (classes / "input" / "event9").mkdir()
    by_id = str(devices / "input/by-id/usb-Newland_HR22-event-kbd")
    at = "/dev/input/event3"
    assert list(keyboards(classes, devices)) == [
        Found(kind="wedge", device=at, label="AT Translated Set 2 keyboard", likely=False, stays=False),
        Found(kind="wedge", device=by_id, label="Newland Auto-ID HR22 Scanner", likely=True, stays=True),
    ]


def test_a_hid_pos_scanner_is_told_by_its_report_descriptor(tmp_path: Path) -> None:
    for node, descriptor, told in (
        ("hidraw0", KEYBOARD, "HID_ID=0003:00000C2E:00000B61"),
        (
            "hidraw1",
            HONEYWELL,
            "DRIVER=hid-generic\nHID_ID=0003:00000C2E:00000B67\nHID_NAME=Honeywell\nHID_UNIQ=17",
        ),
        ("hidraw2", HONEYWELL, ""),
    ):
        about = tmp_path / "hidraw" / node / "device"
        about.mkdir(parents=True)
        (about / "report_descriptor").write_bytes(descriptor)
        (about / "uevent").write_text(told, encoding="utf-8")
    (tmp_path / "hidraw" / "hidraw3").mkdir()
    assert list(hid_pos_scanners(tmp_path)) == [
        Found(kind="hid_pos", device="0C2E:0B67:17", label="Honeywell", likely=True, stays=True),
    ]


def test_card_readers_are_those_of_pcsc_and_none_where_it_does_not_run() -> None:
    def silent() -> Iterable[str]:
        raise DeviceGone("pcsc", "the service does not run")

    name = "ACS ACR122U 00 00"
    assert list(card_readers(lambda: [name])) == [Found(kind="pcsc", device=name, label=name, likely=True, stays=True)]
    assert list(card_readers(silent)) == []


def test_this_machine_can_be_looked_at() -> None:
    likely = [one.likely for one in find_all()]
    assert likely == sorted(likely, reverse=True)
