"""The programmes that ship with Loyaltill."""

from pathlib import Path

import pytest

from loyalty.explain import Names
from loyalty.holding.units import Unit
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate, Rounding
from loyalty.parts.policies import BaseOf, OrderDiscounts, PaidWithUnits, TaxBasis
from loyalty.parts.tiers import NO_TIERS
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.rules.earning.base import MoneyBase
from loyalty.rules.earning.multiply import Multiply
from loyalty.rules.earning.per_amount import PerAmount, RemainderPolicy, RoundAt
from loyalty.rules.goods import Goods
from loyalty.rules.rewards.points_discount import PointsDiscount
from loyalty.rules.stages import Caps, Dating, Head
from loyalty.rules.uses import Uses
from loyalty.rules.when import When

FOLDER = Path(__file__).parents[3] / "programmes"
FILES = sorted(FOLDER.glob("*.toml"))
LANGUAGES = {"kk", "az", "ru", "hy", "en"}
POINTS = Unit(id="points", scale=0)


def shipped(name: str) -> Programme:
    return read_programme((FOLDER / name).read_text(encoding="utf-8"), name)


def test_the_default_and_the_grocery_ship() -> None:
    assert {path.name for path in FILES} >= {"default.toml", "grocery.toml"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_speaks_every_language_of_the_first_day(path: Path) -> None:
    programme = shipped(path.name)
    named: list[Names] = [programme.names, *(tier.names for tier in programme.ladder.tiers)]
    for head in programme.heads:
        goods = head.goods
        assert {category for category, _ in goods.names} == goods.categories | goods.exclude_categories
        named += [names for _, names in goods.names]
    assert [{language for language, _ in names.by_language} for names in named] == [LANGUAGES] * len(named)


def test_the_default_gives_a_point_per_1_of_goods_floored_per_sale() -> None:
    programme = shipped("default.toml")
    gbp = Currency(code="GBP", scale=2)
    [rule] = programme.earn_rules
    assert isinstance(rule, PerAmount)
    assert rule == PerAmount(
        head=Head(
            id="points-per-amount",
            when=When(currency=gbp),
            goods=Goods(exclude_categories=frozenset({"not-goods"}), names=rule.head.goods.names),
            uses=Uses(),
        ),
        unit=POINTS,
        units=1,
        per_minor=100,
        base=MoneyBase(
            base=BaseOf.AFTER,
            tax=TaxBasis.INCLUDED,
            paid_with_units=PaidWithUnits.EXCLUDED,
            order_discounts=OrderDiscounts.PROPORTIONAL,
            currency=gbp,
        ),
        rounding=Rounding.FLOOR,
        round_at=RoundAt.SALE,
        remainder=RemainderPolicy.DROP,
        caps=Caps(),
        dating=Dating(),
    )
    assert (programme.id, programme.currency, programme.units) == ("points", gbp, (POINTS,))
    assert (programme.multipliers, programme.rewards, programme.ladder) == ((), (), NO_TIERS)


def test_the_grocery_gives_gold_members_half_more_and_takes_points_for_a_discount() -> None:
    programme = shipped("grocery.toml")
    kzt = Currency(code="KZT", scale=2)
    [rule] = programme.earn_rules
    assert isinstance(rule, PerAmount)
    assert rule.head.goods.exclude_categories == {"alcohol", "gift-cards", "not-goods", "tobacco"}
    assert (rule.units, rule.per_minor, programme.currency) == (1, 10_000, kzt)
    gold = programme.tier_names("gold")
    assert gold is not None
    [multiplier] = programme.multipliers
    assert isinstance(multiplier, Multiply)
    assert (multiplier.head.id, multiplier.head.when.tiers) == ("gold-half-more", frozenset({"gold"}))
    assert (multiplier.unit, multiplier.rate, multiplier.tier) == ("points", Rate.of(3, 2), gold)
    [reward] = programme.rewards
    assert isinstance(reward, PointsDiscount)
    assert (reward.head.id, reward.unit.id, reward.terms.cost) == ("points-for-discount", "points", 100)
    assert (reward.discount_minor, reward.least_units, reward.most_percent) == (10_000, 100, 50)
    assert reward.head.goods.exclude_categories >= {"alcohol", "gift-cards", "tobacco"}
