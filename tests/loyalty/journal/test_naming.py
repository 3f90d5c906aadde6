"""Which cards a detail names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.cards import is_card
from loyalty.journal.codec import canonical_json
from loyalty.journal.naming import cards_in

cards = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64).filter(is_card)


@given(cards, st.text())
def test_every_card_is_found_as_it_was_scanned(card: str, host: str) -> None:
    assert list(cards_in(canonical_json({"host": host, "identifier": card}))) == [card]


@pytest.mark.parametrize("card", ["2100000000017", "LOY-0042", "uid:04A2B3C4D5E680", 'a"b\\c'])
def test_cards_of_letters_and_signs_are_found_too(card: str) -> None:
    assert list(cards_in(canonical_json({"identifier": card, "member": "00"}))) == [card]


@pytest.mark.parametrize(
    "detail",
    [b"", b"{}", b'{"identifier":null}', b'"identifier":"\\x41"', b'"identifier":"\xff"', b'"identifier":"a b"'],
)
def test_what_names_no_card_gives_none(detail: bytes) -> None:
    assert list(cards_in(detail)) == []
