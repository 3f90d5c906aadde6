"""Secrets: their shape and their hashes."""

from __future__ import annotations

import re

from hq.pairing.secrets import Purpose, new_code, new_token, plain_code, secret_hash


def test_a_code_has_ten_letters_of_crockfords_base_32() -> None:
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", new_code(lambda count: b"\xa7" * count))
    assert new_code(bytes) == "00000-00000"


def test_a_typed_code_is_read_without_its_dress() -> None:
    assert plain_code("o1-iL a b") == "0111AB"


def test_a_token_has_256_bits() -> None:
    asked = []

    def randomness(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    token = new_token(randomness)
    assert asked == [32]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)


def test_a_hash_for_one_purpose_is_none_for_another() -> None:
    hashes = {secret_hash(purpose, "same") for purpose in Purpose}
    assert len(hashes) == len(Purpose)
    assert all(len(one) == 32 for one in hashes)
