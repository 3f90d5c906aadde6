import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.sources.pcsc.asking import ask, parse_script, read_card
from drivers.scanners.sources.pcsc.port import PcscCode, PcscError
from drivers.scanners.symbols import Medium, Misreading, Symbol
from tests.drivers.scanners.sources.pcsc.fake_pcsc import DONE, FakeCard, FakeConnection

SELECT, READ = bytes.fromhex("00A4040005F012345678"), bytes.fromhex("00B0000010")


def card(**answers: bytes) -> FakeConnection:
    return FakeConnection(FakeCard(answers={bytes.fromhex(name[1:]): answer for name, answer in answers.items()}))


def stored(data: bytes, status: bytes = DONE) -> FakeConnection:
    return FakeConnection(FakeCard(answers={SELECT: DONE, READ: data + status}))


def test_a_card_is_asked_for_its_uid() -> None:
    asked = FakeConnection(FakeCard(uid=bytes.fromhex("04A2B3C4D5E680")))
    assert read_card(asked, b"") == Symbol(text="04A2B3C4D5E680", medium=Medium.UID)
    assert not asked.began


@pytest.mark.parametrize("status", ["6300", "6A81", "6D00", "6E00", "9001"])
def test_a_card_that_has_no_uid_to_tell_is_misread(status: str) -> None:
    assert read_card(card(_FFCA000000=bytes.fromhex(status)), b"") is Misreading.NO_UID


def test_a_script_gives_the_number_that_the_merchant_stored() -> None:
    asked = stored(b"2100000000017" + bytes(3))
    assert read_card(asked, b"", (SELECT, READ)) == Symbol(text="2100000000017", medium=Medium.CODE)
    assert asked.began


@pytest.mark.parametrize("data", [b"", bytes(16), b"\xff" * 16, b"21 00", b"21\n", "٢١".encode(), b"2" * 65])
def test_what_is_no_printable_number_is_a_foreign_card(data: bytes) -> None:
    assert read_card(stored(data), b"", (SELECT, READ)) is Misreading.FOREIGN_CARD


def test_a_card_without_the_application_is_foreign_and_its_uid_is_not_asked_for() -> None:
    asked = FakeConnection(FakeCard(uid=bytes.fromhex("04A2B3C4D5E680"), answers={SELECT: b"\x6a\x82"}))
    assert read_card(asked, b"", (SELECT, READ)) is Misreading.FOREIGN_CARD
    assert asked.card.asked == 1


def test_an_answer_that_waits_for_get_response_is_fetched() -> None:
    asked = card(_00A4040005F012345678=b"\x61\x03", _00C0000003=b"abc" + DONE)
    assert ask(asked, SELECT) == b"abc"


def test_a_command_with_the_wrong_length_is_sent_again_with_the_right_one() -> None:
    assert ask(card(_00B0000010=b"\x6c\x03", _00B0000003=b"abc" + DONE), READ) == b"abc"
    select_with_length = bytes.fromhex("00A404000121FF")
    assert ask(card(_00A404000121FF=b"\x6c\x03", _00A40400012103=b"abc" + DONE), select_with_length) == b"abc"


def test_a_card_that_always_has_more_is_not_asked_for_ever() -> None:
    asked = card(_00B0000010=b"\x61\x00", _00C0000000=bytes(256) + b"\x61\x00")
    assert ask(asked, READ) is None
    assert asked.card.asked == 5


def test_an_answer_of_nothing_is_a_card_that_was_pulled_and_no_answer() -> None:
    with pytest.raises(PcscError) as refused:
        ask(FakeConnection(FakeCard(fails=[0])), READ)
    assert refused.value.code == PcscCode.NOT_TRANSACTED


def test_a_script_is_written_in_hexadecimal() -> None:
    assert parse_script(["00A4040005F012345678", "00b0 0000 10"]) == (SELECT, READ)
    assert parse_script([]) == ()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (["00B0000010", "xyz"], "command 2 for the card is not hexadecimal"),
        (["00B000"], "command 1 for the card must have 4 to 261 bytes"),
        (["00" * 262], "command 1 for the card must have 4 to 261 bytes"),
        (["00B0000010"] * 17, "at most 16 commands can be sent to a card"),
    ],
)
def test_a_script_that_is_none_says_where(script: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        parse_script(script)


class _Any(FakeCard):
    """A card that answers anything."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._answer = answer

    def answer(self, apdu: bytes) -> bytes:
        self.asked += 1
        return self._answer(apdu)


@given(st.lists(st.binary(max_size=258), min_size=1, max_size=8), st.binary(max_size=33), st.booleans())
def test_whatever_a_card_answers_it_is_a_symbol_a_misreading_or_a_card_to_try_again(
    answers: list[bytes], atr: bytes, scripted: bool
) -> None:
    turns = itertools.cycle(answers)
    asked = _Any(lambda _: next(turns))
    outcome: Symbol | Misreading | PcscCode
    try:
        outcome = read_card(FakeConnection(asked), atr, (SELECT, READ) if scripted else ())
    except PcscError as error:
        outcome = PcscCode(error.code)
    assert asked.asked <= 2 * (2 + 4)
    if isinstance(outcome, Symbol):
        assert outcome.text.isascii()
        assert outcome.text.isprintable()
        assert 1 <= len(outcome.text) <= 64
        assert outcome.medium is (Medium.CODE if scripted else Medium.UID)
    else:
        assert outcome in {
            Misreading.NO_UID,
            Misreading.RANDOM_UID,
            Misreading.FOREIGN_CARD,
            PcscCode.NOT_TRANSACTED,
        }
