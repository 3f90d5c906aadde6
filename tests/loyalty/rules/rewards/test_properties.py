"""What holds of every reward on every basket: nothing is made dearer, nothing falls below its floor, all parts add up."""

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.holding.standing import Holdings, Standing
from loyalty.numbers.limits import INT64_MAX
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.refusals import Refusal
from loyalty.rules.redemption import Settle
from loyalty.sale.ask import Ask, RedeemRequest, ShownCoupon
from loyalty.sale.basket import BasketLine, make_basket
from tests.loyalty.rules.rewards.tills import HERE, card, coupon
from tests.loyalty.shop import KZT, MEMBER, programme

UNITS = """
[[unit]]
id = "points"
value = "0.333"
[[unit]]
id = "gift"
kind = "money"
holder = "card"
names.en = "G"
[[coupon]]
id = "c"
names.en = "C"
[[event]]
id = "party"
names.en = "Party"
seats = 2
"""
REWARDS = {
    "half": 'kind = "percent"\npercent = "33.3"\nround_at = "line"',
    "all": 'kind = "percent"\npercent = 100\ncategories = ["a"]\nmost = "3.00"',
    "cheap": 'kind = "percent"\npercent = 90\ntake = "cheapest"\nmost_items = 2\nrounds = "price"\nround_at = "item"',
    "dear": 'kind = "percent"\npercent = 15\ntake = "dearest"\nrounding = "ceiling"\nround_at = "item"',
    "off": 'kind = "amount_off"\namount = "4.00"',
    "net": 'kind = "amount_off"\namount = "2.00"\ntax = "excluded"\ncategories = ["a", "b"]',
    "each": 'kind = "amount_off"\namount = "0.70"\neach = "item"\ncategories = ["b"]',
    "free": 'kind = "free_item"\nbuy = 2\nget = 1',
    "own": 'kind = "free_item"\nbuy = 1\nget = 2\nmix = false\npercent = 50',
    "cross": 'kind = "free_item"\nbuy = 1\ncategories = ["a"]\nget_categories = ["b", "a"]',
    "spend": 'kind = "free_item"\nbuy_spend = "9.00"\nmost_times = 3',
    "top": 'kind = "free_item"\nbuy = 3\ncounts = "on_top"',
    "set": 'kind = "bundle_price"\ncount = 3\nprice = "5.00"',
    "gift": 'kind = "gift"\nitems = ["mug"]\nwhen.least_spend = 5',
    "coupon": 'kind = "amount_off"\namount = "1.00"\ncoupon = "c"',
    "points": 'kind = "points_discount"\ncost = 3\ndiscount = "0.50"',
    "bought": 'kind = "percent"\npercent = 20\ncost = 10',
    "pay": 'kind = "tender"\nunit = "points"\nrounding = "ceiling"',
    "r": 'kind = "tender"\nunit = "gift"',
}
POLICIES = (
    "",
    'round_discounts = "once"',
    'spread = "per_line"\nodd_minor = "last"\ntax_rounding = "line"',
    'line_floor = "0.01"\ndivisible_lines = true',
    'host_discounts = "after_rewards"\nodd_minor = "first"',
)


@cache
def rules(names: tuple[str, ...], policies: str) -> Programme:
    tables = "".join(f'[[reward]]\nid = "{name}"\n{REWARDS[name]}\n' for name in names)
    return programme(f"[policies]\n{policies}\n{UNITS}{tables}")


@st.composite
def lines(draw: st.DrawFn) -> BasketLine:
    pieces = draw(st.sampled_from([1, 1, 2, 3, 7]))
    amount = draw(st.integers(0, 2_000))
    rate = draw(st.sampled_from([None, 0, 100_000, 150_000]))
    tax = amount - -(-amount * 1_000_000 // (1_000_000 + rate)) if rate else 0
    return BasketLine(
        line=draw(st.integers(1, 1_000)),
        item=draw(st.sampled_from(["x", "y", "z"])),
        category=draw(st.sampled_from(["a", "b", None])),
        quantity_milli=draw(st.sampled_from([pieces * 1_000, pieces * 1_000, 1_250])),
        amount_minor=amount,
        discount_minor=draw(st.sampled_from([0, 0, 300])),
        tax_minor=tax,
        tax_ppm=rate,
        floor_minor=draw(st.integers(0, amount)) if draw(st.booleans()) else 0,
        deposit_minor=draw(st.integers(0, amount)) if draw(st.integers(0, 3)) == 0 else 0,
        gift=draw(st.sampled_from([None, None, None, None, "gift"])),
    )


BASKETS = st.lists(lines(), min_size=1, max_size=6, unique_by=lambda line: line.line)
NAMES = st.lists(st.sampled_from(sorted(REWARDS)), min_size=1, max_size=6, unique=True)
CHOSEN = ("bought", "points", "pay")


def ask_for(names: tuple[str, ...], *, redeem: bool) -> Ask:
    asked = tuple(RedeemRequest(reward=name) for name in CHOSEN if name in names) if redeem else ()
    cards = (card(400), card(50, b"\x04" * 16)) if "r" in names else ()
    return Ask(redeem=asked, coupons=(coupon(uses=2),), gift_cards=cards)


def answer(names: list[str], policies: str, bought: list[BasketLine], credit: int, *, redeem: bool) -> Quote | None:
    """The quote; without what was chosen, where that cannot be had."""
    goods = make_basket(KZT, bought, credit)
    assert not isinstance(goods, Refusal)
    member = Standing(member=MEMBER, balances=(("points", 50),))
    key = tuple(sorted(names))
    found = quote(rules(key, policies), goods, member, HERE, ask_for(key, redeem=redeem))
    if isinstance(found, Refusal) and redeem:
        return answer(names, policies, bought, credit, redeem=False)
    assert isinstance(found, Quote), found
    return found


@given(NAMES, st.sampled_from(POLICIES), BASKETS, st.sampled_from([0, 0, 150]), st.booleans())
def test_no_bill_gets_dearer_no_line_falls_too_far_and_all_parts_add_up(
    names: list[str], policies: str, bought: list[BasketLine], credit: int, redeem: bool
) -> None:
    found = answer(names, policies, bought, credit, redeem=redeem)
    assert found is not None
    sold = {line.line: line for line in bought}
    late = "after_rewards" in policies
    cuts: Counter[int] = Counter()
    paid: Counter[int] = Counter()
    taken: Counter[int] = Counter()
    for one in found.redemptions:
        (paid if one.settle is Settle.TENDER else cuts).update(dict(one.by_line))
        taken.update(dict(one.counted))
        assert all(part > 0 for _, part in one.by_line)
        assert set(dict(one.free)) <= set(dict(one.counted))
        assert sum(use.amount for use in one.uses) == one.units >= 0
    for line in found.lines:
        host = sold[line.line]
        before = 0 if host.gift is not None else host.amount_minor + (host.discount_minor if late else 0)
        left = before - cuts[line.line]
        assert left >= min(before, max(host.floor_minor, host.deposit_minor))
        assert taken[line.line] <= host.quantity_milli
        assert line.amount_minor == left or late or host.gift is not None
        assert host.gift is None or line.amount_minor <= host.amount_minor
        assert line.amount_minor >= 0
        assert line.discount_minor == host.amount_minor - line.amount_minor
        assert 0 <= line.tax_minor <= line.amount_minor
        assert 0 <= paid[line.line] <= line.amount_minor
        assert "divisible" not in policies or not cuts[line.line] or line.amount_minor % host.pieces == 0
    assert found.total_minor == max(0, sum(line.amount_minor for line in found.lines) - credit)
    assert found.paid_minor == sum(paid.values()) <= found.total_minor
    assert sum(cuts.values()) == found.discount_minor


@given(NAMES, st.sampled_from(POLICIES), BASKETS, st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_of_the_file_nor_of_asking_matters(
    names: list[str], policies: str, bought: list[BasketLine], shuffle: object
) -> None:
    first = answer(names, policies, bought, 0, redeem=True)
    again = answer(names[::-1], policies, bought[::-1], 0, redeem=True)
    assert first == again
    one = rules(tuple(sorted(names)), policies)
    other = rules(tuple(sorted(names, reverse=True)), policies)
    assert (one.version, one) == (other.version, other)


@given(NAMES, BASKETS)
def test_a_reward_more_never_makes_the_bill_dearer(names: list[str], bought: list[BasketLine]) -> None:
    alone = [name for name in names if name not in {"set", "free", "own", "cross", "spend"}]
    for name in alone:
        with_it = answer([name], "", bought, 0, redeem=False)
        assert with_it is not None
        assert with_it.total_minor <= sum(line.amount_minor for line in bought)


ABSURD = st.one_of(st.integers(-(10**20), 10**20), st.sampled_from([0, 1, -1, INT64_MAX, -INT64_MAX]))


@given(
    st.lists(st.sampled_from([*sorted(REWARDS), "nothing"]), max_size=4),
    ABSURD,
    ABSURD,
    st.one_of(st.none(), st.text(max_size=5)),
    BASKETS,
    st.one_of(st.none(), ABSURD),
)
def test_a_quote_never_raises_for_absurd_wishes(
    wishes: list[str],
    units: int,
    times: int,
    choice: str | None,
    bought: list[BasketLine],
    balance: int | None,
) -> None:
    goods = make_basket(KZT, bought)
    assert not isinstance(goods, Refusal)
    names = tuple(sorted(REWARDS))
    member = Standing(member=MEMBER, balances=(("points", balance),)) if balance is not None else None
    redeem = tuple(
        RedeemRequest(reward=wish, units=units if place % 2 else None, times=times, choice=choice)
        for place, wish in enumerate(wishes)
    )
    odd = ShownCoupon(code="?", account=b"\x09" * 16, holdings=Holdings(balances=(("coupon.c", units), ("x.y", 1))))
    asked = Ask(
        redeem=redeem,
        codes=("", choice or "x"),
        coupons=(odd, odd, coupon(uses=times)),
        gift_cards=(card(units), card(times, units=units), card(5, reward="half")),
        declined=("half", "nothing"),
    )
    for wished in (asked, replace(asked, gift_cards=()), replace(asked, gift_cards=(card(units),))):
        assert isinstance(quote(rules(names, ""), goods, member, HERE, wished), Quote | Refusal)


@pytest.mark.parametrize("amount", [1, 10**15, INT64_MAX // 4])
def test_a_basket_of_absurd_size_is_answered(amount: int) -> None:
    huge = [
        BasketLine(line=number, item=f"i{number}", category="a", quantity_milli=10**15 * 1_000, amount_minor=amount)
        for number in (1, 2, 3)
    ]
    found = answer([name for name in REWARDS if name != "nothing"], "", huge, 0, redeem=False)
    assert found is not None
    assert found.total_minor >= 0
