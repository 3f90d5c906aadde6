"""Each bit of each answer, one kind told from another, and noise believed by nobody."""

import pytest

from drivers.printers.condition import BUSY, SILENT, UNREACHABLE, DrawerContact, Paper, PrinterCondition, Trouble
from drivers.printers.encoders import commands
from drivers.printers.status import (
    Answer,
    Ask,
    Automatic,
    Noise,
    PaperAnswer,
    Printed,
    Replies,
    Reply,
    Told,
    completion,
    from_answers,
    from_automatic,
    kick,
    process_id,
    with_drawer,
)

FINE = {Ask.PRINTER: 0x16, Ask.OFFLINE_CAUSE: 0x12, Ask.ERROR_CAUSE: 0x12, Ask.PAPER: 0x12}
WELL = PrinterCondition(answers=True, paper=Paper.THERE, drawer_open=False)


@pytest.mark.parametrize(
    ("ask", "byte", "troubles", "prints"),
    [
        (Ask.PRINTER, 0x16, (), True),
        (Ask.PRINTER, 0x12, (Trouble.DRAWER_OPEN,), True),
        (Ask.PRINTER, 0x1E, (Trouble.OFFLINE,), False),
        (Ask.OFFLINE_CAUSE, 0x16, (Trouble.COVER_OPEN,), False),
        (Ask.OFFLINE_CAUSE, 0x32, (Trouble.PAPER_OUT,), False),
        (Ask.ERROR_CAUSE, 0x1A, (Trouble.CUTTER,), False),
        (Ask.ERROR_CAUSE, 0x32, (Trouble.FAILED,), False),
        (Ask.ERROR_CAUSE, 0x52, (Trouble.FAILED,), False),
        (Ask.PAPER, 0x1E, (Trouble.PAPER_NEAR_END,), True),
        (Ask.PAPER, 0x72, (Trouble.PAPER_OUT,), False),
        (Ask.PAPER, 0x7E, (Trouble.PAPER_OUT,), False),
    ],
)
def test_each_bit_of_the_real_time_answers_is_a_trouble(
    ask: Ask, byte: int, troubles: tuple[Trouble, ...], prints: bool
) -> None:
    condition = from_answers(FINE | {ask: byte})
    assert (condition.troubles, condition.can_print) == (troubles, prints)


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        (b"\x14\x00\x00\x0f", WELL),
        (b"\x10\x00\x00\x0f", PrinterCondition(answers=True, paper=Paper.THERE, drawer_open=True)),
        (b"\x14\x00\x03\x0f", PrinterCondition(answers=True, paper=Paper.NEAR_END, drawer_open=False)),
        (b"\x1c\x00\x0f\x0f", PrinterCondition(answers=True, paper=Paper.OUT, online=False, drawer_open=False)),
        (
            b"\x3c\x00\x00\x0f",
            PrinterCondition(answers=True, paper=Paper.THERE, online=False, cover_open=True, drawer_open=False),
        ),
        (
            b"\x1c\x08\x00\x0f",
            PrinterCondition(answers=True, paper=Paper.THERE, online=False, cutter_error=True, drawer_open=False),
        ),
        (
            b"\x1c\x20\x00\x0f",
            PrinterCondition(answers=True, paper=Paper.THERE, online=False, failed=True, drawer_open=False),
        ),
    ],
)
def test_automatic_status_says_the_same(data: bytes, condition: PrinterCondition) -> None:
    assert from_automatic(data) == condition


def test_offline_is_told_only_where_nothing_says_why() -> None:
    assert from_automatic(b"\x3c\x00\x0f\x0f").troubles == (Trouble.PAPER_OUT, Trouble.COVER_OPEN)
    assert from_automatic(b"\x1c\x00\x03\x0f").troubles == (Trouble.OFFLINE, Trouble.PAPER_NEAR_END)


def test_a_printer_that_says_nothing_may_print_and_one_that_is_away_or_taken_may_not() -> None:
    assert (SILENT.troubles, SILENT.can_print) == ((), True)
    assert (UNREACHABLE.troubles, UNREACHABLE.can_print) == ((Trouble.UNREACHABLE,), False)
    assert (BUSY.troubles, BUSY.can_print) == ((Trouble.BUSY,), False)


def test_without_a_drawer_its_contact_means_nothing() -> None:
    assert with_drawer(from_automatic(b"\x10\x00\x00\x0f"), DrawerContact.NONE).troubles == ()
    assert with_drawer(SILENT, DrawerContact.HIGH) == SILENT


MIXED = b"\x12\x14\x00\x00\x0f\x00\x5fEPSON\x00\x37\x22abcd\x00\x11\x80\x16"
CUT: list[Reply] = [
    Answer(0x12),
    Automatic(b"\x14\x00\x00\x0f"),
    PaperAnswer(0),
    Told("EPSON"),
    Printed(b"abcd"),
    Noise(0x80),
    Answer(0x16),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_replies_are_cut_out_of_a_stream_however_it_comes(size: int) -> None:
    replies = Replies()
    got = [reply for at in range(0, len(MIXED), size) for reply in replies.feed(MIXED[at : at + size])]
    assert got == CUT


@pytest.mark.parametrize(
    ("data", "first"),
    [
        (b"\x14\x92", Noise(0x14)),
        (b"\x37\x23", Noise(0x37)),
        (b"\x37\x22abcd\x01", Noise(0x37)),
        (b"\x5f" + b"A" * 82, Noise(0x5F)),
        (b"\xff", Noise(0xFF)),
        (b"HTTP", PaperAnswer(0x48)),
    ],
)
def test_what_only_begins_like_a_reply_is_noise(data: bytes, first: Reply) -> None:
    assert next(iter(Replies().feed(data))) == first


def test_a_process_id_is_four_printable_letters_and_another_for_a_copy() -> None:
    ids = [process_id(f"receipt-{number:06}{copy}") for number in range(2000) for copy in ("", "-copy-1")]
    assert all(len(one) == 4 and all(0x20 <= byte <= 0x7E for byte in one) for one in ids)
    assert len(set(ids)) == len(ids)
    assert completion(b"abcd") == bytes.fromhex("1d28480600303061626364")


def test_a_drawer_is_opened_in_turn_or_at_once_on_its_pin() -> None:
    assert kick(2) == commands.kick(2) == b"\x1bp\x00\x32\xfa"
    assert kick(5) == commands.kick(5) == b"\x1bp\x01\x32\xfa"
    assert kick(2, at_once=True) == b"\x10\x14\x01\x00\x01"
    assert kick(5, at_once=True) == b"\x10\x14\x01\x01\x01"
