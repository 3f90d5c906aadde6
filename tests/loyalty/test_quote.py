"""The quote as a whole: stages, refusals, remainders, and independence of any order."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.explain import message
from loyalty.holding.standing import Standing
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.programme.model import Programme
from loyalty.quote import Ask, CarriedRemainder, LineTotal, Quote, RedeemRequest, quote
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.basket import Basket
from tests.loyalty.shop import (
    AT,
    DAY,
    GOLD,
    MEMBER,
    NOW,
    SPEND,
    ask,
    basket,
    earned,
    earning,
    programme,
    quoted,
    sold,
    standing,
)

WHOLE_LINE = LineTotal(line=1, amount_minor=500, discount_minor=0, tax_minor=0)
CARRY = 'remainder = "carry"'
HIDDEN = "points.remainder.earn.100"
TWO_RULES = """
[[unit]]
id = "points"
[[unit]]
id = "stars"
scale = 1
names.en = "stars"
[[rule]]
kind = "per_amount"
id = "zz"
units = 2
per = "1.00"
exclude_categories = ["alcohol"]
[[rule]]
kind = "per_amount"
id = "aa"
unit = "stars"
units = "0.1"
per = "3.00"
tax = "excluded"
"""


def redeeming(reward: str, units: int) -> Ask:
    return Ask(redeem=(RedeemRequest(reward=reward, units=units),))


def on_day(day: date) -> Moment:
    return Moment(at=AT, business_date=day)


def carried(balance: int) -> Standing:
    return Standing(member=MEMBER, balances=((HIDDEN, balance),))


def code_of(answer: Quote | Refusal) -> RefusalCode:
    assert isinstance(answer, Refusal)
    return answer.code


def test_a_quote_names_the_version_that_answered() -> None:
    rules = earning()
    assert quoted(rules, basket(100)).programme == rules.version


def test_a_whole_worked_example() -> None:
    rules = programme(TWO_RULES + GOLD + SPEND)
    goods = basket(sold(1, 1_000, tax_minor=100), sold(2, 500, category="alcohol"), sold(3, 250))
    answer = quoted(rules, goods, standing("gold", points=700), ("spend", 700))
    # 700 off 1,750: 400, 200 and 100. Points: (600 + 150) x 2/100 x 1.5 = 22.5. Stars: (540 + 300 + 150) x 1/300 = 3.3.
    [redemption] = answer.redemptions
    assert redemption.by_line == ((1, 400), (2, 200), (3, 100))
    assert (answer.total_minor, answer.discount_minor, answer.spent("points")) == (1_050, 700, 700)
    assert [(award.rule, award.unit.id, award.amount, award.bases) for award in answer.awards] == [
        ("aa", "stars", 3, ((1, 540), (2, 300), (3, 150))),
        ("zz", "points", 22, ((1, 600), (3, 150))),
    ]
    assert (answer.earned("points"), answer.earned("stars"), answer.earned("x")) == (22, 3, 0)
    assert [found.reward for found in answer.offers] == ["spend"]


def test_without_a_member_a_quote_says_what_one_would_have_earned() -> None:
    answer = quoted(earning(GOLD + SPEND), basket(500))
    assert (answer.earned("points"), answer.offers[0].most_units, answer.redemptions) == (5, 0, ())


def test_a_programme_without_rules_awards_nothing() -> None:
    assert quoted(programme(), basket(500)) == Quote(
        programme=programme().version, awards=(), redemptions=(), offers=(), lines=(WHOLE_LINE,), total_minor=500
    )


@pytest.mark.parametrize("currency", [Currency(code="GBP", scale=2), Currency(code="KZT", scale=0)])
def test_another_currency_or_scale_is_refused(currency: Currency) -> None:
    goods = Basket(currency=currency, lines=(sold(1, 100),))
    assert code_of(ask(earning(), goods)) is RefusalCode.CURRENCY_MISMATCH


def test_a_programme_awards_only_on_its_business_dates() -> None:
    rules = replace(earning(), valid_from=date(2026, 1, 31), valid_until=date(2026, 1, 31))
    before, on = (quote(rules, basket(500), None, on_day(date(2026, 1, day))) for day in (30, 31))
    said = (message("explain.programme_not_valid"),)
    assert before == Quote(
        programme=rules.version,
        awards=(),
        redemptions=(),
        offers=(),
        lines=(WHOLE_LINE,),
        total_minor=500,
        because=said,
    )
    assert isinstance(on, Quote)
    assert len(on.awards) == 1


def test_nothing_is_redeemed_outside_the_programmes_dates() -> None:
    rules = replace(programme(SPEND), valid_until=date(2026, 1, 30))
    standing = Standing(member=bytes(16), balances=(("points", 1_000),))
    asked = quote(rules, basket(1_000), standing, NOW, redeeming("spend", 100))
    assert code_of(asked) is RefusalCode.PROGRAMME_NOT_VALID


def test_only_a_member_redeems_and_only_a_reward_that_exists() -> None:
    rules = programme(SPEND)
    assert code_of(ask(rules, basket(1_000), None, ("spend", 100))) is RefusalCode.MEMBER_UNKNOWN
    assert code_of(ask(rules, basket(1_000), standing(points=500), ("x", 100))) is RefusalCode.REWARD_UNKNOWN


def test_the_refusal_with_the_highest_precedence_is_answered() -> None:
    over = replace(programme(SPEND), valid_until=date(2026, 1, 1))
    other = Basket(currency=Currency(code="GBP", scale=2), lines=(sold(1, 100),))
    asked = redeeming("x", 1)
    answers = [
        quote(over, other, None, NOW, asked),
        quote(over, basket(100), None, NOW, asked),
        quote(over, basket(100), standing(), NOW, asked),
        quote(programme(SPEND), basket(100), standing(), NOW, asked),
    ]
    order = list(RefusalCode)
    codes = [code_of(answer) for answer in answers]
    assert codes == sorted(codes, key=order.index)
    assert len(set(codes)) == 4


def test_an_award_beyond_what_hq_would_post_is_refused() -> None:
    whole = basket(MAX_BALANCE)
    assert quoted(earning(per="0.01"), whole).earned("points") == MAX_BALANCE
    assert code_of(ask(earning(units="2", per="0.01"), whole)) is RefusalCode.AMOUNT_TOO_LARGE


def test_awards_that_fit_alone_but_not_together_or_with_the_balance_are_refused() -> None:
    again = '[[rule]]\nkind = "per_amount"\nid = "more"\nunits = 1\nper = "0.01"\n'
    whole = basket(MAX_BALANCE)
    assert code_of(ask(earning(again, per="0.01"), whole)) is RefusalCode.AMOUNT_TOO_LARGE
    assert code_of(ask(earning(per="0.01"), whole, standing(points=1))) is RefusalCode.AMOUNT_TOO_LARGE


def test_a_naive_instant_is_the_callers_bug() -> None:
    with pytest.raises(ValueError, match="an instant must be aware"):
        Moment(at=datetime(2026, 1, 31), business_date=DAY)  # noqa: DTZ001


# Remainders


def test_a_carried_remainder_counts_in_the_next_sale() -> None:
    rules = earning(CARRY)
    [award] = quoted(rules, basket(160), carried(50)).awards
    assert award.amount == 2
    assert award.remainder == CarriedRemainder(unit=HIDDEN, denominator=100, before=50, after=10)
    assert award.because[1:] == (message("explain.remainder_used"),)


def test_a_dropped_remainder_is_not_kept() -> None:
    [award] = quoted(earning(), basket(160), carried(50)).awards
    assert (award.amount, award.remainder) == (1, None)


def test_without_a_member_nothing_is_carried() -> None:
    [award] = quoted(earning(CARRY), basket(160)).awards
    assert (award.amount, award.remainder) == (1, None)


def test_a_basket_that_earns_nothing_leaves_the_remainder_alone() -> None:
    rules = earning(CARRY + '\nexclude_categories = ["alcohol"]')
    [award] = quoted(rules, basket(sold(1, 500, category="alcohol")), carried(250)).awards
    assert (award.amount, award.remainder) == (0, None)


def test_a_remainder_below_zero_is_made_good_before_anything_is_earned() -> None:
    rules = earning(CARRY)
    [award] = quoted(rules, basket(60), carried(-90)).awards
    assert award.amount == 0
    assert award.remainder == CarriedRemainder(unit=HIDDEN, denominator=100, before=-90, after=-30)
    [award] = quoted(rules, basket(160), carried(-90)).awards
    assert award.amount == 0
    assert award.remainder == CarriedRemainder(unit=HIDDEN, denominator=100, before=-90, after=70)


def test_another_rate_keeps_its_remainder_apart() -> None:
    [award] = quoted(earning(CARRY + GOLD), basket(101), standing("gold")).awards
    assert award.remainder == CarriedRemainder(unit="points.remainder.earn.200", denominator=200, before=0, after=103)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=15), st.integers(1, 50), st.integers(1, 10_000))
def test_a_remainder_carried_over_many_sales_gives_the_floor_of_the_whole(
    sales: list[int], units: int, per: int
) -> None:
    rules = earning(CARRY, units=str(units), per=f"{per // 100}.{per % 100:02}")
    total = 0
    balances: dict[str, int] = {}
    for amount in sales:
        member = Standing(member=MEMBER, balances=tuple(sorted(balances.items())))
        [award] = quoted(rules, basket(amount), member).awards
        total += award.amount
        if award.remainder is not None:
            balances[award.remainder.unit] = award.remainder.after
    assert total == units * sum(sales) // per


# Order

categories = st.sampled_from([None, "alcohol", "food"])
goods = st.lists(st.tuples(st.integers(0, 10**7), categories, st.integers(0, 100)), min_size=1, max_size=8)


def lines_of(drawn: list[tuple[int, str | None, int]]) -> list[Any]:
    return [
        sold(number, amount, category=category, tax_minor=amount * percent // 100)
        for number, (amount, category, percent) in enumerate(drawn, start=1)
    ]


@given(goods, st.integers(0, 2_000), st.data())
def test_the_order_of_lines_does_not_matter(
    drawn: list[tuple[int, str | None, int]], points: int, data: st.DataObject
) -> None:
    rules = programme(TWO_RULES + GOLD + SPEND)
    lines = lines_of(drawn)
    member = standing("gold", points=points)
    one = ask(rules, basket(*lines), member, ("spend", points // 100 * 100))
    assert ask(rules, basket(*data.draw(st.permutations(lines))), member, ("spend", points // 100 * 100)) == one


RULES = programme(TWO_RULES + GOLD + SPEND)
TABLES = ("\n" + TWO_RULES.strip() + GOLD + SPEND).split("\n[[")[1:]


@given(goods, st.permutations(TABLES))
def test_the_order_of_rules_in_a_file_does_not_matter(
    drawn: list[tuple[int, str | None, int]], tables: list[str]
) -> None:
    shuffled: Programme = programme("".join(f"\n[[{table}" for table in tables))
    member = standing("gold", points=500)
    assert ask(shuffled, basket(*lines_of(drawn)), member) == ask(RULES, basket(*lines_of(drawn)), member)


@given(goods)
def test_no_basket_earns_less_than_nothing_or_more_than_its_price_allows(
    drawn: list[tuple[int, str | None, int]],
) -> None:
    lines = lines_of(drawn)
    assert 0 <= earned(earning(), *lines) <= basket(*lines).total_minor // 100
