"""What the tests of sources share: waiting for something to happen, and a reader around a source."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drivers.scanners.framing import FramingSettings
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings, ReaderState, ScanReader
from drivers.scanners.source import ScanSource
from drivers.scanners.symbols import Symbol


def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"nothing happened within {timeout_s} s"
        time.sleep(0.002)


def state_is(reader: ScanReader, state: ReaderState) -> Callable[[], bool]:
    return lambda: reader.status.state is state


@contextmanager
def reading(
    source: ScanSource,
    heard: list[Symbol | GateRefusal],
    *,
    kind: DeviceKind = DeviceKind.BARCODE,
    framing: FramingSettings | None = None,
) -> Iterator[ScanReader]:
    """A reader of ``source`` that is quick to come back, once it is ready."""
    settings = ReaderSettings(framing=framing or FramingSettings(), first_retry_ms=5, last_retry_ms=20)
    reader = ScanReader(source, Gate(device=source.name, kind=kind), heard.append, settings=settings)
    reader.start()
    try:
        until(state_is(reader, ReaderState.READY))
        yield reader
    finally:
        assert reader.stop()
