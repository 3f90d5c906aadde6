"""What a person at HQ gives or takes, outside every rule."""

from loyalty.explain import message
from loyalty.holding.adjusting import explain_adjustment, plan_adjustment
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import NOTHING
from loyalty.holding.units import Unit
from loyalty.journal.entry import Posting
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.refusals import Refusal, RefusalCode
from tests.loyalty.shop import AT, MEMBER

SOON, LATER = lot_of(None, int(AT.timestamp()) + 100), lot_of(None, int(AT.timestamp()) + 200)
HELD = NOTHING.changed([("points", 10, LATER), ("points", 5, SOON), ("points", 3, None)])


def post(amount: int, lot: object = None) -> Posting:
    return Posting(account=MEMBER, unit="points", amount=amount, lot=lot)  # type: ignore[arg-type]


def test_what_is_given_makes_a_lot_or_lasts_for_ever() -> None:
    assert plan_adjustment(MEMBER, NOTHING, "points", 75, AT) == (post(75),)
    assert plan_adjustment(MEMBER, NOTHING, "points", 75, AT, SOON) == (post(75, SOON),)


def test_what_is_taken_comes_from_the_lots_that_end_first() -> None:
    assert plan_adjustment(MEMBER, HELD, "points", -17, AT) == (post(-5, SOON), post(-10, LATER), post(-2))


def test_exactly_all_can_be_taken() -> None:
    plan = plan_adjustment(MEMBER, HELD, "points", -18, AT)
    assert not isinstance(plan, Refusal)
    assert sum(one.amount for one in plan) == -18


def test_more_than_there_is_is_refused() -> None:
    plan = plan_adjustment(MEMBER, HELD, "points", -19, AT)
    assert isinstance(plan, Refusal)
    assert plan.code is RefusalCode.INSUFFICIENT_UNITS


def test_more_than_an_account_may_hold_is_refused() -> None:
    plan = plan_adjustment(MEMBER, HELD, "points", MAX_BALANCE, AT)
    assert isinstance(plan, Refusal)
    assert plan.code is RefusalCode.AMOUNT_TOO_LARGE


def test_a_correction_is_said() -> None:
    unit = Unit(id="points", scale=0)
    assert explain_adjustment(unit, 5) == message("explain.adjusted_given", units=unit.amount(5))
    assert explain_adjustment(unit, -5) == message("explain.adjusted_taken", units=unit.amount(5))
