"""The programmes that ship with Loyaltill."""

from pathlib import Path

import pytest

from loyalty.explain import Names
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate, Rounding
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.programme.policies import TaxBasis
from loyalty.rules.earning.per_amount import PerAmount, RemainderPolicy
from loyalty.rules.rewards.points_discount import PointsDiscount
from loyalty.rules.earning.multiply import Multiply
from loyalty.units import Unit

FOLDER = Path(__file__).parents[3] / "programmes"
FILES = sorted(FOLDER.glob("*.toml"))
LANGUAGES = {"kk", "az", "ru", "hy", "en"}
POINTS = Unit(id="points", scale=0)


def shipped(name: str) -> Programme:
    return read_programme((FOLDER / name).read_text(encoding="utf-8"), name)


def test_two_programmes_ship() -> None:
    assert [path.name for path in FILES] == ["default.toml", "grocery.toml"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_speaks_every_language_of_the_first_day(path: Path) -> None:
    programme = shipped(path.name)
    named: list[Names] = [programme.names, *(names for _, names in programme.tiers)]
    for rule in programme.earn_rules:
        assert isinstance(rule, PerAmount)
        assert not [category for category, names in rule.excluded if isinstance(names, str)]
        named += [names for _, names in rule.excluded if isinstance(names, Names)]
    assert [{language for language, _ in names.by_language} for names in named] == [LANGUAGES] * len(named)


def test_the_default_gives_a_point_per_1_of_goods_floored_per_sale() -> None:
    programme = shipped("default.toml")
    gbp = Currency(code="GBP", scale=2)
    [rule] = programme.earn_rules
    assert isinstance(rule, PerAmount)
    assert rule == PerAmount(
        id="points-per-amount",
        unit=POINTS,
        units=1,
        per_minor=100,
        rounding=Rounding.FLOOR,
        tax=TaxBasis.INCLUDED,
        excluded=(("not-goods", rule.excluded[0][1]),),
        remainder=RemainderPolicy.DROP,
        currency=gbp,
    )
    assert (programme.id, programme.currency, programme.units) == ("points", gbp, (POINTS,))
    assert (programme.multipliers, programme.rewards, programme.tiers) == ((), (), ())


def test_the_grocery_gives_gold_members_half_more_and_takes_points_for_a_discount() -> None:
    programme = shipped("grocery.toml")
    kzt = Currency(code="KZT", scale=2)
    [rule] = programme.earn_rules
    assert isinstance(rule, PerAmount)
    assert [category for category, _ in rule.excluded] == ["alcohol", "gift-cards", "not-goods", "tobacco"]
    assert (rule.units, rule.per_minor, programme.currency) == (1, 10_000, kzt)
    gold = programme.tier_names("gold")
    assert gold is not None
    multiplier = Rate.of(3, 2)
    assert programme.multipliers == (
        Multiply(id="gold-half-more", unit="points", tier="gold", tier_names=gold, multiplier=multiplier),
    )
    assert programme.rewards == (
        PointsDiscount(
            id="points-for-discount",
            unit=POINTS,
            cost=100,
            discount_minor=10_000,
            least_units=100,
            most_percent=50,
            excluded=("alcohol", "gift-cards", "tobacco"),
            currency=kzt,
        ),
    )
