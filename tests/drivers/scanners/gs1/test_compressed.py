"""A compressed link is told from the words of ordinary web addresses."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.compressed import could_be_compressed, could_be_compressed_rest
from drivers.scanners.numbers.check_digits import gs1_check_digit


@pytest.mark.parametrize(
    "segment",
    [
        "AN2yxDhfaiaw",  # GS1 Digital Link Standard, release 1.1, and its tools: 00
        "DBHKVAdpQgqrCZBQhB",  # 01, with a run code
    ],
)
def test_published_examples_are_known(segment: str) -> None:
    assert could_be_compressed(segment)


HEADS = {"00": 18, "01": 14, "0B": 14, "A2": 14, "253": 13, "255": 13, "C0": 13, "414": 13, "8018": 18, "9C": 18}


@given(head=st.sampled_from(sorted(HEADS)), number=st.integers(0, 10**17 - 1), rest=st.binary(max_size=20))
def test_a_key_with_a_right_check_digit_is_known_whatever_follows(head: str, number: int, rest: bytes) -> None:
    payload = str(number).zfill(17)[-(HEADS[head] - 1) :]
    key = payload + gs1_check_digit(payload)
    assert could_be_compressed(compress(head, key, rest))
    wrong = payload + str((int(key[-1]) + 1) % 10)
    assert not could_be_compressed(compress(head, wrong, rest))


def compress(head: str, key: str, rest: bytes) -> str:
    """The compressed form of a key: its identifier in hexadecimal, and its number in as few bits as will always do."""
    bits = f"{int(head, 16):0{4 * len(head)}b}" + f"{int(key):0{(10 ** len(key) - 1).bit_length()}b}"
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big") + rest
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    "segment",
    ["", "a", "index.html", "christmas-offers-2026", "about-us_and_more", "AN2yxDhfaia", "AAAAAAAAA", "é" * 12, "A" * 4096,
     "AN2yxDhfai==", "AN2y xDhfaiaw"],
)  # fmt: skip
def test_ordinary_words_are_not_taken_for_it(segment: str) -> None:
    assert not could_be_compressed(segment)


@given(st.text(max_size=60) | st.text("ABCxyz019-_", max_size=60))
def test_no_text_makes_it_raise(segment: str) -> None:
    assert could_be_compressed(segment) in {True, False}
    assert could_be_compressed_rest(segment) in {True, False}
