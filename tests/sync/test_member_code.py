"""A member code is good for its minutes, at any till that has HQ's key, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.decoding.classify import MEMBER_CODE_SHAPE
from sync.member_code import CLOCK_TOLERANCE, MAX_MINUTES, PREFIX, CodeFault, MemberCode, make_code, verify

HQ = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
AT = datetime(2026, 11, 28, 12, 0, 30, tzinfo=UTC)
MINUTE = AT.replace(second=0)
CODE = MemberCode(card="2100000000012", issued_at=AT, minutes=5)
QR_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def is_signed(signature: bytes, data: bytes) -> bool:
    try:
        HQ.public_key().verify(signature, data)
    except InvalidSignature:
        return False
    return True


def test_a_code_says_its_card_its_minute_and_its_lifetime() -> None:
    text = make_code(CODE, HQ.sign)
    assert verify(text, is_signed, AT) == MemberCode(card="2100000000012", issued_at=MINUTE, minutes=5)
    assert len(text) == 136
    assert set(text) <= QR_ALPHANUMERIC


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        (MINUTE - CLOCK_TOLERANCE - timedelta(seconds=1), CodeFault.NOT_YET),
        (MINUTE - CLOCK_TOLERANCE, None),
        (MINUTE + timedelta(minutes=7) - timedelta(seconds=1), None),
        (MINUTE + timedelta(minutes=7), CodeFault.EXPIRED),
    ],
)
def test_a_code_is_good_for_its_minutes_and_two_more_at_both_ends(at: datetime, fault: CodeFault | None) -> None:
    found = verify(make_code(CODE, HQ.sign), is_signed, at)
    assert (found if isinstance(found, CodeFault) else None) is fault


def test_a_code_that_somebody_else_signed_is_refused_even_when_it_is_old() -> None:
    assert verify(make_code(CODE, OTHER.sign), is_signed, AT + timedelta(days=1)) is CodeFault.WRONG_SIGNATURE


def test_a_code_made_a_minute_later_is_another_code() -> None:
    later = MemberCode(card=CODE.card, issued_at=AT + timedelta(minutes=1), minutes=5)
    assert make_code(CODE, HQ.sign) != make_code(later, HQ.sign)


@pytest.mark.parametrize(
    "text", ["", PREFIX, PREFIX + "A" * 8, "2100000000012", PREFIX + "A" * 5000, PREFIX + "Ä" * 136]
)
def test_other_texts_are_unreadable(text: str) -> None:
    assert verify(text, is_signed, AT) is CodeFault.UNREADABLE


def test_a_code_has_one_spelling() -> None:
    text = make_code(CODE, HQ.sign)
    for other in (text.lower(), text + "=", f" {text}", text + "A", text[:-1] + chr(ord(text[-1]) + 1)):
        assert isinstance(verify(other, is_signed, AT), CodeFault)


@given(
    card=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64),
    minutes=st.integers(1, MAX_MINUTES),
    at=st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_what_is_made_is_read(card: str, minutes: int, at: datetime) -> None:
    text = make_code(MemberCode(card=card, issued_at=at, minutes=minutes), HQ.sign)
    assert MEMBER_CODE_SHAPE.fullmatch(text)
    expected = MemberCode(card=card, issued_at=at.replace(second=0, microsecond=0), minutes=minutes)
    assert verify(text, is_signed, at) == expected


@given(data=st.data())
def test_a_code_with_one_wrong_character_is_refused(data: st.DataObject) -> None:
    text = make_code(CODE, HQ.sign)
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").filter(lambda one: one != text[place]))
    assert isinstance(verify(text[:place] + wrong + text[place + 1 :], is_signed, AT), CodeFault)


@given(text=st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(verify(text, is_signed, AT), CodeFault)
    assert isinstance(verify(PREFIX + text, is_signed, AT), CodeFault)


@pytest.mark.parametrize(
    ("card", "minutes", "at"),
    [("", 5, AT), ("has space", 5, AT), ("1", 0, AT), ("1", MAX_MINUTES + 1, AT), ("1", 5, AT.replace(tzinfo=None))],
)
def test_a_code_that_makes_no_sense_is_not_made(card: str, minutes: int, at: datetime) -> None:
    with pytest.raises(Exception, match="member code"):
        MemberCode(card=card, issued_at=at, minutes=minutes)
