"""Leases as messages: what comes back as it went, what is refused, and HQ's seal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.limits import INT64_MAX, MAX_UNIT
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.leases import (
    MAX_HELD,
    MAX_LEASES_BYTES,
    MAX_SLICES,
    MAX_SLICES_TOLD,
    MAX_TOLD,
    MAX_WANTS,
    Change,
    Lease,
    LeaseAnswer,
    LeaseRequest,
    LeaseState,
    Slice,
    Want,
    WantRefused,
    decode_lease_answer,
    decode_lease_request,
    encode_lease_answer,
    encode_lease_request,
    is_sealed,
    seal_of,
    told_at_once,
)
from sync.protocol.values import LAST_SECOND

KEY = b"k" * 32
ids = st.binary(min_size=16, max_size=16)
counts, numbers = st.integers(0, INT64_MAX), st.integers(1, INT64_MAX)
instants = st.none() | st.integers(0, 2**40)
storable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
units = st.text(storable, min_size=1, max_size=MAX_UNIT)
pools = st.text(storable, min_size=1, max_size=200)


@st.composite
def wants(draw: st.DrawFn) -> Want:
    least = draw(numbers)
    account, pool = draw(st.tuples(ids, st.none()) | st.tuples(st.none(), pools))
    return Want(
        request_id=draw(ids),
        account=account,
        pool=pool,
        unit=draw(units),
        least=least,
        most=draw(st.integers(least, INT64_MAX)),
        urgent=draw(st.booleans()),
    )


@st.composite
def slices(draw: st.DrawFn) -> Slice:
    amount = draw(numbers)
    return Slice(
        lot_id=draw(st.none() | ids),
        usable_at=draw(instants),
        expires_at=draw(instants),
        amount=amount,
        spent=draw(st.integers(0, INT64_MAX)),
    )


leases = st.builds(
    Lease,
    lease_id=ids,
    request_id=ids,
    terminal=ids,
    epoch=numbers,
    account=ids,
    unit=units,
    slices=st.lists(slices(), min_size=1, max_size=3).map(tuple),
    expires_at=st.integers(0, 2**40),
    state=st.sampled_from(LeaseState),
    seal=st.just(b"") | st.binary(min_size=32, max_size=32),
)
requests = st.builds(
    LeaseRequest,
    terminal=ids,
    epoch=numbers,
    known=counts,
    hq_epoch=st.none() | st.text(storable, min_size=1, max_size=64),
    wants=st.lists(wants(), max_size=3).map(tuple),
    held=st.none() | st.lists(leases, max_size=3).map(tuple),
    held_more=st.booleans(),
)
answers = st.builds(
    LeaseAnswer,
    hq_epoch=st.text(storable, min_size=1, max_size=64),
    changes=st.lists(st.builds(Change, number=numbers, lease=leases), max_size=3).map(tuple),
    upto=counts,
    more=st.booleans(),
    refused=st.lists(st.tuples(ids, st.sampled_from(WantRefused)), max_size=3).map(tuple),
    recovering=st.booleans(),
)
WANT = Want(request_id=b"r" * 16, account=b"a" * 16, pool=None, unit="points", least=1, most=5)
LEASE = Lease(
    lease_id=b"l" * 16,
    request_id=b"r" * 16,
    terminal=b"t" * 16,
    epoch=1,
    account=b"a" * 16,
    unit="points",
    slices=(Slice(lot_id=b"s" * 16, usable_at=None, expires_at=2_000, amount=5, spent=2),),
    expires_at=1_000,
)
REQUEST = LeaseRequest(terminal=b"t" * 16, epoch=1, known=3, hq_epoch="e", wants=(WANT,), held=(LEASE,))
ANSWER = LeaseAnswer(
    hq_epoch="e",
    changes=(Change(number=4, lease=LEASE),),
    upto=4,
    more=False,
    refused=((b"q" * 16, WantRefused.NOT_ENOUGH),),
)


@given(request=requests)
def test_a_question_comes_back_as_it_went(request: LeaseRequest) -> None:
    assert decode_lease_request(encode_lease_request(request)) == request


@given(answer=answers)
def test_an_answer_comes_back_as_it_went(answer: LeaseAnswer) -> None:
    assert decode_lease_answer(encode_lease_answer(answer)) == answer


def changed(encoded: bytes, path: tuple[str | int, ...], value: Any) -> bytes:
    """Put a value somewhere into a message."""
    given_ = json.loads(encoded)
    place = given_
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(given_).encode()


def refusal(decode: Callable[[bytes], object], data: bytes) -> SyncErrorCode:
    with pytest.raises(SyncRefused) as caught:
        decode(data)
    return caught.value.code


NO_ID: list[Any] = ["", "zz", "00" * 15, "00" * 17, 5, [], {}]
NO_COUNT: list[Any] = [None, -1, 1.5, "1", True, [], INT64_MAX + 1]
NO_NUMBER: list[Any] = [None, 1.5, "1", True, [], INT64_MAX + 1]
NO_UNIT: list[Any] = [None, "", 5, ["points"], "x" * (MAX_UNIT + 1), "a\0", "\ud800"]
NO_LIST: list[Any] = [None, 5, "x", {}]
BAD_QUESTIONS: list[tuple[tuple[str | int, ...], list[Any]]] = [
    (("terminal",), [*NO_ID, None]),
    (("epoch",), [*NO_COUNT, 0]),
    (("known",), NO_COUNT),
    (("hq_epoch",), ["", 5, [], "x" * 65, "a\0"]),
    (("wants",), NO_LIST),
    (("held",), [5, "x", {}]),
    (("wants", 0), [None, 5, "x", [], {}]),
    (("wants", 0, "request"), [*NO_ID, None]),
    (("wants", 0, "account"), [*NO_ID, None]),
    (("wants", 0, "pool"), ["budget.all", "", 5, []]),
    (("wants", 0, "unit"), NO_UNIT),
    (("wants", 0, "least"), [*NO_COUNT, 0, 6]),
    (("wants", 0, "most"), [*NO_COUNT, 0]),
    (("held", 0), [None, 5, "x", [], {}]),
    (("held", 0, "lease"), [*NO_ID, None]),
    (("held", 0, "request"), [*NO_ID, None]),
    (("held", 0, "terminal"), [*NO_ID, None]),
    (("held", 0, "epoch"), [*NO_COUNT, 0]),
    (("held", 0, "account"), [*NO_ID, None]),
    (("held", 0, "unit"), NO_UNIT),
    (("held", 0, "slices"), [*NO_LIST, [], [None], [5], [[]], [{}]]),
    (("held", 0, "slices", 0, 0), NO_ID),
    (("held", 0, "slices", 0, 1), NO_NUMBER[1:]),
    (("held", 0, "slices", 0, 2), NO_NUMBER[1:]),
    (("held", 0, "slices", 0, 3), [*NO_COUNT, 0]),
    (("held", 0, "slices", 0, 4), NO_COUNT),
    (("held", 0, "expires_at"), NO_NUMBER),
    (("held", 0, "state"), [None, "", "lost", 5, [], {}]),
    (("held", 0, "seal"), [None, "zz", 5, []]),
]
BAD_ANSWERS: list[tuple[tuple[str | int, ...], list[Any]]] = [
    (("hq_epoch",), [None, "", 5, [], "x" * 65]),
    (("changes",), NO_LIST),
    (("changes", 0), [None, 5, [], [1], [1, 2, 3], {}]),
    (("changes", 0, 0), NO_COUNT),
    (("changes", 0, 1), [None, 5, "x", [], {}]),
    (("upto",), NO_COUNT),
    (("refused",), NO_LIST),
    (("refused", 0), [None, 5, [], ["00" * 16]]),
    (("refused", 0, 0), [*NO_ID, None]),
    (("refused", 0, 1), [None, "", "because", 5, [], {}]),
]


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, values in BAD_QUESTIONS for value in values])
def test_a_question_with_a_field_of_another_shape_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    data = changed(encode_lease_request(REQUEST), path, value)
    assert refusal(decode_lease_request, data) is SyncErrorCode.MALFORMED


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, values in BAD_ANSWERS for value in values])
def test_an_answer_with_a_field_of_another_shape_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    data = changed(encode_lease_answer(ANSWER), path, value)
    assert refusal(decode_lease_answer, data) is SyncErrorCode.MALFORMED


def test_what_a_field_lacks_is_no_default() -> None:
    given_ = json.loads(encode_lease_request(REQUEST))
    for one in (given_["wants"][0], given_["held"][0]):
        for name in list(one):
            value = one.pop(name)
            assert refusal(decode_lease_request, json.dumps(given_).encode()) is SyncErrorCode.MALFORMED, name
            one[name] = value
    assert decode_lease_request(json.dumps(given_).encode()) == REQUEST


@given(data=st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    assert refusal(decode_lease_request, data) is SyncErrorCode.MALFORMED
    assert refusal(decode_lease_answer, data) is SyncErrorCode.MALFORMED


@pytest.mark.parametrize(
    ("encode", "decode", "message", "name", "most"),
    [
        (encode_lease_request, decode_lease_request, REQUEST, "wants", MAX_WANTS),
        (encode_lease_request, decode_lease_request, REQUEST, "held", MAX_TOLD),
        (encode_lease_answer, decode_lease_answer, ANSWER, "changes", MAX_TOLD),
        (encode_lease_answer, decode_lease_answer, ANSWER, "refused", MAX_WANTS),
    ],
)
def test_a_list_is_taken_to_its_bound_and_refused_beyond(
    encode: Callable[[Any], bytes], decode: Callable[[bytes], Any], message: Any, name: str, most: int
) -> None:
    (one,) = getattr(message, name)
    full = replace(message, **{name: (one,) * most})
    assert decode(encode(full)) == full
    assert refusal(decode, encode(replace(message, **{name: (one,) * (most + 1)}))) is SyncErrorCode.MALFORMED


def test_a_lease_has_at_most_so_many_slices() -> None:
    def asked(many: int) -> LeaseRequest:
        return replace(REQUEST, held=(replace(LEASE, slices=LEASE.slices * many),))

    assert decode_lease_request(encode_lease_request(asked(MAX_SLICES))) == asked(MAX_SLICES)
    assert refusal(decode_lease_request, encode_lease_request(asked(MAX_SLICES + 1))) is SyncErrorCode.MALFORMED


def test_more_bytes_than_a_message_may_have_are_not_read() -> None:
    full = encode_lease_request(REQUEST).ljust(MAX_LEASES_BYTES)
    assert decode_lease_request(full) == REQUEST
    assert refusal(decode_lease_request, full + b" ") is SyncErrorCode.TOO_LARGE
    assert refusal(decode_lease_answer, full + b" ") is SyncErrorCode.TOO_LARGE


@pytest.mark.parametrize("slices", [1, 2, 99, 100, 101, MAX_SLICES])
def test_as_many_leases_as_may_be_told_at_once_fit_a_message_whatever_they_are_of(slices: int) -> None:
    part = Slice(lot_id=b"l" * 16, usable_at=LAST_SECOND, expires_at=LAST_SECOND, amount=INT64_MAX, spent=INT64_MAX)
    whole = replace(LEASE, unit="u" * MAX_UNIT, seal=b"s" * 32, expires_at=LAST_SECOND, slices=(part,) * slices)
    fits = told_at_once((whole,) * MAX_HELD)
    assert fits == min(MAX_TOLD, MAX_SLICES_TOLD // slices)
    held = replace(REQUEST, held=(whole,) * fits, held_more=True, wants=(WANT,) * MAX_WANTS)
    assert decode_lease_request(encode_lease_request(held)) == held
    told = replace(ANSWER, changes=(Change(number=INT64_MAX, lease=whole),) * fits)
    assert decode_lease_answer(encode_lease_answer(told)) == told


@pytest.mark.parametrize(
    "changes",
    [
        {"request_id": b"r"},
        {"account": None},
        {"pool": "budget.all"},
        {"account": b"a"},
        {"account": None, "pool": ""},
        {"account": None, "pool": "x" * 201},
        {"unit": ""},
        {"unit": "x" * (MAX_UNIT + 1)},
        {"unit": "a\0"},
        {"least": 0},
        {"least": 6},
        {"most": INT64_MAX + 1},
    ],
)
def test_a_want_of_another_shape_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"request id|account|unit|pool|for something"):
        replace(WANT, **changes)


def test_a_state_counts_until_nobody_can_spend_the_lease_any_more() -> None:
    assert {state for state in LeaseState if state.counts} == {
        LeaseState.OPEN,
        LeaseState.RECALLED,
        LeaseState.FROZEN,
    }


def sealed(lease: Lease) -> Lease:
    return replace(lease, seal=seal_of(KEY, lease))


@given(lease=leases, state=st.sampled_from(LeaseState), spent=st.integers(0, INT64_MAX))
def test_a_seal_is_over_the_grant_whatever_became_of_it(lease: Lease, state: LeaseState, spent: int) -> None:
    first, *rest = sealed(lease).slices
    later = replace(sealed(lease), state=state, slices=(replace(first, spent=spent), *rest))
    assert is_sealed(KEY, later)
    assert not is_sealed(b"another", later)


@given(lease=leases)
def test_a_seal_holds_for_no_other_grant(lease: Lease) -> None:
    granted = sealed(lease)
    first, *rest = granted.slices
    others = (
        replace(granted, lease_id=granted.lease_id[::-1] + b"x"),
        replace(granted, request_id=bytes(16) if any(granted.request_id) else b"x" * 16),
        replace(granted, terminal=bytes(16) if any(granted.terminal) else b"x" * 16),
        replace(granted, epoch=granted.epoch + 1),
        replace(granted, account=bytes(16) if any(granted.account) else b"x" * 16),
        replace(granted, unit=granted.unit + "x"),
        replace(granted, expires_at=granted.expires_at + 1),
        replace(granted, slices=(replace(first, amount=first.amount + 1), *rest)),
        replace(granted, slices=(replace(first, lot_id=None if first.lot_id else bytes(16)), *rest)),
        replace(granted, slices=(*granted.slices, first)),
        replace(granted, seal=bytes(32)),
        replace(granted, seal=b""),
    )
    assert not any(is_sealed(KEY, one) for one in others)


def test_a_lease_adds_its_slices_up() -> None:
    other = Slice(lot_id=None, usable_at=None, expires_at=None, amount=7, spent=9)
    lease = replace(LEASE, slices=(*LEASE.slices, other))
    assert (lease.amount, lease.spent, [one.left for one in lease.slices]) == (12, 11, [3, -2])
