"""The Windows source with a stand-in for the package hidapi; on Windows itself nothing of it was ever run."""

import sys
from types import ModuleType
from typing import Any

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.framing import Frame
from drivers.scanners.sources.hidapi_source import HidapiSettings, HidapiSource
from tests.drivers.scanners.sources.test_hid_pos import STANDARD, report


class Scanner:
    """What ``hid.device()`` is, and what was done with it."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.reports: list[bytes] = []
        self.opens = True
        self.descriptor: bytes | None = None

    def open_path(self, path: bytes) -> None:
        self.done.append(("open", path))
        if not self.opens:
            raise OSError("open failed")

    def send_feature_report(self, data: list[int]) -> int:
        self.done.append(("feature", data))
        raise ValueError("this model has no such report")

    def get_report_descriptor(self) -> list[int]:
        if self.descriptor is None:
            raise OSError("not told")
        return list(self.descriptor)

    def read(self, size: int, timeout_ms: int) -> list[int]:
        self.done.append(("read", size, timeout_ms))
        if not self.reports:
            return []
        found = self.reports.pop(0)
        if found == b"unplugged":
            raise OSError("read error")
        return list(found)

    def close(self) -> None:
        self.done.append("close")


def listed(path: bytes, **more: Any) -> dict[str, Any]:
    described = {"vendor_id": 0x0C2E, "product_id": 0x0B61, "serial_number": "A1", "usage_page": 0x8C, "path": path}
    return described | more


@pytest.fixture
def scanner(monkeypatch: pytest.MonkeyPatch) -> Scanner:
    made = Scanner()
    library = ModuleType("hid")
    plugged = [
        listed(b"keyboard", usage_page=1),
        listed(b"pos"),
        listed(b"other", product_id=0x0C61, serial_number="B1"),
        listed(b"other too", product_id=0x0C61, serial_number="B2"),
    ]
    library.device = lambda: made  # type: ignore[attr-defined]
    library.enumerate = lambda vendor, product: [  # type: ignore[attr-defined]
        one for one in plugged if (one["vendor_id"], one["product_id"]) == (vendor, product)
    ]
    monkeypatch.setitem(sys.modules, "hid", library)
    return made


def test_the_scanner_in_hid_pos_mode_is_opened_told_to_begin_and_read(scanner: Scanner) -> None:
    source = HidapiSource(HidapiSettings(device="0c2e:0b61"), name="counter 1")
    source.open()
    scanner.reports = [report(b"A" * 56, aim=b"]Q1", more=True), report(b"B", aim=b"]Q1")]
    read = [source.read(60_000) for _ in range(3)]
    with pytest.raises(DeviceBusy, match="counter 1: already open"):
        source.open()
    source.close()
    assert read == [b"", Frame(data=b"]Q1" + b"A" * 56 + b"B"), b""]
    waits = [("read", 4096, 250)] * 3
    assert scanner.done == [("open", b"pos"), ("feature", [254, 1]), *waits, "close"]


def test_the_scanners_own_descriptor_is_believed_where_it_can_be_had(scanner: Scanner) -> None:
    scanner.descriptor = STANDARD
    source = HidapiSource(HidapiSettings(device="0c2e:0b61:A1"))
    source.open()
    scanner.reports = [b"\x02]E0" + b"2112345678900".ljust(50, b"\0") + b"\0"]
    assert source.read(1) == Frame(data=b"]E02112345678900")
    source.close()


def test_an_interrupted_read_answers_at_once(scanner: Scanner) -> None:
    source = HidapiSource(HidapiSettings(device="0c2e:0b61"))
    source.open()
    source.interrupt()
    assert source.read(60_000) == b""
    assert scanner.done[-1] == ("feature", [254, 1])
    source.close()


def test_an_unplugged_scanner_is_gone_and_so_is_one_that_is_not_listed(scanner: Scanner) -> None:
    source = HidapiSource(HidapiSettings(device="0c2e:0b61"))
    source.open()
    scanner.reports = [b"unplugged"]
    with pytest.raises(DeviceGone, match="unplugged"):
        source.read(1)
    source.close()
    with pytest.raises(DeviceGone, match="not open"):
        source.read(1)
    with pytest.raises(DeviceGone, match="0C2E:0001"):
        HidapiSource(HidapiSettings(device="0c2e:0001")).open()


def test_a_scanner_that_does_not_open_is_busy_and_two_are_one_too_many(scanner: Scanner) -> None:
    scanner.opens = False
    with pytest.raises(DeviceBusy, match="another program"):
        HidapiSource(HidapiSettings(device="0c2e:0b61")).open()
    with pytest.raises(DeviceConfig, match="2 scanners are of 0C2E:0C61"):
        HidapiSource(HidapiSettings(device="0c2e:0c61")).open()


@pytest.mark.parametrize(("library", "words"), [(None, "extra hid-windows"), (ModuleType("hid"), "uninstall hid")])
def test_a_missing_or_another_library_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, library: ModuleType | None, words: str
) -> None:
    monkeypatch.setitem(sys.modules, "hid", library)
    with pytest.raises(DeviceConfig, match=words):
        HidapiSource(HidapiSettings(device="0c2e:0b61")).open()


def test_a_device_must_be_named_by_what_it_is() -> None:
    with pytest.raises(ValueError, match="VID:PID"):
        HidapiSettings(device="/dev/hidraw0")
