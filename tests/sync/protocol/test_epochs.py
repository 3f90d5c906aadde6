"""Finding the last common entry, and the bytes of the messages that open an epoch."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.limits import INT64_MAX
from sync.protocol import epochs
from sync.protocol.epochs import (
    Common,
    EpochOpened,
    EpochRequest,
    HashAnswer,
    HashAsked,
    OwnEpoch,
    Probe,
    Probed,
    epoch_signing_bytes,
    last_common,
)
from sync.protocol.errors import SyncErrorCode, SyncRefused

ids, hashes, counts = (
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=32, max_size=32),
    st.integers(0, INT64_MAX),
)
numbers = st.integers(1, INT64_MAX)
REQUEST = EpochRequest(
    terminal=b"\x01" * 16,
    epoch=2,
    common_epoch=1,
    common=3,
    common_hash=b"\x02" * 32,
    next=4,
    through=5,
    missing=6,
    rolled_back=True,
    head=b"\x03" * 32,
    signature=b"\x04" * 64,
)
MESSAGES: list[tuple[Callable[[Any], bytes], Callable[[bytes], Any], st.SearchStrategy[Any]]] = [
    (
        epochs.encode_hash_asked,
        epochs.decode_hash_asked,
        st.builds(HashAsked, terminal=ids, epoch=numbers, sequence=counts),
    ),
    (epochs.encode_hash_answer, epochs.decode_hash_answer, st.builds(HashAnswer, held=counts, hash=hashes)),
    (
        epochs.encode_epoch_request,
        epochs.decode_epoch_request,
        st.builds(
            EpochRequest,
            terminal=ids,
            epoch=numbers,
            common_epoch=numbers,
            common=counts,
            common_hash=hashes,
            next=st.integers(2, INT64_MAX - 1),
            through=counts,
            missing=counts,
            rolled_back=st.booleans(),
            head=hashes,
            signature=st.binary(min_size=64, max_size=64),
        ),
    ),
    (epochs.encode_epoch_opened, epochs.decode_epoch_opened, st.builds(EpochOpened, epoch=st.integers(2, INT64_MAX))),
]
each_message = pytest.mark.parametrize(("encode", "decode", "values"), MESSAGES)


@each_message
@given(data=st.data())
def test_a_message_comes_back_as_it_went(
    encode: Callable[[Any], bytes], decode: Callable[[bytes], Any], values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    assert decode(encode(value)) == value


@each_message
@given(data=st.data())
def test_a_message_with_any_field_of_another_shape_is_refused(
    encode: Callable[[Any], bytes], decode: Callable[[bytes], Any], values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    given_ = json.loads(encode(data.draw(values)))
    name = data.draw(st.sampled_from(sorted(given_)))
    given_[name] = data.draw(st.sampled_from([None, -1, 1.5, "zz", [], {}, INT64_MAX + 1, "00" * 40]))
    with pytest.raises(SyncRefused) as caught:
        decode(json.dumps(given_).encode())
    assert caught.value.code is SyncErrorCode.MALFORMED


def test_the_signature_is_over_every_field_but_itself() -> None:
    said = b"".join(number.to_bytes(8, "big") for number in (2, 1, 3, 4, 5, 6))
    assert epoch_signing_bytes(REQUEST) == (
        b"loyaltill epoch 1\0" + b"\x01" * 16 + said + b"\x01" + b"\x02" * 32 + b"\x03" * 32
    )


def find(own: list[OwnEpoch], held: dict[int, tuple[int, int]]) -> tuple[Common, list[Probe]]:
    """Search with an HQ that holds (entries, of which so many are the till's) of each epoch."""
    search, asked = last_common(own), list[Probe]()
    probe = next(search)
    while True:
        asked.append(probe)
        has, same = held.get(probe.epoch, (0, 0))
        try:
            probe = search.send(Probed(held=has, same=min(has, probe.sequence) <= same))
        except StopIteration as found:
            return found.value, asked


@given(last=st.integers(0, 3_000), more=st.integers(-3_000, 3_000), data=st.data())
def test_within_one_epoch_the_last_common_entry_is_found_in_few_questions(
    last: int, more: int, data: st.DataObject
) -> None:
    has = max(0, last + more)
    same = data.draw(st.integers(0, min(last, has)))
    common, asked = find([OwnEpoch(epoch=1, base=0, last=last)], {1: (has, same)})
    assert common == Common(epoch=1, sequence=same, base=same)
    assert len(asked) <= 2 + min(last, has).bit_length()


def test_an_epoch_of_which_nothing_is_common_says_nothing_and_the_one_before_it_is_looked_at() -> None:
    own = [OwnEpoch(epoch=1, base=0, last=8), OwnEpoch(epoch=4, base=8, last=5)]
    assert find(own, {1: (8, 8), 4: (9, 3)})[0] == Common(epoch=4, sequence=3, base=11)
    assert find(own, {1: (8, 8), 4: (2, 0)})[0] == Common(epoch=1, sequence=8, base=8)
    assert find(own, {1: (5, 5)})[0] == Common(epoch=1, sequence=5, base=5)
    assert find(own, {})[0] == Common(epoch=1, sequence=0, base=0)


@pytest.mark.parametrize(
    ("has", "same", "expected"),
    [
        (9, 7, Common(epoch=1, sequence=7, base=7)),
        (5, 5, Common(epoch=1, sequence=5, base=5)),
        (3, 3, Common(epoch=1, sequence=3, base=5, missing=2)),
        (0, 0, Common(epoch=1, sequence=0, base=5, missing=5)),
        (9, 4, Common(epoch=1, sequence=0, base=5, missing=5)),
    ],
)
def test_what_the_till_removed_and_hq_lost_is_missing(has: int, same: int, expected: Common) -> None:
    assert find([OwnEpoch(epoch=1, base=0, last=9, kept=5)], {1: (has, same)})[0] == expected


def test_what_was_removed_up_to_the_beginning_of_an_epoch_is_asked_about_in_the_one_before() -> None:
    own = [OwnEpoch(epoch=1, base=0, last=8, kept=8), OwnEpoch(epoch=2, base=8, last=4)]
    assert find(own, {1: (8, 8)})[0] == Common(epoch=1, sequence=8, base=8)
    assert find(own, {1: (6, 6)})[0] == Common(epoch=1, sequence=6, base=8, missing=2)
