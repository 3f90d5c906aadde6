"""The merchant's own numbers are told by ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.cards import CardRange, card_number
from drivers.scanners.symbols import Symbol

EAN_CARDS = CardRange(prefix="2100", min_length=13, max_length=13)
NAMED_CARDS = CardRange(prefix="LOY-", min_length=8, max_length=10)
LONG_CARDS = CardRange(prefix="600300", min_length=16, max_length=16)
RANGES = (EAN_CARDS, NAMED_CARDS, LONG_CARDS)


@pytest.mark.parametrize("number", ["2100000000012", "LOY-0042", "LOY-004200", "6003001000001448"])
def test_a_number_of_a_range_is_a_card(number: str) -> None:
    assert card_number(Symbol(text=number), RANGES) == number


@pytest.mark.parametrize(
    "text",
    ["", "210000000001", "21000000000123", "2200000000012", "LOY-00a2", "loy-0042", "2100٠٠٠٠٠٠٠١٢", " 2100000000012"],
)
def test_anything_else_is_not(text: str) -> None:
    assert card_number(Symbol(text=text), RANGES) is None


def test_the_identifier_of_the_symbol_does_not_matter() -> None:
    assert card_number(Symbol(aim="]E0", text="2100000000012"), RANGES) == "2100000000012"


def test_the_account_of_an_own_magstripe_card_is_the_card() -> None:
    swipe = "%B6003001000001448^MEMBER/A^2512101?;6003001000001448=2512101?"
    assert card_number(Symbol(text=swipe), RANGES) == "6003001000001448"


@pytest.mark.parametrize(
    ("prefix", "shortest", "longest", "message"),
    [
        ("", 1, 2, "prefix"),
        ("№1", 2, 3, "prefix"),
        ("21", 1, 13, "lengths"),
        ("21", 13, 12, "lengths"),
        ("2", 1, 65, "64"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(prefix: str, shortest: int, longest: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CardRange(prefix=prefix, min_length=shortest, max_length=longest)


@given(text=st.text(max_size=80))
def test_what_is_a_card_is_always_in_a_range(text: str) -> None:
    number = card_number(Symbol(text=text), RANGES)
    assert number is None or any(card_range.holds(number) for card_range in RANGES)
