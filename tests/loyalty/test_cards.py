"""Card numbers and their keyed hashes."""

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.cards import UID_PREFIX, card_key, is_card, is_uid, last_four
from loyalty.numbers.limits import fits_int64

KEY = bytes(range(32))
cards = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64).filter(
    lambda card: not card.lower().startswith(UID_PREFIX)
)


def test_a_card_key_is_what_the_specification_says() -> None:
    digest = blake2b(b"2900000000017", key=KEY, digest_size=8, person=b"loyaltill-card").digest()
    assert card_key("2900000000017", KEY) == int.from_bytes(digest, "big", signed=True)


def test_a_card_key_never_changes_between_versions() -> None:
    assert card_key("2900000000017", KEY) == 1696816187548984190


@given(cards)
def test_every_card_key_fits_a_64_bit_column(card: str) -> None:
    assert is_card(card)
    assert fits_int64(card_key(card, KEY))


def test_another_key_gives_another_hash() -> None:
    assert card_key("2900000000017", KEY) != card_key("2900000000017", bytes(32))


@pytest.mark.parametrize("uid", ["uid:9A2BC4D1", "uid:04A2B3C4D5E680", "uid:88042B3C4D5E6F708192"])
def test_a_uid_of_each_size_is_a_card(uid: str) -> None:
    assert is_uid(uid)
    assert is_card(uid)


@pytest.mark.parametrize(
    "card", ["uid:", "uid:9a2bc4d1", "UID:9A2BC4D1", "uid:9A2BC4", "uid:9A2BC4D1E2", "uid:9A2BC4DX", "uid:9A2BC4D1 "]
)
def test_what_is_no_well_written_uid_is_no_card_at_all(card: str) -> None:
    assert not is_uid(card)
    assert not is_card(card)


@pytest.mark.parametrize("card", ["9A2BC4D1", "uid", "id:9A2BC4D1", "2100000000017"])
def test_other_cards_are_no_uids(card: str) -> None:
    assert not is_uid(card)
    assert is_card(card)


@pytest.mark.parametrize("card", ["", "x" * 65, "29 00", "29\n", "٢٩", "2900\u00a0", "\x7f", "29\x1d"])
def test_only_printable_ascii_without_spaces_is_a_card(card: str) -> None:
    assert not is_card(card)
    with pytest.raises(ValueError, match=r"^a card number is 1 to 64 printable ASCII characters$"):
        card_key(card, KEY)


def test_a_key_of_another_length_is_the_callers_bug() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        card_key("29", b"short")


def test_at_most_the_last_four_of_a_card_are_shown() -> None:
    assert [last_four(card) for card in ("2900000000017", "12345", "1234", "")] == ["0017", "2345", "", ""]
