"""From a scanner's terminator to the agent's event, what a shared scanner's POS waits, and what idle scanners cost.

    python -m bench.scanning [--scans 200] [--idle-s 10] [--rounds 5] [--json]

A scanner at 9600 baud is played on a pseudo-terminal: a byte each 1.04 ms. The time runs from when its terminator was written, so
that the wire does not count, until the agent's event with the member's standing is there (`Scanning`, `identify`, a real
book), and for a shared scanner until the other program has read the whole scan from its port. The baseline reads the same
scans with pyserial alone, in the same run, in turns. Idle cost is the processor's time of six scanners that wait, against six
loops of pyserial alone.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent.config.scanners import ScannerConfig, ScannerMode
from agent.devices import Devices
from agent.events import Events
from agent.till.till import Till
from bench.measuring import Benchmark, Figures, Ratio, Report, Series
from bench.shop import card, open_till, sale
from drivers.scanners.framing import JOINED_MS

EVENT_BUDGET_MS, IDLE_BUDGET, SCANNERS = 5.0, 0.005, 6
_ABOUT = "terminator at 9600 baud to the agent's event, and the cost of six idle scanners"
_BYTE_S = 10 / 9600
_PAUSE_S = 0.02
_WAIT_S = 10.0
_MEMBERS = 20
_P99 = 0.99
_GRAIN = 1e-5
"""The least share of a core that is told from nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A scanner's end of a pseudo-terminal, and the port that is opened."""

    master: int
    port: str

    def scan(self, text: str) -> int:
        """Send a scan at 9600 baud; gives when its terminator was written, in nanoseconds."""
        for byte in text.encode():
            os.write(self.master, bytes((byte,)))
            time.sleep(_BYTE_S)
        at_ns = time.perf_counter_ns()
        os.write(self.master, b"\r")
        return at_ns


@contextmanager
def cable() -> Iterator[Cable]:
    """Lay a cable."""
    import pty
    import tty

    master, slave = pty.openpty()
    tty.setraw(slave)
    try:
        yield Cable(master=master, port=os.ttyname(slave))
    finally:
        os.close(slave)
        os.close(master)


class Arrivals:
    """When each scan was there; told by another thread."""

    def __init__(self) -> None:
        self._came = threading.Semaphore(0)
        self._at_ns = 0

    def tell(self) -> None:
        """One is there."""
        self._at_ns = time.perf_counter_ns()
        self._came.release()

    def wait(self) -> int:
        """Wait for the next one; gives when it was there."""
        if not self._came.acquire(timeout=_WAIT_S):
            raise RuntimeError("a scan did not arrive")
        return self._at_ns


@contextmanager
def pyserial_loop(port: str, tell: Callable[[], None]) -> Iterator[None]:
    """Read a port with pyserial alone, as a simple program does."""
    import serial

    ended = threading.Event()
    with serial.Serial(port, 9600, timeout=0.5) as opened:

        def read() -> None:
            while not ended.is_set():
                if opened.read(1) == b"\r":
                    tell()

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@contextmanager
def agent_loop(till: Till, ports: Sequence[str], mode: ScannerMode, tell: Callable[[], None]) -> Iterator[Devices]:
    """Read ports as the agent does; ``tell`` hears each event."""
    scanners = tuple(ScannerConfig(name=f"s{place}", mode=mode, device=port) for place, port in enumerate(ports))
    context = replace(till.context, config=replace(till.context.config, scanners=scanners))
    events = Events()
    events.listen(tell)
    devices = Devices(context, events)
    devices.start()
    try:
        _until(lambda: set(devices.states().values()) == {"ready"})
        time.sleep(JOINED_MS / 1_000)
        yield devices
    finally:
        devices.stop()


def latencies(laid: Cable, arrivals: Arrivals, texts: Sequence[str]) -> Series:
    """Send scans one by one and give how long each took from its terminator."""
    taken = []
    for text in texts:
        written_ns = laid.scan(text)
        taken.append(arrivals.wait() - written_ns)
        time.sleep(_PAUSE_S)
    return Series(ns=tuple(taken))


def busy(seconds: float) -> float:
    """Give the share of one core that this process uses while nothing is scanned."""
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    time.sleep(seconds)
    return max((time.process_time() - begun_cpu_s) / (time.perf_counter() - begun_s), _GRAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round found: latencies, and shares of a core."""

    bare: Series
    event: Series
    shared: Series
    idle_bare: float
    idle: float


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Take everything in turns."""
    members, goods = _texts(given.scans)
    with open_till(folder) as till:
        for number in range(_MEMBERS):
            till.commit(sale(number, 1))
        rounds = [
            Round(
                bare=_bare(members),
                event=_event(till, members),
                shared=_shared(till, goods),
                idle_bare=_idle_bare(given.idle_s),
                idle=_idle(till, given.idle_s),
            )
            for _ in range(given.rounds)
        ]
    return _report(folder, rounds)


def _texts(count: int) -> tuple[list[str], list[str]]:
    """Scans of members and of goods; the same one never twice within the time that makes them one."""
    return [card(place % _MEMBERS) for place in range(count)], [
        f"48700012345{place % 90 + 10}" for place in range(count)
    ]


def _bare(texts: Sequence[str]) -> Series:
    arrivals = Arrivals()
    with cable() as laid, pyserial_loop(laid.port, arrivals.tell):
        return latencies(laid, arrivals, texts)


def _event(till: Till, texts: Sequence[str]) -> Series:
    arrivals = Arrivals()
    with cable() as laid, agent_loop(till, [laid.port], ScannerMode.OWN, arrivals.tell):
        return latencies(laid, arrivals, texts)


def _shared(till: Till, texts: Sequence[str]) -> Series:
    arrivals = Arrivals()
    with cable() as laid, agent_loop(till, [laid.port], ScannerMode.SHARED, lambda: None) as devices:
        _until(lambda: bool(devices.told()[0]["forwarding"]["working"]))
        with pyserial_loop(devices.told()[0]["forwarding"]["port"], arrivals.tell):
            return latencies(laid, arrivals, texts)


def _idle_bare(seconds: float) -> float:
    with ExitStack() as stack:
        for one in [stack.enter_context(cable()) for _ in range(SCANNERS)]:
            stack.enter_context(pyserial_loop(one.port, lambda: None))
        return busy(seconds)


def _idle(till: Till, seconds: float) -> float:
    with ExitStack() as stack:
        ports = [stack.enter_context(cable()).port for _ in range(SCANNERS)]
        stack.enter_context(agent_loop(till, ports, ScannerMode.OWN, lambda: None))
        return busy(seconds)


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _WAIT_S
    while not true():
        if time.monotonic() > end:
            raise RuntimeError("the scanners did not become ready")
        time.sleep(0.01)


def _p99_ms(series: Series) -> float:
    ordered = sorted(series.ns)
    return ordered[min(len(ordered) - 1, int(len(ordered) * _P99))] / 1e6


def _all_in_ms(parts: Iterable[Series]) -> Figures:
    return Series(ns=tuple(ns for part in parts for ns in part.ns)).in_ms()


def _report(folder: Path, rounds: Sequence[Round]) -> Report:
    ratios = {
        "terminator to event, p99, share of 5 ms": Ratio(
            values=tuple(_p99_ms(one.event) / EVENT_BUDGET_MS for one in rounds), most=1.0
        ),
        "terminator to event against pyserial alone, p99": Ratio(
            values=tuple(_p99_ms(one.event) / _p99_ms(one.bare) for one in rounds)
        ),
        "terminator to event against pyserial alone, medians": Ratio(
            values=tuple(one.event.median_ns / one.bare.median_ns for one in rounds)
        ),
        "terminator to the other program of a shared scanner against pyserial alone, medians": Ratio(
            values=tuple(one.shared.median_ns / one.bare.median_ns for one in rounds)
        ),
        "six idle scanners, share of 0.5 % of a core": Ratio(
            values=tuple(one.idle / IDLE_BUDGET for one in rounds), most=1.0
        ),
        "six idle scanners against six loops of pyserial alone": Ratio(
            values=tuple(one.idle / one.idle_bare for one in rounds)
        ),
    }
    recorded = {
        "pyserial alone": _all_in_ms(one.bare for one in rounds),
        "event": _all_in_ms(one.event for one in rounds),
        "shared, at the other program": _all_in_ms(one.shared for one in rounds),
    }
    idle = {"idle, percent of a core": [round(one.idle * 100, 3) for one in rounds]}
    idle |= {"idle, pyserial alone, percent of a core": [round(one.idle_bare * 100, 3) for one in rounds]}
    return Report(name="scanning", about=_ABOUT, folder=folder, ratios=ratios, recorded={**recorded, **idle})


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--scans", type=int, default=200, help="scans of each kind in a round")
    benchmark.parser.add_argument("--idle-s", type=float, default=10.0, help="how long idle scanners are watched")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
