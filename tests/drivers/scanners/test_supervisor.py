"""Several scanners at once: what changes starts and stops, what does not is not disturbed, what died is started again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from drivers.errors import DeviceConfig
from drivers.scanners.forwarding.forwarder import ForwardingStatus
from drivers.scanners.framing import Frame
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings, ReaderState, ReaderStatus
from drivers.scanners.source import ScanSource
from drivers.scanners.sources.simulated import SimulatedSource
from drivers.scanners.supervisor import Changes, Device, Sharer, Supervisor
from drivers.scanners.symbols import Symbol

QUICK = ReaderSettings(first_retry_ms=5, last_retry_ms=20)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "nothing happened within 10 s"
        time.sleep(0.002)


class Way:
    """A forwarder that keeps what it is given, and says what became of it."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.life: list[str] = []

    @property
    def status(self) -> ForwardingStatus:
        return ForwardingStatus(port="way", sent=len(self.got))

    def start(self) -> None:
        self.life.append("start")

    def forward(self, scan: bytes) -> None:
        self.got.append(scan)

    def stop(self, *, for_good: bool = False) -> None:
        self.life.append("stop for good" if for_good else "stop")


class Counter:
    """Scanners by name, and what they read."""

    def __init__(self) -> None:
        self.sources: dict[str, SimulatedSource] = {}
        self.heard: list[tuple[str, Symbol | GateRefusal]] = []
        self.ways: list[Way] = []

    def device(self, name: str, key: object = 1, sharer: Sharer | None = None) -> Device:
        source = self.sources.setdefault(name, SimulatedSource(name))
        return Device(
            name=name,
            key=key,
            make_source=lambda: source,
            gate=Gate(device=name, kind=DeviceKind.BARCODE),
            on_scan=lambda outcome: self.heard.append((name, outcome)),
            settings=QUICK,
            sharer=sharer,
        )

    def sharer(self, key: object = "port") -> Sharer:
        def make() -> Way:
            self.ways.append(Way())
            return self.ways[-1]

        return Sharer(key=key, claims=lambda symbol: symbol.text.startswith("2100"), make_forwarder=make)


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor(look_s=0.02)
    yield made
    made.stop()
    made.stop()
    assert made.statuses() == ()


def states(supervisor: Supervisor) -> dict[str, ReaderState]:
    return {status.name: status.reader.state for status in supervisor.statuses()}


def test_two_scanners_are_read_and_one_that_is_unplugged_does_not_disturb_the_other(
    supervisor: Supervisor, counter: Counter
) -> None:
    changes = supervisor.apply([counter.device("scale"), counter.device("counter")])
    assert changes == Changes(started=("counter", "scale"))
    until(lambda: states(supervisor) == {"counter": ReaderState.READY, "scale": ReaderState.READY})
    counter.sources["scale"].unplug()
    until(lambda: states(supervisor)["scale"] is ReaderState.ABSENT)
    counter.sources["counter"].scan("1")
    until(lambda: counter.heard == [("counter", Symbol(text="1"))])
    counter.sources["scale"].plug_in()
    until(lambda: states(supervisor)["scale"] is ReaderState.READY)
    counter.sources["scale"].scan("1")
    until(lambda: len(counter.heard) == 2)


def test_an_unplug_is_noticed_within_a_second(supervisor: Supervisor, counter: Counter) -> None:
    supervisor.apply([counter.device("counter")])
    until(lambda: states(supervisor)["counter"] is ReaderState.READY)
    began = time.monotonic()
    counter.sources["counter"].unplug()
    until(lambda: states(supervisor)["counter"] is ReaderState.ABSENT)
    assert time.monotonic() - began < 1


def test_what_did_not_change_keeps_running_what_did_is_started_anew(supervisor: Supervisor, counter: Counter) -> None:
    supervisor.apply([counter.device("same"), counter.device("other"), counter.device("gone")])
    counter.sources["same"].scan("1")
    counter.sources["other"].scan("1")
    until(lambda: len(counter.heard) == 2)
    changes = supervisor.apply([counter.device("new"), counter.device("other", 2), counter.device("same")])
    assert changes == Changes(started=("new",), stopped=("gone",), changed=("other",), kept=("same",))
    until(lambda: set(states(supervisor).values()) == {ReaderState.READY})
    admitted = {status.name: status.reader.admitted for status in supervisor.statuses()}
    assert admitted == {"new": 0, "other": 0, "same": 1}
    counter.sources["gone"].open()


def test_two_devices_of_one_name_are_refused_and_nothing_changes(supervisor: Supervisor, counter: Counter) -> None:
    with pytest.raises(ValueError, match="two devices are called counter"):
        supervisor.apply([counter.device("counter"), counter.device("counter", 2)])
    assert supervisor.statuses() == ()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_thread_is_started_again_with_a_new_source(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    class Deadly(SimulatedSource):
        def read(self, timeout_ms: int) -> bytes | Frame | Symbol:
            raise SystemExit

    made: list[ScanSource] = []
    heard: list[Symbol | GateRefusal] = []

    def make() -> ScanSource:
        made.append(SimulatedSource("counter") if made else Deadly("counter"))
        return made[-1]

    gate = Gate(device="counter", kind=DeviceKind.BARCODE)
    supervisor.apply([Device(name="counter", key=1, make_source=make, gate=gate, on_scan=heard.append, settings=QUICK)])
    until(lambda: len(made) == 2)
    until(lambda: states(supervisor)["counter"] is ReaderState.READY)
    assert isinstance(made[1], SimulatedSource)
    made[1].scan("1")
    until(lambda: heard == [Symbol(text="1")])
    (status,) = supervisor.statuses()
    assert status.restarts == 1
    assert "counter: the scanner's thread died, and is started again" in caplog.messages


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (DeviceConfig("broken", "install loyaltill[pcsc]"), "broken: install loyaltill[pcsc]"),
        (ModuleNotFoundError("smartcard"), "broken: no driver (ModuleNotFoundError)"),
    ],
)
def test_a_source_that_cannot_be_made_is_a_fault_of_that_device_alone(
    supervisor: Supervisor, counter: Counter, fault: Exception, words: str
) -> None:
    def make() -> ScanSource:
        raise fault

    supervisor.apply([replace(counter.device("broken"), make_source=make), counter.device("good")])
    until(lambda: states(supervisor) == {"broken": ReaderState.FAULT, "good": ReaderState.READY})
    assert supervisor.statuses()[0].reader.detail == words


def test_a_shared_scanner_hands_on_what_is_not_claimed(supervisor: Supervisor, counter: Counter) -> None:
    supervisor.apply([counter.device("counter", sharer=counter.sharer())])
    counter.sources["counter"].scan("2100000000042")
    counter.sources["counter"].feed([b"4870001234567\r", b"\n"])
    (way,) = counter.ways
    until(lambda: way.got == [b"4870001234567\r", b"\n"])
    assert [name for name, _ in counter.heard] == ["counter", "counter"]
    until(lambda: supervisor.statuses()[0].forwarding == ForwardingStatus(port="way", sent=2))


def test_the_way_to_the_other_program_stays_while_it_leads_to_the_same_place(
    supervisor: Supervisor, counter: Counter
) -> None:
    supervisor.apply([counter.device("counter", 1, counter.sharer("A"))])
    supervisor.apply([counter.device("counter", 2, counter.sharer("A"))])
    assert [way.life for way in counter.ways] == [["start"]]
    supervisor.apply([counter.device("counter", 3, counter.sharer("B"))])
    supervisor.apply([counter.device("counter", 4)])
    supervisor.apply([counter.device("counter", 5, counter.sharer("B"))])
    supervisor.apply([])
    supervisor.apply([counter.device("counter", 6, counter.sharer("B"))])
    supervisor.stop()
    gone = ["start", "stop for good"]
    assert [way.life for way in counter.ways] == [gone, gone, gone, ["start", "stop"]]


class Stuck(SimulatedSource):
    """A driver that does not answer: it opens for ever, as a network scanner that is off does for seconds."""

    def __init__(self, name: str, let_go: threading.Event) -> None:
        super().__init__(name)
        self._let_go = let_go

    def open(self) -> None:
        self._let_go.wait(30)


@pytest.fixture
def let_go() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_how_scanners_are_is_told_at_once_while_others_are_stopped_and_these_are_stopped_together(
    supervisor: Supervisor, counter: Counter, let_go: threading.Event
) -> None:
    stuck = [counter.device(name) for name in ("a", "b", "c")]
    stuck = [replace(one, make_source=lambda one=one: Stuck(one.name, let_go)) for one in stuck]  # type: ignore[misc]
    supervisor.apply([*stuck, counter.device("good", sharer=counter.sharer())])
    until(lambda: states(supervisor)["a"] is ReaderState.OPENING and states(supervisor)["good"] is ReaderState.READY)
    began = time.monotonic()
    changing = threading.Thread(target=supervisor.apply, args=([counter.device("good", sharer=counter.sharer())],))
    changing.start()
    longest_s = 0.0
    while changing.is_alive():
        asked_at = time.monotonic()
        supervisor.statuses()
        assert supervisor.states()["good"] is ReaderState.READY
        longest_s = max(longest_s, time.monotonic() - asked_at)
    assert longest_s < 0.5
    assert 1.5 < time.monotonic() - began < 3.5, "three drivers that do not answer are waited for together"


def test_what_cannot_be_started_is_in_fault_disturbs_no_other_and_is_started_when_it_can_be(
    supervisor: Supervisor, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor.apply([counter.device("counter", 1), counter.device("other", 1)])
    until(lambda: states(supervisor) == {"counter": ReaderState.READY, "other": ReaderState.READY})
    descriptors = 0

    def make() -> Way:
        if descriptors:
            return Way()
        raise OSError(24, "Too many open files")

    sharer = Sharer(key="port", claims=lambda _: False, make_forwarder=make)
    changes = supervisor.apply([counter.device("counter", 2, sharer), counter.device("other", 2)])
    assert changes == Changes(changed=("counter", "other"))
    until(lambda: states(supervisor)["other"] is ReaderState.READY)
    assert supervisor.statuses()[0].reader == ReaderStatus(
        state=ReaderState.FAULT, detail="counter: it could not be started (OSError)"
    )
    time.sleep(0.1)
    assert caplog.messages.count("counter: it could not be started (OSError)") == 1
    descriptors = 1
    until(lambda: states(supervisor)["counter"] is ReaderState.READY)


def test_a_thread_that_cannot_be_made_is_made_later(
    supervisor: Supervisor, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor.apply([counter.device("same")])
    threads, real = 0, threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if not threads and thread.name == "scanner counter":
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    supervisor.apply([counter.device("same"), counter.device("counter")])
    assert states(supervisor)["counter"] is ReaderState.FAULT
    threads = 1
    until(lambda: states(supervisor) == {"same": ReaderState.READY, "counter": ReaderState.READY})


def test_who_looks_after_the_scanners_goes_on_after_a_fault(
    supervisor: Supervisor, counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        raise MemoryError

    monkeypatch.setattr(supervisor, "look", look)
    supervisor.apply([counter.device("counter")])
    until(lambda: looks > 2)
    assert "looking after the scanners failed (MemoryError)" in caplog.messages
