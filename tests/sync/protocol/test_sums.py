"""Checksums of balances: buckets part the ids, and zero counts as nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.limits import INT64_MAX
from sync.protocol.sums import BUCKETS, MODULUS, bounds_of, bucket_of, term_of

ids = st.binary(min_size=16, max_size=16)
amounts = st.integers(-INT64_MAX - 1, INT64_MAX)


@given(ids)
def test_an_id_is_in_the_bounds_of_its_bucket_alone(account: bytes) -> None:
    holding = [bucket for bucket in range(BUCKETS) if bounds_of(bucket)[0] <= account <= bounds_of(bucket)[1]]
    assert holding == [bucket_of(account)]


def test_the_buckets_leave_no_gap() -> None:
    ends = [int.from_bytes(end, "big") for bucket in range(BUCKETS) for end in bounds_of(bucket)]
    assert (ends[0], ends[-1]) == (0, 2**128 - 1)
    assert all(after - before == 1 for before, after in zip(ends[1:-1:2], ends[2::2], strict=True))


@given(ids, st.sampled_from(["points", "visit.count"]), amounts)
def test_a_term_is_small_and_nothing_for_zero(account: bytes, unit: str, amount: int) -> None:
    assert 0 <= term_of(account, unit, amount) < MODULUS
    assert term_of(account, unit, 0) == 0


def test_terms_are_these() -> None:
    assert term_of(bytes(16), "points", 5) == 2_681_198_051
    assert term_of(bytes(16), "points", -5) != term_of(bytes(16), "points", 5)
