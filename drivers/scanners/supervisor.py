"""Keeps several scanners read at once, and changes which ones without disturbing the others.

Knows when a reader is to be started, replaced and ended; refuses to know what is scanned and where settings come from.
The life of one device is its reader's business; here a reader whose thread died is started again.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from drivers.errors import DeviceConfig, DriverError
from drivers.scanners.forwarding.forwarder import Forwarder, ForwardingStatus
from drivers.scanners.framing import Frame
from drivers.scanners.gate import Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings, ReaderState, ReaderStatus, ScanReader, Sharing, monotonic_ms
from drivers.scanners.source import ScanSource
from drivers.scanners.symbols import Symbol

_LOG: Final = logging.getLogger(__name__)
LOOK_S: Final = 1.0
"""How often dead threads are looked for."""
_STOP_MS: Final = 2000


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
    """Runs the readers of all devices; safe from any thread. Asking how they are never waits for a change of them."""

    def __init__(self, *, look_s: float = LOOK_S) -> None:
        self._look_s = look_s
        self._turn = threading.Lock()
        self._running: Mapping[str, _Running] = {}
        self._stopping = threading.Event()
        self._watchdog: threading.Thread | None = None

    def apply(self, devices: Iterable[Device]) -> Changes:
        """Read these devices and no others: what did not change keeps running.

        A device that cannot be started now is in fault, is tried again, and disturbs no other.

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
            leaving = {name: self._running[name] for name in changes.changed + changes.stopped}
            _stop_readers(leaving.values())
            ways = {name: leaving[name].hand_over(wanted[name]) for name in changes.changed}
            for name in changes.stopped:
                leaving[name].end_way(for_good=True)
            self._running = {name: self._running[name] for name in changes.kept}
            for name in changes.started + changes.changed:
                self._running = {**self._running, name: _Running(wanted[name], ways.get(name))}
            self._watch()
        return changes

    def statuses(self) -> tuple[DeviceStatus, ...]:
        """How every device is, in the order of their names."""
        return tuple(sorted((one.status() for one in self._running.values()), key=lambda status: status.name))

    def states(self) -> dict[str, ReaderState]:
        """Where every device is in its life, by name, without asking the ways to other programs."""
        return {name: one.reading.state for name, one in sorted(self._running.items())}

    def look(self) -> None:
        """Start the readers again whose threads died, and those that could not be started."""
        with self._turn:
            for running in self._running.values():
                running.revive()

    def stop(self) -> None:
        """Stop reading; ways to other programs stay for when the agent is back. May be called again."""
        self._stopping.set()
        if self._watchdog is not None:
            self._watchdog.join()
        with self._turn:
            leaving, self._running = self._running, {}
            _stop_readers(leaving.values())
            for running in leaving.values():
                running.end_way(for_good=False)

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
        if not self._running or self._watchdog is not None:
            return
        watchdog = threading.Thread(target=self._look_again, name="scanners", daemon=True)
        try:
            watchdog.start()
        except RuntimeError as fault:  # the system has no thread left now
            _LOG.error("nobody looks after the scanners until the next change (%s)", type(fault).__name__)
        else:
            self._watchdog = watchdog

    def _look_again(self) -> None:
        while not self._stopping.wait(self._look_s):
            try:
                self.look()
            except Exception as fault:  # noqa: BLE001 - the only one who looks must go on looking
                _LOG.error("looking after the scanners failed (%s)", type(fault).__name__)


class _Running:
    """One device's reader, and its way to another program; or why it could not be started."""

    def __init__(self, device: Device, way: Forwarder | None = None) -> None:
        self.device = device
        self._restarts = 0
        self._way = way
        self._reader: ScanReader | None = None
        self._fault = ""
        self._begin()

    @property
    def reading(self) -> ReaderStatus:
        reader = self._reader
        return ReaderStatus(state=ReaderState.FAULT, detail=self._fault) if reader is None else reader.status

    def status(self) -> DeviceStatus:
        way = self._way
        return DeviceStatus(
            name=self.device.name,
            reader=self.reading,
            restarts=self._restarts,
            forwarding=None if way is None else way.status,
        )

    def revive(self) -> None:
        if self._reader is None:
            self._begin()
        elif self._reader.is_dead:
            _LOG.error("%s: the scanner's thread died, and is started again", self.device.name)
            self._restarts += 1
            self._reader = None
            self._begin()

    def ask_to_stop(self) -> None:
        if self._reader is not None:
            self._reader.ask_to_stop()

    def stop_reader(self, timeout_ms: int) -> None:
        if self._reader is not None and not self._reader.stop(timeout_ms):
            _LOG.error("%s: the driver does not answer, and is left behind", self.device.name)

    def hand_over(self, successor: Device) -> Forwarder | None:
        """Give the way if the successor goes on with it, else end it for good."""
        ours, theirs = self.device.sharer, successor.sharer
        if ours is not None and theirs is not None and ours.key == theirs.key:
            return self._way
        self.end_way(for_good=True)
        return None

    def end_way(self, *, for_good: bool) -> None:
        if self._way is None:
            return
        try:
            self._way.stop(for_good=for_good)
        except Exception as fault:  # noqa: BLE001 - the other devices are to be ended too
            _LOG.error("%s: forwarding did not end well (%s)", self.device.name, type(fault).__name__)

    def _begin(self) -> None:
        """Start it; what prevents that, such as no thread or descriptor left, is a fault that may pass."""
        try:
            self._way = self._way or self._new_way()
            self._reader = self._started()
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is not the other devices' fault
            said = f"{self.device.name}: it could not be started ({type(fault).__name__})"
            if said != self._fault:
                _LOG.error("%s", said)
            self._fault = said
        else:
            self._fault = ""

    def _new_way(self) -> Forwarder | None:
        if self.device.sharer is None:
            return None
        way = self.device.sharer.make_forwarder()
        try:
            way.start()
        except BaseException:
            with suppress(Exception):
                way.stop()
            raise
        return way

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


def _stop_readers(leaving: Collection[_Running]) -> None:
    """Stop them all together: as long as the slowest takes, and no longer than `_STOP_MS`."""
    for running in leaving:
        running.ask_to_stop()
    end_ms = monotonic_ms() + _STOP_MS
    for running in leaving:
        running.stop_reader(max(1, end_ms - monotonic_ms()))


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
