"""Advice on units and coupons that never end, end before they begin, have no price, or may be paid for twice."""

from collections.abc import Iterator
from datetime import date, timedelta

from loyalty.authoring.advice.values import Advice, AdviceCode, Written
from loyalty.holding.periods import Lasting, RoundUp
from loyalty.holding.units import Holder, Negative, Unit, UnitKind

_ANY_DAY = date(2026, 1, 1)


def never_expire(written: Written) -> Iterator[Advice]:
    """Find earned units that are good for ever."""
    for unit in _earned(written):
        rules = [rule for rule in written.programme.earn_rules if rule.unit.id == unit.id]
        if unit.idle is None and any(rule.dating.lasting is None for rule in rules):
            text = f'"{unit.id}" never ends, so that what is owed only grows; give it expires or expires_when_idle'
            yield written.about(AdviceCode.NEVER_EXPIRES, "unit", unit.id, text)


def without_value(written: Written) -> Iterator[Advice]:
    """Find earned points of which nobody can say what they are worth."""
    for unit in _earned(written):
        if unit.value is None and unit.kind is UnitKind.POINTS:
            text = f'"{unit.id}" has no value, so that neither liability nor budgets can count it; give it value'
            yield written.about(AdviceCode.NO_VALUE, "unit", unit.id, text)


def coupons_without_end(written: Written) -> Iterator[Advice]:
    """Find coupons that are good for ever."""
    for coupon in written.programme.coupons:
        if coupon.lasting is None:
            text = "is good for ever; give it lasts"
            yield written.about(AdviceCode.COUPON_WITHOUT_END, "coupon", coupon.id, text)


def pending_longer(written: Written) -> Iterator[Advice]:
    """Find what ends before it may be used."""
    for rule in written.programme.earn_rules:
        if _ends_first(rule.dating.pending_days, rule.dating.lasting):
            text = "its units end before they may be spent; make expires longer than pending_days"
            yield written.about(AdviceCode.PENDING_LONGER_THAN_LIFE, "rule", rule.head.id, text)
    for coupon in written.programme.coupons:
        if _ends_first(coupon.usable_after_days, coupon.lasting):
            text = "it ends before it may be used; make lasts longer than usable_after_days"
            yield written.about(AdviceCode.PENDING_LONGER_THAN_LIFE, "coupon", coupon.id, text)


def cards_below_zero(written: Written) -> Iterator[Advice]:
    """Find gift cards whose sale can be undone after they were spent."""
    for unit in written.programme.units:
        if unit.holder is Holder.CARD and unit.negative is not Negative.REFUSE:
            text = (
                'a card that was sold and spent may be brought back, and is paid for twice; give it negative = "refuse"'
            )
            yield written.about(AdviceCode.CARD_BELOW_ZERO, "unit", unit.id, text)


def _earned(written: Written) -> list[Unit]:
    earned = written.earned_units()
    return [unit for unit in written.programme.units if unit.id in earned and unit.holder is Holder.MEMBER]


def _ends_first(pending_days: int, lasting: Lasting | None) -> bool:
    if lasting is None or lasting.round_up is not RoundUp.NONE:
        return False
    return _ANY_DAY + timedelta(days=pending_days) > lasting.period.after(_ANY_DAY)
