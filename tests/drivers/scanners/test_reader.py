"""A reader outlives unplugs, faults and listeners, and lets no payment card through."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import pytest

from drivers.errors import DeviceBusy, DeviceConfig
from drivers.scanners.cards import CardRange
from drivers.scanners.framing import Ending, Frame, FramingSettings
from drivers.scanners.gate import DeviceKind, Gate, GateReason, GateRefusal
from drivers.scanners.reader import ReaderSettings, ReaderState, ReaderStatus, ScanReader, Sharing, monotonic_ms
from drivers.scanners.source import ScanSource
from drivers.scanners.sources.simulated import SimulatedSource
from drivers.scanners.symbols import Medium, Misreading, Symbol

PAN = "4012002000060016"
QUICK = ReaderSettings(framing=FramingSettings(idle_ms=60), first_retry_ms=5, last_retry_ms=20)


class Clock:
    """Milliseconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "nothing happened within 10 s"
        time.sleep(0.002)


@contextmanager
def reading(
    source: ScanSource,
    heard: list[Symbol | GateRefusal],
    *,
    clock: Callable[[], int] | None = None,
    listener: Callable[[Symbol | GateRefusal], None] | None = None,
    sharing: Sharing | None = None,
) -> Iterator[ScanReader]:
    gate = Gate(device=source.name, kind=DeviceKind.WEDGE)
    reader = ScanReader(
        source, gate, listener or heard.append, settings=QUICK, sharing=sharing, clock=clock or monotonic_ms
    )
    reader.start()
    try:
        yield reader
    finally:
        assert reader.stop()


def test_a_scan_becomes_an_admitted_symbol() -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource()
    with reading(source, heard) as reader:
        source.feed([b"]E0211", b"2345678900", b"\r\n"])
        until(lambda: bool(heard))
        assert heard == [Symbol(aim="]E0", text="2112345678900")]
        assert reader.status == ReaderStatus(state=ReaderState.READY, admitted=1)
    assert reader.status.state is ReaderState.STOPPED


def test_a_payment_card_is_heard_of_only_as_a_refusal() -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource("counter 1")
    with reading(source, heard) as reader:
        source.scan(f";{PAN}=2512101?")
        source.scan(PAN)
        until(lambda: len(heard) == 2)
        assert heard == [
            GateRefusal(device="counter 1", reason=GateReason.PAYMENT_TRACK, length=26),
            GateRefusal(device="counter 1", reason=GateReason.PAYMENT_NUMBER, length=16),
        ]
        assert reader.status.refused == 2


def test_a_scanner_without_terminator_is_read_after_silence() -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource(suffix=b"")
    with reading(source, heard):
        source.scan("2112345678900")
        until(lambda: bool(heard))
    assert heard == [Symbol(text="2112345678900")]


def test_the_same_symbol_within_300_ms_is_one_scan() -> None:
    heard: list[Symbol | GateRefusal] = []
    source, clock = SimulatedSource(), Clock()
    with reading(source, heard, clock=clock) as reader:
        source.scan("2112345678900")
        until(lambda: len(heard) == 1)
        clock.now_ms = 299
        source.scan("2112345678900")
        until(lambda: reader.status.repeated == 1)
        clock.now_ms = 598
        source.scan("2112345678900")
        until(lambda: reader.status.repeated == 2)
        clock.now_ms = 600
        source.scan("5901234123457")
        source.scan("2112345678900")
        until(lambda: len(heard) == 3)
        clock.now_ms = 900
        source.scan("2112345678900")
        until(lambda: len(heard) == 4)


@pytest.mark.parametrize(
    ("piece", "symbol"),
    [
        (Frame(data=b"]E02112345678900"), Symbol(aim="]E0", text="2112345678900")),
        (Symbol(text="04A1B2C3D4E5F6", medium=Medium.UID), Symbol(text="04A1B2C3D4E5F6", medium=Medium.UID)),
    ],
)
def test_a_source_may_give_whole_frames_or_symbols_and_their_repeats_are_one_scan(
    piece: Frame | Symbol, symbol: Symbol
) -> None:
    heard: list[Symbol | GateRefusal] = []
    source, clock = SimulatedSource(), Clock()
    with reading(source, heard, clock=clock) as reader:
        source.feed([deepcopy(piece), deepcopy(piece)])
        until(lambda: reader.status.repeated == 1)
        clock.now_ms = 300
        source.feed([deepcopy(piece)])
        until(lambda: len(heard) == 2)
        assert heard == [symbol, symbol]
        assert reader.status == ReaderStatus(state=ReaderState.READY, admitted=2, repeated=1)


def test_a_whole_frame_that_lost_bytes_is_misread() -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource()
    with reading(source, heard) as reader:
        source.feed([Frame(data=b"21123", ending=Ending.CUT), Frame(data=b"A")])
        until(lambda: bool(heard))
        assert reader.status.misread == 1
    assert heard == [Symbol(text="A")]


def test_what_a_magstripe_reader_sends_is_a_swipe() -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource()
    reader = ScanReader(source, Gate(device="d", kind=DeviceKind.MAGSTRIPE), heard.append, settings=QUICK)
    reader.start()
    source.scan(";123456789=1234?")
    until(lambda: bool(heard))
    assert reader.stop()
    assert heard == [Symbol(text=";123456789=1234?", medium=Medium.SWIPE)]


@pytest.mark.parametrize(
    ("swipe", "outcome"),
    [
        (
            [b"%B6003001000001448^MEMBER/A^2512?\r", b";6003001000001448=2512?\r\n"],
            Symbol(text="%B6003001000001448^MEMBER/A^2512?;6003001000001448=2512?", medium=Medium.SWIPE),
        ),
        (
            [b"%B6003001000001448^MEMBER/A^2512?;6003001000001448=2512?\r"],
            Symbol(text="%B6003001000001448^MEMBER/A^2512?;6003001000001448=2512?", medium=Medium.SWIPE),
        ),
        ([b"%E?\r", b";123456789=1234?\r"], Symbol(text="%E?;123456789=1234?", medium=Medium.SWIPE)),
        ([b"%E?\r;E?\r+E?\r"], Symbol(text="%E?;E?+E?", medium=Medium.SWIPE)),
        (
            [b"%E?\r", f";{PAN}=2512?\r".encode()],
            GateRefusal(device="msr", reason=GateReason.PAYMENT_TRACK, length=3 + 1 + 16 + 6),
        ),
        (
            [f"{PAN}\r{PAN}\r".encode()],
            GateRefusal(device="msr", reason=GateReason.PAYMENT_NUMBER, length=16 + 1 + 16),
        ),
    ],
)
def test_the_tracks_of_a_swipe_are_judged_together(swipe: list[bytes], outcome: Symbol | GateRefusal) -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource("msr")
    own = CardRange(prefix="600300", min_length=16, max_length=16)
    gate = Gate(device="msr", kind=DeviceKind.MAGSTRIPE, ranges=(own,))
    settings = ReaderSettings(framing=FramingSettings(join_ms=100), first_retry_ms=5, last_retry_ms=20)
    reader = ScanReader(source, gate, heard.append, settings=settings)
    reader.start()
    source.feed(swipe)
    until(lambda: bool(heard))
    assert reader.stop()
    assert heard == [outcome]


def test_an_unplugged_scanner_comes_back_without_its_half_scan() -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource()
    with reading(source, heard) as reader:
        source.feed([b"21123"])
        until(lambda: reader.status.state is ReaderState.READY)
        source.unplug()
        until(lambda: reader.status.state is ReaderState.ABSENT)
        source.plug_in()
        until(lambda: reader.status.state is ReaderState.READY)
        source.scan("45678900")
        until(lambda: bool(heard))
    assert heard == [Symbol(text="45678900")]


def test_why_a_scan_was_misread_is_told() -> None:
    source = SimulatedSource()
    with reading(source, []) as reader:
        for number, (pieces, why) in enumerate(
            (
                ([b"\x02lost\x02A\x03"], Misreading.CUT),
                ([b"B" * 9_000, b"\r"], Misreading.OVERFLOW),
                ([b"]\r"], Misreading.SHORT_AIM),
            ),
            start=1,
        ):
            source.feed(pieces)
            until(lambda number=number: reader.status.misread == number)  # type: ignore[misc]
            assert reader.status.misreading is why


def test_what_is_no_symbol_is_counted_and_not_told() -> None:
    heard: list[Symbol | GateRefusal] = []
    source = SimulatedSource()
    with reading(source, heard) as reader:
        source.scan("]")
        source.feed([b"\x02211\x02A\x03"])
        until(lambda: reader.status.admitted == 1)
        assert reader.status.misread == 2
    assert heard == [Symbol(text="A")]


def test_a_listener_that_fails_does_not_end_scanning_nor_log_the_scan(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def fail(outcome: Symbol | GateRefusal) -> None:
        calls.append(1)
        raise RuntimeError(outcome.text if isinstance(outcome, Symbol) else "")

    source = SimulatedSource()
    with caplog.at_level(logging.DEBUG), reading(source, [], listener=fail):
        source.scan("2112345678900")
        source.scan("5901234123457")
        until(lambda: len(calls) == 2)
    assert "RuntimeError" in caplog.text
    assert "2112345678900" not in caplog.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (DeviceBusy("counter 1", "another program has the port"), "counter 1: another program has the port"),
        (DeviceConfig("counter 1", "the port refuses these settings"), "counter 1: the port refuses these settings"),
        (ZeroDivisionError("2112345678900"), "counter 1: the driver failed (ZeroDivisionError)"),
    ],
)
def test_a_fault_is_told_and_the_device_is_tried_again(fault: Exception, words: str) -> None:
    class Faulty(SimulatedSource):
        attempts = 0

        def open(self) -> None:
            self.attempts += 1
            if self.attempts <= 3:
                raise fault
            super().open()

    states: set[tuple[ReaderState, str]] = set()
    source = Faulty("counter 1")

    def is_ready(reader: ScanReader) -> bool:
        status = reader.status
        states.add((status.state, status.detail))
        return status.state is ReaderState.READY

    with reading(source, []) as reader:
        until(lambda: is_ready(reader))
    assert (ReaderState.FAULT, words) in states
    assert source.attempts == 4


def test_the_wait_between_attempts_doubles_up_to_its_limit() -> None:
    waits: list[float] = []
    source = SimulatedSource()
    source.unplug()
    reader = ScanReader(source, Gate(device="d", kind=DeviceKind.BARCODE), print)

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 7:
            reader._stopping.set()

    reader._stopping.wait = wait  # type: ignore[method-assign,assignment]
    reader._run()
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_scanner_that_stays_away_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    attempts: list[int] = []

    class Away(SimulatedSource):
        def open(self) -> None:
            attempts.append(1)
            super().open()

    source = Away("counter 1")
    source.unplug()
    with caplog.at_level(logging.INFO), reading(source, []) as reader:
        until(lambda: len(attempts) >= 5)
        source.plug_in()
        until(lambda: reader.status.state is ReaderState.READY)
    assert caplog.messages == ["scanner absent: counter 1: not plugged in", "scanner ready again: counter 1"]


def test_a_stop_is_quick_releases_the_device_and_may_be_repeated() -> None:
    source = SimulatedSource()
    reader = ScanReader(source, Gate(device="d", kind=DeviceKind.BARCODE), print)
    assert reader.stop()
    reader.start()
    with pytest.raises(RuntimeError, match="already"):
        reader.start()
    until(lambda: reader.status.state is ReaderState.READY)
    started = time.monotonic()
    assert reader.stop()
    assert reader.stop()
    assert time.monotonic() - started < 1
    source.open()


def test_a_shared_scanner_hands_on_the_stream_without_the_scans_that_are_claimed() -> None:
    """Payment cards, half frames and misreadings included; the LF behind a claimed scan goes with it."""
    heard: list[Symbol | GateRefusal] = []
    handed = bytearray()
    source = SimulatedSource()
    sharing = Sharing(claims=lambda symbol: symbol.text.startswith("2100"), forward=handed.extend)
    before, claimed, after = (
        [b"\x024870001234567\x03", b"4870001234567\r"],
        [b"\n]E02100000000042\r", b"\n"],
        [f";{PAN}=2512101?\r".encode(), b"\n", b"]\r\n\r\n", b"\x02lost\x02A\x03", b"B" * 9_000, b"\t", b"\xfe\xff\r"],
    )
    with reading(source, heard, sharing=sharing) as reader:
        source.feed([*before, *claimed, *after])
        until(lambda: reader.status.admitted == 4)
    assert bytes(handed) == b"".join([*before, b"\n", *after])
    assert (reader.status.refused, reader.status.misread, reader.status.repeated) == (1, 3, 1)


def test_the_rest_of_a_scan_that_began_before_the_opening_is_nobodys() -> None:
    handed: list[bytes] = []
    source, clock = SimulatedSource(), Clock()
    reader = ScanReader(
        source,
        Gate(device="counter", kind=DeviceKind.BARCODE),
        lambda _: None,
        settings=ReaderSettings(framing=FramingSettings(joined=True)),
        sharing=Sharing(claims=lambda _: False, forward=handed.append),
        clock=clock,
    )
    reader.start()
    source.feed([b"1234567\r\n"])
    until(lambda: reader.status.misread == 1)
    clock.now_ms = 2_000
    source.feed([b"4870001234567\r"])
    until(lambda: reader.status.admitted == 1)
    assert reader.stop()
    assert handed == [b"4870001234567\r"]


def test_the_repeat_of_what_another_program_gets_is_handed_on_too() -> None:
    handed: list[bytes] = []
    source = SimulatedSource()
    with reading(source, [], sharing=Sharing(claims=lambda _: False, forward=handed.append)) as reader:
        source.feed([b"A\r", Frame(data=b"A")])
        until(lambda: reader.status.repeated == 1)
    assert handed == [b"A\r", b"A\r"]


def test_a_scan_that_cannot_be_judged_goes_to_the_other_program(caplog: pytest.LogCaptureFixture) -> None:
    def fail(symbol: Symbol) -> bool:
        raise KeyError(symbol.text)

    handed: list[bytes] = []
    source = SimulatedSource()
    with reading(source, [], sharing=Sharing(claims=fail, forward=handed.append)):
        source.scan("2100000000042")
        until(lambda: bool(handed))
    assert handed == [b"2100000000042\r"]
    assert caplog.messages == ["simulated scanner: a scan could not be judged (KeyError)"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_reader_whose_thread_ended_by_itself_is_dead() -> None:
    class Deadly(SimulatedSource):
        def read(self, timeout_ms: int) -> bytes | Frame | Symbol:
            raise SystemExit

    source = Deadly()
    reader = ScanReader(source, Gate(device="d", kind=DeviceKind.BARCODE), print)
    assert not reader.is_dead
    reader.start()
    until(lambda: reader.is_dead)
    assert reader.stop()
    assert not reader.is_dead


def test_times_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        ReaderSettings(wait_ms=0)
    with pytest.raises(ValueError, match="last_retry_ms"):
        ReaderSettings(first_retry_ms=10, last_retry_ms=5)
