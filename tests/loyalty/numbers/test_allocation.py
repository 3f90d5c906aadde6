"""Splitting an amount over lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.numbers.allocation import allocate

Weights = list[tuple[int, int]]
weighted = st.lists(
    st.tuples(st.integers(1, 500), st.integers(0, 10**9)), min_size=1, max_size=20, unique_by=lambda p: p[0]
)


def test_the_odd_cent_goes_to_the_largest_remainder() -> None:
    assert allocate(100, [(1, 1), (2, 4), (3, 2)]) == ((1, 14), (2, 57), (3, 29))


def test_of_equal_remainders_the_first_line_wins() -> None:
    assert allocate(400, [(3, 200), (1, 200), (2, 200)]) == ((1, 134), (2, 133), (3, 133))


def test_lines_that_get_nothing_are_left_out() -> None:
    assert allocate(1, [(1, 5), (2, 6), (3, 0)]) == ((2, 1),)
    assert allocate(0, [(1, 0)]) == ()
    assert allocate(0, []) == ()


@given(weighted, st.data())
def test_parts_sum_exactly_and_none_exceeds_its_weight(weights: Weights, data: st.DataObject) -> None:
    whole = sum(weight for _, weight in weights)
    amount = data.draw(st.integers(0, whole))
    parts = allocate(amount, weights)
    assert sum(part for _, part in parts) == amount
    limits = dict(weights)
    assert all(0 < part <= limits[line] for line, part in parts)


@given(weighted, st.data())
def test_the_order_of_lines_does_not_matter(weights: Weights, data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(weight for _, weight in weights)))
    assert allocate(amount, data.draw(st.permutations(weights))) == allocate(amount, weights)


@given(weighted, st.data())
def test_each_part_is_within_one_of_its_exact_share(weights: Weights, data: st.DataObject) -> None:
    whole = sum(weight for _, weight in weights)
    amount = data.draw(st.integers(0, whole))
    parts = dict(allocate(amount, weights))
    assert all(abs(parts.get(line, 0) * whole - amount * weight) < whole for line, weight in weights if whole)


@pytest.mark.parametrize(("amount", "weights"), [(1, []), (1, [(1, 0)]), (-1, [(1, 5)])])
def test_what_cannot_be_split_is_the_callers_bug(amount: int, weights: Weights) -> None:
    with pytest.raises(ValueError, match="nothing to split over"):
        allocate(amount, weights)
