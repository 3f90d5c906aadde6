"""What time takes from an account."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.due.expiry import Ended, ended, explain_expiry, plan_expiry, plan_idle_expiry
from loyalty.explain import message
from loyalty.holding.ledger import Ledger
from loyalty.holding.lots import lot_of
from loyalty.holding.periods import Lasting, Period, RoundUp, parse_period
from loyalty.holding.standing import Holdings
from loyalty.holding.units import Unit
from loyalty.journal.entry import MAX_POSTINGS, Posting
from tests.loyalty.shop import MEMBER

ALMATY = ZoneInfo("Asia/Almaty")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOW = int(NOON.timestamp())
ENTRY = b"\x01" * 16


def post(amount: int, ends: int | None = None, unit: str = "points", begins: int | None = None) -> Posting:
    return Posting(account=MEMBER, unit=unit, amount=amount, lot=lot_of(begins, ends))


def holding(*postings: Posting) -> Holdings:
    ledger = Ledger()
    ledger.post(ENTRY, postings)
    return ledger.holdings(MEMBER)


def test_lots_that_are_over_are_taken_the_earliest_first_and_no_others() -> None:
    held = holding(post(3, NOW), post(2, NOW - 9), post(5, NOW + 1), post(7), post(1, NOW, "tier.progress"))
    planned = plan_expiry(MEMBER, held, NOON)
    assert planned == (post(-2, NOW - 9), post(-3, NOW), post(-1, NOW, "tier.progress"))
    assert ended(planned) == (Ended(unit="points", amount=5),)
    assert plan_expiry(MEMBER, held, NOON, "points") == planned[:2]


def test_what_is_owed_is_paid_by_what_ends_so_that_nothing_is_lost_twice() -> None:
    held = holding(post(6, NOW), post(6, NOW - 5), post(-8))
    planned = plan_expiry(MEMBER, held, NOON)
    assert planned == (post(-6, NOW - 5), post(-6, NOW), post(8))
    assert held.balance("points") + sum(one.amount for one in planned) == 0
    assert ended(planned) == (Ended(unit="points", amount=4),)


def test_a_lot_below_zero_becomes_a_debt_when_it_is_over() -> None:
    held = holding(post(5, NOW), post(4, NOW + 9)).changed([("points", -8, lot_of(None, NOW))])
    planned = plan_expiry(MEMBER, held, NOON)
    assert planned == (post(3, NOW), post(-3))
    assert ended(planned) == ()
    other = holding(post(-3, NOW), post(5, NOW - 1))
    assert plan_expiry(MEMBER, other, NOON) == (post(3, NOW), post(-5, NOW - 1))
    assert ended(plan_expiry(MEMBER, other, NOON)) == (Ended(unit="points", amount=2),)


def test_pending_units_end_with_their_lot() -> None:
    assert plan_expiry(MEMBER, holding(post(4, NOW, begins=NOW + 100)), NOON) == (post(-4, NOW, begins=NOW + 100),)


def test_an_entry_holds_only_so_many_postings_and_the_next_run_takes_the_rest() -> None:
    held = holding(*(post(1, NOW - number) for number in range(MAX_POSTINGS + 10)))
    planned = plan_expiry(MEMBER, held, NOON)
    assert MAX_POSTINGS - 2 < len(planned) <= MAX_POSTINGS
    rest = held.changed([(one.unit, one.amount, one.lot) for one in planned])
    assert len(plan_expiry(MEMBER, rest, NOON)) == MAX_POSTINGS + 10 - len(planned)


@given(
    st.lists(st.tuples(st.integers(-20, 50), st.none() | st.integers(-5, 5)), max_size=8),
    st.integers(0, 100),
    st.integers(-6, 6),
)
def test_expiry_leaves_no_lot_that_is_over_and_never_takes_below_what_was_owed(
    lots: list[tuple[int, int | None]], debt: int, later: int
) -> None:
    held = holding(*(post(amount, NOW + ends if ends is not None else None) for amount, ends in lots), post(-debt))
    at = datetime.fromtimestamp(NOW + later, UTC)
    planned = plan_expiry(MEMBER, held, at)
    after = held.changed([(one.unit, one.amount, one.lot) for one in planned])
    assert plan_expiry(MEMBER, after, at) == ()
    assert not [one for one in after.lots if one.lot.expires_at is not None and one.lot.expires_at <= NOW + later]
    assert min(0, held.balance("points")) <= after.balance("points") <= held.balance("points")
    assert after.usable("points", at) == after.balance("points")


@pytest.mark.parametrize(
    ("case", "lasting", "earned_on", "ends"),
    [
        ("OLO-004", Lasting(period=Period(), round_up=RoundUp.MONTH), date(2026, 1, 22), "2026-02-01"),
        ("OLO-005", Lasting(period=Period(), round_up=RoundUp.YEAR), date(2018, 7, 4), "2019-01-01"),
        ("SQR-003", Lasting(period=Period(months=12), round_up=RoundUp.MONTH), date(2020, 7, 6), "2021-08-01"),
        ("VCF-002", Lasting(period=Period()), date(2026, 5, 5), "2026-05-06"),
    ],
)
def test_the_ends_of_other_products(case: str, lasting: Lasting, earned_on: date, ends: str) -> None:
    assert f"{lasting.ends_at(earned_on, ALMATY).astimezone(ALMATY):%Y-%m-%dT%H:%M}" == f"{ends}T00:00", case


IDLE = Unit(id="points", scale=0, idle=parse_period("P6M"))


def idle(held: Holdings, last_on: date | None, at: str, unit: Unit = IDLE) -> tuple[Posting, ...]:
    return plan_idle_expiry(MEMBER, held, unit, last_on, datetime.fromisoformat(at), ALMATY)


def test_who_stayed_away_for_the_whole_of_the_last_day_loses_everything() -> None:
    held = holding(post(10, NOW), post(5), post(3, unit="stamps"))
    assert idle(held, date(2026, 1, 31), "2026-07-31T23:59+05:00") == ()
    assert idle(held, date(2026, 1, 31), "2026-08-01T00:00+05:00") == (post(-10, NOW), post(-5))


def test_a_debt_stays_where_it_is_and_nothing_ends_without_a_date_or_a_limit() -> None:
    at = "2030-01-01T00:00+05:00"
    assert idle(holding(post(-5)), date(2026, 1, 1), at) == ()
    assert idle(holding(post(10, NOW), post(-4)), date(2026, 1, 1), at) == (post(-10, NOW), post(4))
    assert idle(holding(post(5)), None, at) == ()
    assert idle(holding(post(5)), date(2026, 1, 1), at, Unit(id="points", scale=0)) == ()
    assert idle(holding(post(5)), date.max, at) == ()


def test_it_is_said_what_ended() -> None:
    found = (Ended(unit="points", amount=5), Ended(unit="gone", amount=1))
    assert explain_expiry({"points": IDLE}, found, idle=False) == (message("explain.expired", units=IDLE.amount(5)),)
    assert explain_expiry({"points": IDLE}, found, idle=True)[0].id == "explain.expired_away"


def test_what_ends_pays_first_for_a_lot_that_two_tills_drew_from() -> None:
    held = holding(post(1, NOW), post(-1, NOW + 1))
    planned = plan_expiry(MEMBER, held, datetime.fromtimestamp(NOW, UTC))
    assert held.changed([(one.unit, one.amount, one.lot) for one in planned]).balance("points") == 0
