"""The hash chain, against vectors computed here with hashlib alone."""

import hashlib
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.journal.chain import first_head, head_code, next_head, terminal_id

PUBLIC_KEY = bytes(range(32))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_a_terminal_id_is_the_fingerprint_of_its_key() -> None:
    assert terminal_id(PUBLIC_KEY) == sha256(b"loyaltill terminal 1\x00" + PUBLIC_KEY)[:16]
    assert terminal_id(PUBLIC_KEY).hex() == "be5a756faa317e36809e39d1bc43b09a"


def test_the_first_head_binds_terminal_epoch_and_key() -> None:
    terminal = sha256(b"loyaltill terminal 1\x00" + PUBLIC_KEY)[:16]
    expected = sha256(b"loyaltill journal 1\x00" + terminal + b"\x00\x00\x00\x00\x00\x00\x00\x01" + PUBLIC_KEY)
    assert first_head(PUBLIC_KEY, 1) == expected
    assert expected.hex() == "b9676e3fa7567c417c6dcd7b135e64893a8016837d4066b59d49a97c67db6263"
    assert len({first_head(PUBLIC_KEY, 1), first_head(PUBLIC_KEY, 2), first_head(bytes(32), 1)}) == 3


def test_each_head_is_the_hash_of_the_one_before_and_the_core() -> None:
    one = sha256(first_head(PUBLIC_KEY, 1) + b'{"core":1}')
    two = sha256(one + b'{"core":2}')
    cores = [b'{"core":1}', b'{"core":2}']
    assert list(accumulate(cores, next_head, initial=first_head(PUBLIC_KEY, 1)))[1:] == [one, two]
    assert two.hex() == "339410de69fc20c6f0a3b6067b798034a46674ccf9d168cfddf02f54cd5be104"


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8), st.data())
def test_any_change_of_any_core_changes_every_head_after_it(cores: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(cores) - 1))
    other = data.draw(st.binary(max_size=40).filter(lambda core: core != cores[place]))
    heads = list(accumulate(cores, next_head, initial=bytes(32)))
    changed = list(accumulate([*cores[:place], other, *cores[place + 1 :]], next_head, initial=bytes(32)))
    assert heads[: place + 1] == changed[: place + 1]
    assert all(a != b for a, b in zip(heads[place + 1 :], changed[place + 1 :], strict=True))


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("0000000000", "0000-0000"),
        ("ffffffffff", "ZZZZ-ZZZZ"),
        ("0000000001", "0000-0001"),
        ("0800000000", "1000-0000"),
        ("0123456789", "04HM-ASW9"),
        ("8000000020", "G000-0010"),
    ],
)
def test_a_head_code_is_its_first_40_bits_in_crockfords_base_32(start: str, code: str) -> None:
    assert head_code(bytes.fromhex(start) + bytes(27)) == code
    assert head_code(bytes.fromhex(start) + b"\xff" * 27) == code


@given(st.binary(min_size=32, max_size=32))
def test_a_head_code_has_no_letter_that_is_misread(head: bytes) -> None:
    code = head_code(head)
    assert (len(code), code[4]) == (9, "-")
    assert not set(code) & set("ILOUilou")


def test_a_key_an_epoch_or_a_head_of_another_shape_is_the_callers_bug() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        terminal_id(b"short")
    with pytest.raises(ValueError, match="count from 1"):
        first_head(PUBLIC_KEY, 0)
    with pytest.raises(ValueError, match="32 bytes"):
        next_head(b"", b"core")
