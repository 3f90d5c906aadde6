"""The HID POS source and its reader in umockdev's kernel: real opening, ioctls, reports and unplugging."""

import errno
import os
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.sources import hidraw_source
from drivers.scanners.sources.hidraw_source import HidrawDevice, HidrawSettings, HidrawSource, pos_scanners
from tests.drivers.scanners.sources.bed import bed
from tests.drivers.scanners.sources.test_hid_pos import HONEYWELL, KEYBOARD, STANDARD, report

if not sys.platform.startswith("linux"):
    pytest.skip("platform: hidraw is Linux", allow_module_level=True)

HIDRAW = {"module": "hidraw_source", "source": "HidrawSource", "settings": "HidrawSettings"}
LINK = "/dev/scanners/counter-1"


def scanner(
    number: int = 2, *, vendor: int = 0x0C2E, serial: str = "17164B2F", descriptor: bytes = HONEYWELL, **more: Any
) -> Any:
    """A scanner at ``/dev/hidraw<number>``."""
    hid = f"/devices/pci0000:00/usb1/1-{number}/1-{number}:1.0/0003:{vendor:04X}:0B61.000{number}"
    description = f"""P: {hid}
E: SUBSYSTEM=hid
E: HID_ID=0003:{vendor:08X}:00000B61
E: HID_NAME=Scanner
E: HID_UNIQ={serial}
H: report_descriptor={descriptor.hex().upper()}

P: {hid}/hidraw/hidraw{number}
N: hidraw{number}
E: DEVNAME=/dev/hidraw{number}
E: SUBSYSTEM=hidraw
A: dev=243:{number}
L: device=../../../0003:{vendor:04X}:0B61.000{number}
"""
    return {
        "node": f"/dev/hidraw{number}",
        "link": LINK,
        "sys": f"/sys{hid}/hidraw/hidraw{number}",
        "description": description,
        "vendor": vendor,
        "product": 0x0B61,
        "report_descriptor": descriptor.hex(),
        "gone_errno": errno.EIO,
        **more,
    }


@pytest.mark.parametrize("device", [LINK, "0c2e:0b61:17164B2F"])
def test_a_honeywell_scanner_is_told_to_begin_read_unplugged_and_read_again(device: str) -> None:
    with bed(scanner(), reader=HIDRAW, device=device) as running:
        running.wait_for_state("ready")
        assert running.wait_for(lambda line: line.get("bed") == "feature")["report"] == "fe01"
        running.do(node="/dev/hidraw2", write=report(b"2112345678900").hex())
        running.wait_for_scans(1)
        running.do(node="/dev/hidraw2", write=report(b"A" * 56, aim=b"]Q1", more=True).hex())
        time.sleep(0.05)
        running.do(node="/dev/hidraw2", write=report(b"B\r", aim=b"]Q1").hex())
        assert running.wait_for_scans(2) == ["]E02112345678900", "]Q1" + "A" * 56 + "B"]
        running.do(node="/dev/hidraw2", write=report(b"half", more=True).hex())
        unplugged_at = time.monotonic()
        running.do(node="/dev/hidraw2", unplug=True)
        assert running.wait_for_state("absent")["detail"] == "counter 1: unplugged"
        assert time.monotonic() - unplugged_at < 1
        running.do(plug=scanner(3))
        running.wait_for_state("ready", times=2)
        running.do(node="/dev/hidraw3", write=report(b"LOY-0042").hex())
        assert running.wait_for_scans(3)[2] == "]E0LOY-0042"


def test_a_scanner_of_another_vendor_by_the_standards_layout_is_read_and_told_nothing() -> None:
    with bed(scanner(vendor=0x05E0, descriptor=STANDARD), reader=HIDRAW, device="05e0:0b61") as running:
        running.wait_for_state("ready")
        data = b"\x02]E0" + b"2112345678900".ljust(50, b"\0") + b"\0"
        running.do(node="/dev/hidraw2", write=data.hex())
        assert running.wait_for_scans(1) == ["]E02112345678900"]
        assert [line for line in running.said if line.get("bed") == "feature"] == []


def test_a_device_that_is_not_in_hid_pos_mode_is_a_configuration_error() -> None:
    with bed(scanner(descriptor=KEYBOARD), reader=HIDRAW, device="/dev/hidraw2") as running:
        assert "HID POS mode" in running.wait_for_state("fault")["detail"]


def test_scanners_are_listed_from_sysfs_and_other_hid_devices_are_not(tmp_path: Path) -> None:
    def plug(number: int, descriptor: bytes, uevent: str) -> None:
        device = tmp_path / f"hidraw{number}" / "device"
        device.mkdir(parents=True)
        (device / "report_descriptor").write_bytes(descriptor)
        (device / "uevent").write_text(uevent)

    plug(0, KEYBOARD, "HID_ID=0003:0000046D:0000C31C\n")
    plug(10, HONEYWELL, "DRIVER=hid-generic\nHID_ID=0003:00000C2E:00000B61\nHID_NAME=Voyager\nHID_UNIQ=A1\n")
    plug(3, STANDARD, "HID_ID=0003:000005E0:00001200\n")
    plug(4, STANDARD, "DRIVER=hid-generic\n")
    (tmp_path / "hidraw5").mkdir()
    assert list(pos_scanners(tmp_path)) == [
        HidrawDevice(path="/dev/hidraw3", name="", vendor=0x05E0, product=0x1200, serial=""),
        HidrawDevice(path="/dev/hidraw10", name="Voyager", vendor=0x0C2E, product=0x0B61, serial="A1"),
    ]


def test_a_second_reader_of_ours_finds_the_scanner_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_: int, number: int, argument: bytearray | int) -> int:
        assert isinstance(argument, bytearray)
        told = {
            hidraw_source.HIDIOCGRAWINFO: struct.pack("=IHH", 3, 0x05E0, 0x0B61),
            hidraw_source.HIDIOCGRDESCSIZE: struct.pack("=I", len(STANDARD)),
            hidraw_source.HIDIOCGRDESC: struct.pack("=I", len(STANDARD)) + STANDARD,
        }[number]
        argument[: len(told)] = told
        return 0

    monkeypatch.setattr(hidraw_source, "ioctl", answer)
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as node:
        first, second = (HidrawSource(HidrawSettings(device=node.name)) for _ in range(2))
        first.open()
        with pytest.raises(DeviceBusy, match="another program"):
            second.open()
        first.close()
        second.open()
        second.close()


def test_what_is_no_hidraw_device_is_a_configuration_error_and_a_missing_one_is_gone() -> None:
    with pytest.raises(DeviceConfig, match="no hidraw device"):
        HidrawSource(HidrawSettings(device=os.devnull)).open()
    with pytest.raises(DeviceGone, match="ENOENT"):
        HidrawSource(HidrawSettings(device="/dev/hidraw-none")).open()
    with pytest.raises(DeviceGone, match="0C2E:0B61"):
        HidrawSource(HidrawSettings(device="0c2e:0b61"), listed=list).open()
    with pytest.raises(ValueError, match="VID:PID"):
        HidrawSettings(device="hidraw0")
