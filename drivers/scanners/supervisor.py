"""Keeps several scanners read at once, and changes which ones without disturbing the others.

Knows when a reader is to be started, replaced and ended; refuses to know what is scanned and where settings come from.
The life of one device is its reader's business; here a reader whose thread died is started again.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from drivers.errors import DeviceConfig, DriverError
from drivers.scanners.forwarding.forwarder import Forwarder, ForwardingStatus
from drivers.scanners.framing import Frame
from drivers.scanners.gate import Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings, ReaderStatus, ScanReader, Sharing
from drivers.scanners.source import ScanSource
from drivers.scanners.symbols import Symbol

_LOG: Final = logging.getLogger(__name__)
LOOK_S: Final = 1.0
"""How often dead threads are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharer:
    """Who else gets the scans of a device.

    Attributes:
        key: What the way was made from; the way of a device whose key stays equal is kept through a change.
        claims: Tells whether a symbol is ours.
        make_forwarder: Makes the way.
        suffix: What ends a scan for the other program where the device has no framing of its own.
    """

    key: object
    claims: Callable[[Symbol], bool]
    make_forwarder: Callable[[], Forwarder]
    suffix: bytes = b"\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One scanner that is to be read.

    Attributes:
        name: Tells it from the others.
        key: What it was made from; a device whose key stays equal keeps running.
        make_source: Makes its source, again for each reader.
        gate: Its gate.
        on_scan: Hears each admitted symbol and each refusal, in the reader's thread.
        settings: The reader's times.
        sharer: Who else gets the scans; None if the device is ours alone.
    """

    name: str
    key: object
    make_source: Callable[[], ScanSource]
    gate: Gate
    on_scan: Callable[[Symbol | GateRefusal], None]
    settings: ReaderSettings = field(default_factory=ReaderSettings)
    sharer: Sharer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """How one scanner is; a snapshot.

    Attributes:
        name: The device's.
        reader: What its reader does and has done since it was started.
        restarts: How often its thread died and was started again.
        forwarding: How the way to the other program is; None if the device is not shared.
    """

    name: str
    reader: ReaderStatus
    restarts: int = 0
    forwarding: ForwardingStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a change of the devices did: their names, sorted."""

    started: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Supervisor:
    """Runs the readers of all devices; safe from any thread."""

    def __init__(self, *, look_s: float = LOOK_S) -> None:
        self._look_s = look_s
        self._turn = threading.Lock()
        self._running: dict[str, _Running] = {}
        self._stopping = threading.Event()
        self._watchdog: threading.Thread | None = None

    def apply(self, devices: Iterable[Device]) -> Changes:
        """Read these devices and no others: what did not change keeps running.

        Raises:
            ValueError: Two of them have one name (the caller's bug).
        """
        wanted: dict[str, Device] = {}
        for device in devices:
            if device.name in wanted:
                raise ValueError(f"two devices are called {device.name}")
            wanted[device.name] = device
        with self._turn:
            changes = self._compare(wanted)
            ways = {name: self._running[name].end_reading(wanted[name]) for name in changes.changed}
            for name in changes.stopped:
                self._running.pop(name).end(for_good=True)
            for name in changes.started + changes.changed:
                self._running[name] = _Running(wanted[name], ways.get(name))
            self._watch()
        return changes

    def statuses(self) -> tuple[DeviceStatus, ...]:
        """How every device is, in the order of their names."""
        with self._turn:
            running = list(self._running.values())
        return tuple(sorted((one.status() for one in running), key=lambda status: status.name))

    def look(self) -> None:
        """Start the readers again whose threads died."""
        with self._turn:
            for running in self._running.values():
                running.revive()

    def stop(self) -> None:
        """Stop reading; ways to other programs stay for when the agent is back. May be called again."""
        self._stopping.set()
        if self._watchdog is not None:
            self._watchdog.join()
        with self._turn:
            while self._running:
                self._running.popitem()[1].end(for_good=False)

    def _compare(self, wanted: dict[str, Device]) -> Changes:
        present = {name for name in wanted if name in self._running}
        kept = {name for name in present if self._running[name].device.key == wanted[name].key}
        return Changes(
            started=tuple(sorted(wanted.keys() - present)),
            stopped=tuple(sorted(self._running.keys() - present)),
            changed=tuple(sorted(present - kept)),
            kept=tuple(sorted(kept)),
        )

    def _watch(self) -> None:
        if self._running and self._watchdog is None:
            self._watchdog = threading.Thread(target=self._look_again, name="scanners", daemon=True)
            self._watchdog.start()

    def _look_again(self) -> None:
        while not self._stopping.wait(self._look_s):
            self.look()


class _Running:
    """One device's reader, and its way to another program."""

    def __init__(self, device: Device, way: Forwarder | None = None) -> None:
        self.device = device
        self._restarts = 0
        self._way = way
        if device.sharer is not None and way is None:
            self._way = device.sharer.make_forwarder()
            self._way.start()
        self._reader = self._started()

    def status(self) -> DeviceStatus:
        return DeviceStatus(
            name=self.device.name,
            reader=self._reader.status,
            restarts=self._restarts,
            forwarding=None if self._way is None else self._way.status,
        )

    def revive(self) -> None:
        if self._reader.is_dead:
            _LOG.error("%s: the scanner's thread died, and is started again", self.device.name)
            self._restarts += 1
            self._reader = self._started()

    def end_reading(self, successor: Device) -> Forwarder | None:
        """Stop reading; gives the way if the successor goes on with it, else ends it for good."""
        self._stop_reader()
        ours, theirs = self.device.sharer, successor.sharer
        if ours is not None and theirs is not None and ours.key == theirs.key:
            return self._way
        if self._way is not None:
            self._way.stop(for_good=True)
        return None

    def end(self, *, for_good: bool) -> None:
        self._stop_reader()
        if self._way is not None:
            self._way.stop(for_good=for_good)

    def _stop_reader(self) -> None:
        if not self._reader.stop():
            _LOG.error("%s: the driver does not answer, and is left behind", self.device.name)

    def _started(self) -> ScanReader:
        device, sharing = self.device, None
        if device.sharer is not None and self._way is not None:
            sharing = Sharing(claims=device.sharer.claims, forward=self._way.forward, suffix=device.sharer.suffix)
        reader = ScanReader(self._source(), device.gate, device.on_scan, settings=device.settings, sharing=sharing)
        reader.start()
        return reader

    def _source(self) -> ScanSource:
        try:
            return self.device.make_source()
        except DriverError as fault:
            return _Unmade(self.device.name, fault)
        except Exception as fault:  # noqa: BLE001 - one driver's fault is not the others'
            return _Unmade(self.device.name, DeviceConfig(self.device.name, f"no driver ({type(fault).__name__})"))


class _Unmade:
    """Stands for a source that could not be made: it says why whenever it is opened."""

    def __init__(self, name: str, fault: DriverError) -> None:
        self.name = name
        self._fault = fault

    def open(self) -> None:
        raise self._fault

    def read(self, timeout_ms: int) -> bytes | Frame | Symbol:  # noqa: ARG002 - the contract
        raise self._fault

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass
