"""The scanner in memory behaves like one on a cable."""

import pytest

from drivers.errors import DeviceBusy, DeviceGone
from drivers.scanners.sources.simulated import MAX_QUEUED_BYTES, SimulatedSource


def test_a_scan_comes_out_with_its_suffix() -> None:
    source = SimulatedSource(suffix=b"\r\n")
    source.open()
    source.scan("]E02112345678900")
    assert source.read(0) == b"]E02112345678900\r\n"
    assert source.read(1) == b""


def test_pieces_come_out_one_by_one() -> None:
    source = SimulatedSource()
    source.open()
    source.feed([b"21", b"", b"12\r"])
    assert [source.read(0), source.read(0), source.read(0)] == [b"21", b"12\r", b""]


def test_an_unplug_loses_what_was_not_read() -> None:
    source = SimulatedSource()
    source.open()
    source.scan("2112")
    source.unplug()
    with pytest.raises(DeviceGone):
        source.read(0)
    with pytest.raises(DeviceGone):
        source.open()
    source.plug_in()
    source.open()
    assert source.read(0) == b""


def test_it_has_one_owner() -> None:
    source = SimulatedSource()
    source.open()
    with pytest.raises(DeviceBusy):
        source.open()


def test_a_scan_before_the_open_waits() -> None:
    source = SimulatedSource()
    source.scan("2112")
    source.open()
    assert source.read(0) == b"2112\r"


def test_the_queue_has_an_end() -> None:
    source = SimulatedSource()
    with pytest.raises(BufferError, match="nobody reads"):
        source.feed([b"9" * (MAX_QUEUED_BYTES + 1)])
