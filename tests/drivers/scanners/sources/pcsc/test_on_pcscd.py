"""The source on a real pcscd, with virtual cards. Times are printed (`pytest -rP` shows them) and not judged."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from drivers.errors import DeviceConfig, DeviceGone
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderState, ScanReader
from drivers.scanners.sources.pcsc.pcsc_source import PcscSettings, PcscSource, readers
from drivers.scanners.symbols import Medium, Misreading, Symbol
from tests.drivers.scanners.sources.pcsc.pcscd import READER, Daemon, running
from tests.drivers.scanners.sources.pcsc.virtual_card import DONE, TYPE_B_ATR, VirtualCard

UID, OTHER_UID = "04A2B3C4D5E680", "9A2BC4D1"
SELECT, READ = bytes.fromhex("00A4040005F012345678"), bytes.fromhex("00B0000010")
LONG_MS = 20_000


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running(tmp_path_factory.mktemp("pcscd")) as daemon:
        yield daemon


@pytest.fixture
def lay(pcscd: Daemon) -> Iterator[Callable[..., VirtualCard]]:
    laid: list[VirtualCard] = []

    def put(uid: str = "", **more: object) -> VirtualCard:
        laid.append(VirtualCard(pcscd.port, uid, **more))  # type: ignore[arg-type]
        return laid[-1]

    yield put
    for card in laid:
        card.lift()
    _until(lambda: not _lies(), "the reader is empty again")


@pytest.fixture
def source(pcscd: Daemon) -> Iterator[PcscSource]:
    source = PcscSource(PcscSettings(reader=READER), name="desk")
    source.open()
    yield source
    source.close()


def symbol(uid: str = UID) -> Symbol:
    return Symbol(text=uid, medium=Medium.UID)


def test_a_card_is_laid_down_lies_and_is_lifted(source: PcscSource, lay: Callable[..., VirtualCard]) -> None:
    began = time.monotonic()
    card = lay(UID)
    assert source.read(LONG_MS) == symbol()
    record("insert_to_uid_ms", round((time.monotonic() - began) * 1000))
    assert source.read(700) == b""
    assert card.asked == [bytes.fromhex("FFCA000000")]
    card.lift()
    _until_lifted(source)
    lay(UID)
    assert source.read(LONG_MS) == symbol()


def test_two_cards_one_after_the_other_are_two_scans(source: PcscSource, lay: Callable[..., VirtualCard]) -> None:
    card = lay(UID)
    assert source.read(LONG_MS) == symbol()
    card.lift()
    lay(OTHER_UID)
    assert source.read(LONG_MS) == symbol(OTHER_UID)


@pytest.mark.parametrize(("uid", "more"), [("08A1B2C3", {}), ("80A1B2C3", {}), (OTHER_UID, {"atr": TYPE_B_ATR})])
def test_a_random_uid_is_refused(
    source: PcscSource, lay: Callable[..., VirtualCard], uid: str, more: dict[str, bytes]
) -> None:
    lay(uid, **more)
    assert source.read(LONG_MS) is Misreading.RANDOM_UID


def test_a_card_that_has_no_uid_is_misread(source: PcscSource, lay: Callable[..., VirtualCard]) -> None:
    lay()
    assert source.read(LONG_MS) is Misreading.NO_UID


def test_a_card_pulled_in_mid_command_is_a_misreading_and_the_next_card_is_read(
    source: PcscSource, lay: Callable[..., VirtualCard]
) -> None:
    lay(UID, before=lambda card: card.lift())
    assert source.read(LONG_MS) in {Misreading.PULLED_CARD, Misreading.SILENT_CARD}
    lay(OTHER_UID)
    assert _next(source) == symbol(OTHER_UID)


def test_a_script_reads_what_the_merchant_stored(pcscd: Daemon, lay: Callable[..., VirtualCard]) -> None:
    source = PcscSource(PcscSettings(reader=READER, apdus=(SELECT.hex(), READ.hex())))
    source.open()
    card = lay(UID, answers={SELECT: DONE, READ: b"2100000000017" + bytes(3) + DONE})
    assert source.read(LONG_MS) == Symbol(text="2100000000017", medium=Medium.CODE)
    assert card.asked == [SELECT, READ]
    source.close()


def test_a_read_is_interrupted_and_closed_from_another_thread(source: PcscSource) -> None:
    threading.Timer(0.1, source.interrupt).start()
    began = time.monotonic()
    assert source.read(60_000) == b""
    record("interrupt_ms", round((time.monotonic() - began) * 1000) - 100)
    threading.Timer(0.1, source.close).start()
    began = time.monotonic()
    with pytest.raises(DeviceGone, match="closed"):
        source.read(60_000)
    record("close_ms", round((time.monotonic() - began) * 1000) - 100)
    assert time.monotonic() - began < 30


def test_a_reader_at_rest_costs_next_to_nothing(pcscd: Daemon, source: PcscSource) -> None:
    ours, theirs, began = time.thread_time(), pcscd.cpu_s(), time.monotonic()
    assert source.read(2000) == b""
    passed = time.monotonic() - began
    share = (time.thread_time() - ours) / passed
    record("core_percent", round(100 * share, 3))
    record("pcscd_core_percent", round(100 * (pcscd.cpu_s() - theirs) / passed, 3))
    assert share <= 0.01


def test_a_slot_is_told_by_its_name_and_not_by_luck(pcscd: Daemon) -> None:
    assert readers() == ("Virtual PCD 00 00", "Virtual PCD 00 01")
    with pytest.raises(DeviceConfig, match="several card readers fit"):
        PcscSource(PcscSettings()).open()
    with pytest.raises(DeviceGone, match="no such card reader"):
        PcscSource(PcscSettings(reader="Other")).open()


def test_a_card_left_lying_over_a_restart_of_the_daemon_is_one_scan(
    pcscd: Daemon, source: PcscSource, lay: Callable[..., VirtualCard]
) -> None:
    lay(UID)
    assert source.read(LONG_MS) == symbol()
    pcscd.kill()
    with pytest.raises(DeviceGone, match="does not run"):
        source.read(LONG_MS)
    source.close()
    with pytest.raises(DeviceGone, match="does not run"):
        source.open()
    pcscd.start()
    card = lay(UID)
    _until(_lies, "the card lies there")
    source.open()
    assert source.read(700) == b""
    assert len(card.asked) == 1
    card.lift()
    _until_lifted(source)
    lay(UID)
    assert source.read(LONG_MS) == symbol()


def test_a_reader_lives_through_a_daemon_that_is_killed_and_a_reader_that_goes(
    pcscd: Daemon, lay: Callable[..., VirtualCard]
) -> None:
    scans: list[Symbol | GateRefusal] = []
    gate = Gate(device="desk", kind=DeviceKind.MAGSTRIPE)
    reader = ScanReader(PcscSource(PcscSettings(reader=READER), name="desk"), gate, scans.append)
    reader.start()
    try:
        _until(lambda: reader.status.state is ReaderState.READY, "ready")
        lay(UID)
        _until(lambda: len(scans) == 1, "the first card is read")
        began = time.monotonic()
        pcscd.kill()
        _until(lambda: reader.status.state is ReaderState.ABSENT, "the daemon is gone")
        record("kill_to_absent_ms", round((time.monotonic() - began) * 1000))
        assert "does not run" in reader.status.detail

        pcscd.start()
        began = time.monotonic()
        _until(lambda: reader.status.state is ReaderState.READY, "ready again")
        record("start_to_ready_ms", round((time.monotonic() - began) * 1000))
        lay(OTHER_UID)
        _until(lambda: len(scans) == 2, "the next card is read")

        pcscd.stop()
        pcscd.unplug()
        pcscd.start()
        _until(lambda: "no card reader is plugged in" in reader.status.detail, "the reader is gone")
        pcscd.stop()
        pcscd.plug()
        pcscd.start()
        _until(lambda: reader.status.state is ReaderState.READY, "the reader is back")
        lay(UID)
        _until(lambda: len(scans) == 3, "the last card is read")
        assert scans == [symbol(), symbol(OTHER_UID), symbol()]
    finally:
        began = time.monotonic()
        assert reader.stop()
        record("stop_ms", round((time.monotonic() - began) * 1000))


def record(what: str, figure: float) -> None:
    print(f"{what}: {figure}")  # noqa: T201 - shown by pytest -rP


def _until(fact: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def _until_lifted(source: PcscSource) -> None:
    """Let the source see that the card is gone: the reader is polled by pcscd, which takes up to 0.4 s."""
    _until(lambda: not _lies(), "the card is gone")
    assert source.read(50) == b""


def _next(source: PcscSource) -> object:
    """What the next card gives; how pcscd tells the end of the one before it may differ."""
    deadline = time.monotonic() + LONG_MS / 1000
    while time.monotonic() < deadline:
        outcome = source.read(1000)
        if isinstance(outcome, Symbol):
            return outcome
    return None


def _lies() -> bool:
    from drivers.scanners.sources.pcsc import native

    with suppress(Exception):
        context = native.load().establish()
        try:
            news = context.wait(dict.fromkeys(context.readers(), 0), 0) or {}
            return any(one.present for one in news.values())
        finally:
            context.release()
    return False
