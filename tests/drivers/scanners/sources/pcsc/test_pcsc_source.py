import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.reader import ReaderSettings, ReaderState, ScanReader
from drivers.scanners.sources.pcsc import pcsc_source
from drivers.scanners.sources.pcsc.pcsc_source import PcscSettings, PcscSource, readers
from drivers.scanners.sources.pcsc.port import Pcsc, PcscCode, PcscError, PcscMissing
from drivers.scanners.sources.pcsc.presence import MAX_TRIES
from drivers.scanners.symbols import Medium, Misreading, Symbol
from tests.drivers.scanners.sources.pcsc.fake_pcsc import DONE, READER, FakeCard, FakePcsc

UID = "04A2B3C4D5E680"
OTHER_UID = "9A2BC4D1"


def card(uid: str = UID, *fails: int) -> FakeCard:
    return FakeCard(uid=bytes.fromhex(uid), fails=list(fails))


def symbol(uid: str = UID) -> Symbol:
    return Symbol(text=uid, medium=Medium.UID)


def opened(pcsc: FakePcsc, *, reader: str = "", apdus: tuple[str, ...] = ()) -> PcscSource:
    source = PcscSource(PcscSettings(reader=reader, apdus=apdus), name="desk", load=lambda: pcsc)
    source.open()
    return source


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc_source, "_RETRY_S", 0.005)


def test_a_card_gives_its_uid_once_however_long_it_lies() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    assert source.read(1) == b""
    pcsc.lay(card())
    assert source.read(1000) == symbol()
    assert source.read(1) == b""
    pcsc.lift()
    assert source.read(1) == b""
    pcsc.lay(card())
    assert source.read(1000) == symbol()


def test_a_card_wakes_the_wait() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    threading.Timer(0.05, lambda: pcsc.lay(card())).start()
    began = time.monotonic()
    assert source.read(30_000) == symbol()
    assert time.monotonic() - began < 15


def test_two_cards_one_after_the_other_are_two_scans() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.lay(card())
    assert source.read(1000) == symbol()
    pcsc.swap(card(OTHER_UID))
    assert source.read(1000) == symbol(OTHER_UID)
    assert source.read(1) == b""


def test_a_card_that_lies_there_when_the_reader_opens_is_a_scan() -> None:
    pcsc = FakePcsc()
    pcsc.lay(card())
    assert opened(pcsc).read(1000) == symbol()


@pytest.mark.parametrize("uid", ["08A1B2C3", "80A1B2C3"])
def test_a_random_uid_is_a_misreading_once(uid: str) -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.lay(card(uid))
    assert source.read(1000) is Misreading.RANDOM_UID
    assert source.read(1) == b""


def test_a_script_reads_the_number_that_the_merchant_stored() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc, apdus=("00A4040005F012345678", "00B0000010"))
    answers = {bytes.fromhex("00A4040005F012345678"): DONE, bytes.fromhex("00B0000010"): b"2100000000017" + DONE}
    pcsc.lay(FakeCard(answers=answers))
    assert source.read(1000) == Symbol(text="2100000000017", medium=Medium.CODE)
    pcsc.swap(card())
    assert source.read(1000) is Misreading.FOREIGN_CARD


def test_a_script_that_is_none_is_refused_with_the_settings() -> None:
    with pytest.raises(ValueError, match=r"not hexadecimal"):
        PcscSettings(apdus=("zz",))


@pytest.mark.parametrize("code", [0, PcscCode.NOT_TRANSACTED, PcscCode.COMM_ERROR, PcscCode.RESET_CARD])
def test_a_card_that_fails_once_is_asked_again(code: int) -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.lay(card(UID, code))
    assert source.read(1000) == symbol()


def test_a_card_pulled_in_mid_command_is_a_misreading_and_the_reader_goes_on() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.lay(_Pulled(pcsc.lift))
    assert source.read(1000) is Misreading.PULLED_CARD
    pcsc.lay(card(OTHER_UID))
    assert source.read(1000) == symbol(OTHER_UID)


class _Pulled(FakeCard):
    """A card that is pulled while it is asked, and answers nothing."""

    def __init__(self, pull: Callable[[], None]) -> None:
        super().__init__()
        self._pull = pull

    def answer(self, apdu: bytes) -> bytes:
        self._pull()
        return b""


def test_a_card_that_never_answers_is_a_misreading_after_a_few_tries() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    silent = card(UID, *[PcscCode.NOT_TRANSACTED] * 100)
    pcsc.lay(silent)
    assert source.read(5000) is Misreading.SILENT_CARD
    assert source.read(1) == b""
    assert silent.asked == MAX_TRIES


def test_a_card_that_another_program_holds_is_tried_until_it_lets_go(caplog: pytest.LogCaptureFixture) -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.connecting = [PcscCode.SHARING_VIOLATION] * (MAX_TRIES + 3)
    pcsc.lay(card())
    with caplog.at_level(logging.WARNING):
        assert source.read(5000) == symbol()
    assert caplog.messages == ["desk: another program has the card for itself; it is tried again"]


def test_tries_are_spread_over_reads_and_no_read_takes_longer_than_it_may() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.connecting = [PcscCode.SHARING_VIOLATION] * 2
    pcsc.lay(card())
    outcomes = [source.read(1) for _ in range(200)]
    assert [outcome for outcome in outcomes if outcome != b""] == [symbol()]


@pytest.mark.parametrize("code", [PcscCode.COMM_ERROR, PcscCode.NO_SERVICE, PcscCode.INVALID_HANDLE])
def test_a_service_that_ends_is_a_device_that_is_gone_and_comes_back_with_a_fresh_line(code: PcscCode) -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    threading.Timer(0.02, lambda: pcsc.stop(code=code)).start()
    with pytest.raises(DeviceGone):
        source.read(10_000)
    source.close()
    with pytest.raises(DeviceGone, match=r"^desk: the smart card service"):
        source.open()
    pcsc.start()
    source.open()
    pcsc.lay(card())
    assert source.read(1000) == symbol()
    assert pcsc.open_contexts == 1


def test_a_card_left_lying_over_a_restart_of_the_service_is_one_scan() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.lay(card())
    assert source.read(1000) == symbol()
    pcsc.stop()
    with pytest.raises(DeviceGone):
        source.read(1000)
    source.close()
    pcsc.start()
    source.open()
    assert source.read(5) == b""
    pcsc.lift()
    assert source.read(5) == b""
    pcsc.lay(card())
    assert source.read(1000) == symbol()


def test_a_reader_that_is_unplugged_is_gone_and_comes_back_under_another_number() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc, reader="Fake Reader")
    threading.Timer(0.02, pcsc.unplug).start()
    with pytest.raises(DeviceGone, match=r"^desk: the card reader was unplugged$"):
        source.read(10_000)
    source.close()
    with pytest.raises(DeviceGone, match=r"^desk: no card reader is plugged in$"):
        source.open()
    pcsc.plug("Fake Reader 01 00")
    source.open()
    pcsc.lay(card(), "Fake Reader 01 00")
    assert source.read(1000) == symbol()


def test_another_reader_that_comes_and_goes_changes_nothing() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.plug("Other 01 00")
    assert source.read(5) == b""
    pcsc.unplug("Other 01 00")
    assert source.read(5) == b""
    pcsc.lay(card())
    assert source.read(1000) == symbol()


def test_a_reader_that_is_not_there_and_others_are() -> None:
    with pytest.raises(DeviceGone, match=r"^desk: no such card reader is plugged in$"):
        opened(FakePcsc(), reader="Other")


def test_several_readers_are_to_be_told_apart_by_name() -> None:
    pcsc = FakePcsc(READER, "Fake Reader 00 01")
    with pytest.raises(DeviceConfig, match=r'name one of them: "Fake Reader 00 00", "Fake Reader 00 01"$'):
        opened(pcsc)
    assert pcsc.open_contexts == 0
    source = opened(pcsc, reader="Fake Reader * 01")
    pcsc.lay(card(), "Fake Reader 00 01")
    assert source.read(1000) == symbol()


def test_a_system_without_a_library_says_so() -> None:
    def missing() -> Pcsc:
        raise PcscMissing("libpcsclite.so.1 is missing; install the package libpcsclite1")

    source = PcscSource(PcscSettings(), load=missing)
    message = r"^card reader: libpcsclite.so.1 is missing; install the package libpcsclite1$"
    with pytest.raises(DeviceConfig, match=message):
        source.open()
    with pytest.raises(DeviceConfig, match=r"^pcsc: libpcsclite"):
        readers(missing)


def test_a_service_that_does_not_run_says_what_to_do() -> None:
    pcsc = FakePcsc()
    pcsc.stop()
    with pytest.raises(DeviceGone, match=r"^desk: the smart card service .*does not run"):
        opened(pcsc)
    with pytest.raises(DeviceGone, match=r"^pcsc: the smart card service .*does not run"):
        readers(lambda: pcsc)


@pytest.mark.parametrize("code", [PcscCode.NO_ACCESS, PcscCode.SECURITY_VIOLATION])
def test_a_user_who_may_not_use_cards_is_a_matter_of_configuration(code: PcscCode) -> None:
    pcsc = FakePcsc()
    pcsc.refuses = code
    with pytest.raises(DeviceConfig, match=r"may not use the smart card service"):
        opened(pcsc)
    pcsc.refuses = None
    source = opened(pcsc)
    pcsc.connecting = [code]
    pcsc.lay(card())
    with pytest.raises(DeviceConfig, match=r"may not use the smart card service"):
        source.read(1000)


def test_the_readers_that_are_there_are_listed_and_the_line_is_given_back() -> None:
    pcsc = FakePcsc(READER, "Other 01 00")
    assert readers(lambda: pcsc) == (READER, "Other 01 00")
    assert pcsc.open_contexts == 0


def test_open_twice_is_busy_and_read_without_open_is_gone() -> None:
    source = opened(FakePcsc())
    with pytest.raises(DeviceBusy, match=r"already open here"):
        source.open()
    source.close()
    source.close()
    with pytest.raises(DeviceGone, match=r"not open"):
        source.read(1)


def test_close_from_another_thread_ends_a_read() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    raised: list[BaseException] = []

    def read() -> None:
        try:
            source.read(60_000)
        except DeviceGone as error:
            raised.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(0.05)
    began = time.monotonic()
    source.close()
    thread.join(10)
    assert not thread.is_alive()
    assert time.monotonic() - began < 5
    assert [str(error) for error in raised] == ["desk: closed"]
    assert pcsc.open_contexts == 0
    source.open()
    assert source.read(1) == b""


def test_an_interruption_ends_the_read_that_waits_or_else_the_next_one() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    source.interrupt()
    assert source.read(60_000) == b""
    threading.Timer(0.05, source.interrupt).start()
    assert source.read(60_000) == b""
    pcsc.lay(card())
    assert source.read(1000) == symbol()


def test_an_interruption_that_pcsc_misses_is_noticed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc_source, "_LONGEST_WAIT_MS", 20)
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.contexts[-1].cancel = lambda: None  # type: ignore[method-assign]
    threading.Timer(0.05, source.interrupt).start()
    assert source.read(60_000) == b""


def test_an_interruption_is_forgotten_when_the_reader_opens_and_harmless_before() -> None:
    pcsc = FakePcsc()
    source = PcscSource(PcscSettings(), load=lambda: pcsc)
    source.interrupt()
    source.open()
    pcsc.lay(card())
    assert source.read(1000) == symbol()


def test_a_service_that_says_changed_for_ever_costs_no_busy_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc_source, "_RETRY_S", 0.05)
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.stuck = True
    source.read(300)
    assert pcsc.waits < 15


@pytest.fixture
def running() -> Iterator[Callable[[PcscSource], tuple[ScanReader, list[Symbol | GateRefusal]]]]:
    started: list[ScanReader] = []

    def run(source: PcscSource) -> tuple[ScanReader, list[Symbol | GateRefusal]]:
        scans: list[Symbol | GateRefusal] = []
        times = ReaderSettings(first_retry_ms=5, last_retry_ms=20, repeat_ms=1)
        reader = ScanReader(source, Gate(device="desk", kind=DeviceKind.MAGSTRIPE), scans.append, settings=times)
        reader.start()
        started.append(reader)
        return reader, scans

    yield run
    assert all(reader.stop() for reader in started)


def until(fact: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not fact():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def test_the_reader_counts_misreadings_with_their_reason_and_lives_through_restarts(
    running: Callable[[PcscSource], tuple[ScanReader, list[Symbol | GateRefusal]]],
) -> None:
    pcsc = FakePcsc()
    reader, scans = running(PcscSource(PcscSettings(), name="desk", load=lambda: pcsc))
    until(lambda: reader.status.state is ReaderState.READY, "ready")
    pcsc.lay(card("08A1B2C3"))
    until(lambda: reader.status.misread == 1, "the random UID is counted")
    assert reader.status.misreading is Misreading.RANDOM_UID
    pcsc.lift()
    for round_ in range(3):
        pcsc.stop()
        until(lambda: reader.status.state is ReaderState.ABSENT, "the service is gone")
        pcsc.start()
        until(lambda: reader.status.state is ReaderState.READY, "the service is back")
        pcsc.lay(card())
        until(lambda: len(scans) == round_ + 1, "the card is read")  # noqa: B023 - called at once
        pcsc.lift()
    assert scans == [symbol()] * 3


def test_a_payment_number_that_a_script_reads_stops_at_the_gate(
    running: Callable[[PcscSource], tuple[ScanReader, list[Symbol | GateRefusal]]],
) -> None:
    pcsc = FakePcsc()
    source = PcscSource(PcscSettings(apdus=("00B0000010",)), name="desk", load=lambda: pcsc)
    _, scans = running(source)
    pcsc.lay(FakeCard(answers={bytes.fromhex("00B0000010"): b"4111111111111111" + DONE}))
    until(lambda: len(scans) == 1, "the gate says")
    assert isinstance(scans[0], GateRefusal)


def test_an_error_of_the_service_names_no_card() -> None:
    pcsc = FakePcsc()
    source = opened(pcsc)
    pcsc.lay(card())
    source.read(1000)
    pcsc.stop(code=0x8010_0004)
    with pytest.raises(DeviceGone) as gone:
        source.read(1000)
    assert str(gone.value) == "desk: the smart card service failed (SCardGetStatusChange: 0x80100004)"
    assert isinstance(gone.value.__cause__, PcscError)
