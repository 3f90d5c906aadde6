"""Slices: never more is cut than no lease covers, never more is drawn than a slice has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.holding.lots import lot_of, open_lots, plan_use
from loyalty.holding.slices import (
    Cut,
    HeldSlice,
    Take,
    at_most,
    cut_slices,
    draw_on,
    rights_view,
    spent_of,
    usable_now,
)
from loyalty.holding.standing import NOTHING, Holdings, LotBalance, is_open
from loyalty.journal.entry import LeaseDraw
from tests.loyalty.holding.lots import AT, NOW, UNITS, by_lot, holdings, lots, units

amounts = st.integers(1, 200)
SOON, LATER = lot_of(None, NOW + 60), lot_of(None, NOW + 120)
OVER, PENDING = lot_of(None, NOW), lot_of(NOW + 1, None)
accounts = st.sampled_from([b"a" * 16, b"b" * 16])
Key = tuple[bytes, str, bytes | None]


@st.composite
def accounts_and_leased(draw: st.DrawFn) -> tuple[Holdings, dict[bytes | None, int]]:
    """An account of one unit or two, and what is leased of it by lot: nothing, part, all or more."""
    held = draw(holdings())
    leased = {lot_id: draw(st.integers(0, 60)) for lot_id in by_lot(held, "points") if draw(st.booleans())}
    return held, leased


@st.composite
def held_slices(draw: st.DrawFn) -> list[HeldSlice]:
    """Slices of a few leases; each lease has one slice of a lot, as HQ grants them."""
    found: dict[tuple[bytes, bytes | None], HeldSlice] = {}
    for number in range(draw(st.integers(0, 6))):
        lease, lot = bytes([number % 3]) * 16, draw(lots)
        one = HeldSlice(
            lease=lease,
            account=b"ab"[number % 3 % 2 : number % 3 % 2 + 1] * 16,
            unit="points",
            lot=lot,
            left=draw(st.integers(0, 30)),
        )
        found.setdefault((lease, lot.lot_id if lot is not None else None), one)
    return list(found.values())


takes = st.builds(
    Take,
    account=accounts,
    unit=units,
    lot_id=lots.map(lambda lot: lot.lot_id if lot is not None else None),
    amount=st.integers(1, 60),
)
owns = st.dictionaries(st.tuples(accounts, units, lots.map(lambda lot: lot and lot.lot_id)), st.integers(-5, 30))


def key_of(one: HeldSlice) -> Key:
    return one.account, one.unit, one.lot.lot_id if one.lot is not None else None


def total(found: tuple[Cut, ...]) -> int:
    return sum(one.amount for one in found)


@given(found=accounts_and_leased(), amount=amounts)
def test_never_more_is_cut_than_no_lease_covers_and_is_asked_for(
    found: tuple[Holdings, dict[bytes | None, int]], amount: int
) -> None:
    held, leased = found
    cuts = cut_slices(held, "points", amount, AT, leased)
    there = by_lot(held, "points")
    lot_ids = [cut.lot.lot_id if cut.lot is not None else None for cut in cuts]
    assert len(set(lot_ids)) == len(lot_ids)
    assert all(
        0 < cut.amount <= there[lot_id] - leased.get(lot_id, 0) for cut, lot_id in zip(cuts, lot_ids, strict=True)
    )
    assert total(cuts) <= amount


@given(found=accounts_and_leased(), amount=amounts)
def test_as_much_is_cut_as_may_be_spent_and_no_lease_covers(
    found: tuple[Holdings, dict[bytes | None, int]], amount: int
) -> None:
    held, leased = found
    open_ids = {one.lot.lot_id for one in open_lots(held, "points", AT)} | {None}
    free = sum(
        max(0, left - leased.get(lot_id, 0)) for lot_id, left in by_lot(held, "points").items() if lot_id in open_ids
    )
    cuts = cut_slices(held, "points", amount, AT, leased)
    assert total(cuts) == min(amount, free)
    assert all(cut.lot is None or is_open(cut.lot, AT) for cut in cuts)


@given(held=holdings(), amount=amounts)
def test_slices_are_cut_in_the_order_in_which_lots_pay(held: Holdings, amount: int) -> None:
    uses = plan_use(held, "points", amount, AT)
    cuts = cut_slices(held, "points", amount, AT, {})
    assert uses is None or [(cut.lot, cut.amount) for cut in cuts] == [(use.lot, use.amount) for use in uses]


@given(held=holdings(), amounts_=st.lists(amounts, max_size=5))
def test_however_often_is_cut_nothing_is_cut_twice(held: Holdings, amounts_: list[int]) -> None:
    leased: Counter[bytes | None] = Counter()
    for amount in amounts_:
        for cut in cut_slices(held, "points", amount, AT, leased):
            leased[cut.lot.lot_id if cut.lot is not None else None] += cut.amount
    there = by_lot(held, "points")
    assert all(many <= there[lot_id] for lot_id, many in leased.items())
    assert leased.total() <= held.usable("points", AT)


def test_nothing_is_no_amount_to_cut() -> None:
    with pytest.raises(ValueError, match="a slice holds something"):
        cut_slices(NOTHING, "points", 0, AT, {})


def account_of(*parts: tuple[int, object]) -> Holdings:
    return NOTHING.changed([("points", amount, lot) for amount, lot in parts])  # type: ignore[misc]


def test_what_is_over_counts_as_far_as_it_is_leased_and_what_is_pending_does_not() -> None:
    assert OVER is not None
    assert PENDING is not None
    held = account_of((3, None), (10, SOON), (20, OVER), (40, PENDING))
    assert usable_now(held, "points", AT, {}) == 13
    assert usable_now(held, "points", AT, {OVER.lot_id: 5}) == 18
    assert usable_now(held, "points", AT, {OVER.lot_id: 90}) == 33
    assert usable_now(held, "stamps", AT, {}) == 0


@given(held=holdings(-5))
def test_without_leases_u_is_what_may_be_spent_where_no_lot_is_overdrawn(held: Holdings) -> None:
    closed = [one for one in held.lots if one.amount < 0 and not is_open(one.lot, AT)]
    below = {unit: sum(one.amount for one in closed if one.unit == unit) for unit in UNITS}
    assert {unit: usable_now(held, unit, AT, {}) - below[unit] for unit in UNITS} == {
        unit: held.usable(unit, AT) for unit in UNITS
    }


@given(view=holdings(-5), most=st.integers(-5, 60))
def test_at_most_leaves_no_more_than_it_says_and_takes_no_more_than_it_must(view: Holdings, most: int) -> None:
    after = at_most(view, "points", most, AT)
    assert after.usable("points", AT) == min(view.usable("points", AT), max(0, most))
    assert by_lot(after, "stamps") == by_lot(view, "stamps")
    before = by_lot(view, "points")
    assert all(min(0, before[lot_id]) <= left <= before[lot_id] for lot_id, left in by_lot(after, "points").items())


def test_at_most_takes_what_pays_last_first() -> None:
    view = account_of((3, None), (10, SOON), (20, LATER))
    assert at_most(view, "points", 35, AT) == view
    assert at_most(view, "points", 31, AT) == account_of((1, None), (10, SOON), (20, LATER))
    assert at_most(view, "points", 12, AT) == account_of((10, SOON), (2, LATER))
    assert at_most(view, "points", -1, AT) == NOTHING.changed([("points", 0, None)])


@given(takes_=st.lists(takes, max_size=6), own=owns, slices=held_slices())
def test_no_more_is_drawn_than_a_slice_has_or_a_sale_takes(
    takes_: list[Take], own: dict[Key, int], slices: list[HeldSlice]
) -> None:
    draws = draw_on(takes_, own, slices)
    keys = {(one.lease, key_of(one)[2]): one for one in slices}
    assert all(0 < draw.amount <= keys[draw.lease, draw.lot_id].left for draw in draws)
    assert len({(draw.lease, draw.lot_id) for draw in draws}) == len(draws)
    taken, drawn, free = Counter[Key](), Counter[Key](), Counter[Key]()
    for take in takes_:
        taken[take.account, take.unit, take.lot_id] += take.amount
    for draw in draws:
        drawn[key_of(keys[draw.lease, draw.lot_id])] += draw.amount
    for one in slices:
        free[key_of(one)] += one.left
    assert {key: drawn[key] for key in taken} == {
        key: min(max(0, many - max(0, own.get(key, 0))), free[key]) for key, many in taken.items()
    }
    assert set(drawn) <= set(taken)


@given(takes_=st.lists(takes, max_size=6), own=owns, slices=held_slices())
def test_slices_have_what_was_not_drawn(takes_: list[Take], own: Mapping[Key, int], slices: list[HeldSlice]) -> None:
    draws = draw_on(takes_, own, slices)
    after = spent_of(slices, draws)
    assert [(one.lease, key_of(one)) for one in after] == [(one.lease, key_of(one)) for one in slices]
    assert all(0 <= now.left <= before.left for now, before in zip(after, slices, strict=True))
    assert sum(one.left for one in after) == sum(one.left for one in slices) - sum(draw.amount for draw in draws)


def test_a_sale_takes_its_own_units_first_and_then_the_slices_in_their_order() -> None:
    assert SOON is not None
    account, lot_id = b"a" * 16, SOON.lot_id
    slices = [
        HeldSlice(lease=bytes([number]) * 16, account=account, unit="points", lot=SOON, left=left)
        for number, left in ((1, 4), (2, 7))
    ]
    take = Take(account=account, unit="points", lot_id=lot_id, amount=9)
    assert draw_on([take], {(account, "points", lot_id): 3}, slices) == (
        LeaseDraw(lease=b"\x01" * 16, lot_id=lot_id, amount=4),
        LeaseDraw(lease=b"\x02" * 16, lot_id=lot_id, amount=2),
    )
    assert draw_on([take], {(account, "points", lot_id): 9}, slices) == ()


@given(slices=held_slices(), own=holdings(named=st.just("points")))
def test_the_view_of_an_account_is_its_slices_and_what_nobody_else_heard_of(
    slices: list[HeldSlice], own: Holdings
) -> None:
    view = rights_view(slices, own.lots, dict(own.balances))
    expected = Counter(by_lot(own, "points"))
    for one in slices:
        expected[key_of(one)[2]] += one.left
    assert +Counter(by_lot(view, "points")) == +expected
    assert view.lots == tuple(sorted(view.lots, key=lambda one: (one.unit, one.lot.lot_id)))


def test_own_lots_of_a_unit_that_is_owed_are_no_right() -> None:
    assert SOON is not None
    own = [LotBalance(unit="points", lot=SOON, amount=5)]
    assert rights_view([], own, {"points": -2}) == NOTHING
    assert rights_view([], own, {"points": 3}).usable("points", AT) == 3
