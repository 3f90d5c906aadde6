"""Rights: an account looks as if no more were there than may be given, and hidden counters stay as they are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from loyalty.holding.lots import lot_of
from loyalty.holding.rights import Change, Rights, is_shared, within
from loyalty.holding.standing import NOTHING, Holdings, Standing
from loyalty.holding.units import coupon_unit
from tests.loyalty.holding.lots import AT, NOW, by_lot, holdings, lots

ME, OTHER = b"m" * 16, b"o" * 16
COUPON = coupon_unit("ten")
NAMES = ("points", "stamps", COUPON, "visit.count", "used.gift")
names = st.sampled_from(NAMES)
anything = holdings(-5, names)
changes = st.lists(st.tuples(names, st.integers(-40, 0), lots), max_size=5)
SOON = lot_of(None, NOW + 60)


def test_what_people_see_and_the_uses_of_coupons_are_shared() -> None:
    assert [name for name in NAMES if is_shared(name)] == ["points", "stamps", COUPON]


@given(held=anything, may=anything)
def test_an_account_shows_what_may_be_given_and_its_own_hidden_counters(held: Holdings, may: Holdings) -> None:
    seen = within(held, may)
    assert {name: by_lot(seen, name) for name in NAMES} == {
        name: by_lot(may if is_shared(name) else held, name) for name in NAMES
    }
    assert seen == NOTHING.changed([]) or seen.balances == tuple(sorted(seen.balances))


@given(held=anything, may=anything)
def test_what_else_is_known_of_a_member_stays(held: Holdings, may: Holdings) -> None:
    standing = Standing(balances=held.balances, lots=held.lots, member=ME, tier="gold", segments=("high",), as_of=AT)
    seen = within(standing, may)
    assert seen == replace(standing, balances=seen.balances, lots=seen.lots)
    assert (seen.balances, seen.lots) == (within(held, may).balances, within(held, may).lots)


@given(held=anything)
def test_without_rights_nothing_shared_is_there(held: Holdings) -> None:
    seen = within(held, Rights().of(ME))
    assert [seen.usable(name, AT) for name in NAMES if is_shared(name)] == [0, 0, 0]


@given(may=holdings(0, names), changes_=changes)
def test_no_right_falls_below_nothing_or_grows(may: Holdings, changes_: list[Change]) -> None:
    rights = Rights(accounts={ME: may, OTHER: may})
    after = rights.spent(ME, changes_)
    assert after.of(OTHER) == may
    assert all(amount >= 0 for _, amount in after.of(ME).balances)
    assert all(one.amount > 0 for one in after.of(ME).lots)
    assert all(after.of(ME).usable(name, AT) <= may.usable(name, AT) for name in NAMES)


@given(may=holdings(0, names), changes_=changes)
def test_what_is_given_beyond_a_lot_takes_nothing_from_the_others(may: Holdings, changes_: list[Change]) -> None:
    after = Rights(accounts={ME: may}).spent(ME, changes_).of(ME)
    gone = {
        (unit, lot.lot_id if lot is not None else None)
        for unit, amount, lot in changes_
        if amount  # a change of nothing takes nothing
    }
    left = {(one.unit, one.lot.lot_id): one.amount for one in after.lots}
    assert all(
        left.get((one.unit, one.lot.lot_id)) == one.amount for one in may.lots if (one.unit, one.lot.lot_id) not in gone
    )


def test_rights_to_an_account_that_are_not_there_are_not_spent() -> None:
    rights = Rights(accounts={ME: NOTHING.changed([("points", 5, None)])})
    assert rights.spent(None, [("points", -1, None)]) is rights
    assert rights.spent(OTHER, [("points", -1, None)]) is rights
    assert rights.of(OTHER) == NOTHING


def test_a_sale_spends_what_it_takes() -> None:
    may = NOTHING.changed([("points", 5, None), ("points", 7, SOON)])
    after = Rights(accounts={ME: may}).spent(ME, [("points", -6, SOON), ("points", -1, None)])
    assert after.of(ME) == NOTHING.changed([("points", 4, None), ("points", 1, SOON)])
    assert after.spent(ME, [("points", -3, SOON)]).of(ME) == NOTHING.changed([("points", 4, None)])


def test_what_is_counted_in_a_pool_is_seen_by_the_next_line() -> None:
    rights = Rights(pools={"budget.all": NOTHING.changed([("budget.all", 10, None)])})
    after = rights.counted(
        [("budget.all", "budget.all", 5), ("uses.gift", "uses.gift", 1), ("uses.gift", "uses.gift", 1)]
    )
    assert after.pools == {
        "budget.all": NOTHING.changed([("budget.all", 15, None)]),
        "uses.gift": NOTHING.changed([("uses.gift", 2, None)]),
    }
    assert rights.pools == {"budget.all": NOTHING.changed([("budget.all", 10, None)])}


def test_a_floor_limit_is_used_up_and_none_stays_none() -> None:
    assert Rights(floor_minor=500).beyond(200).floor_minor == 300
    assert Rights(floor_minor=500).beyond(900).floor_minor == 0
    assert Rights().beyond(900) == Rights()
