"""Advice on what may cost more than anybody meant: loops, rewards worth more than was paid, and nothing that bounds it."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from loyalty.authoring.advice.values import Advice, AdviceCode, Written
from loyalty.holding.units import Holder, UnitKind
from loyalty.numbers.currency import Currency
from loyalty.numbers.scaled import NotScaled, format_scaled, parse_scaled
from loyalty.parts.policies import Combine
from loyalty.programme.model import Programme
from loyalty.rules.goods import Goods
from loyalty.rules.stages import EarnRule, Offline, Reward, Trigger
from loyalty.sale.basket import BasketLine

_GIFT_CARD = re.compile(r"gift.?card|giftcard|gift.?certificate|voucher", re.IGNORECASE)
_WHOLE_PERCENT = 100
_PERCENT_SCALE = 4
_POOLED = frozenset({"invitation"})
"""Kinds that hand out what there is a bounded number of."""


def earn_loops(written: Written) -> Iterator[Advice]:
    """Find gift cards that are paid with units and earn units: money out of nothing."""
    programme = written.programme
    names = {one for _, head in written.heads() for one in _named(head.goods)}
    cards = sorted(one for one in names | {one for one, _ in programme.categories} if _GIFT_CARD.search(one))
    if not cards and any(unit.holder is Holder.CARD for unit in programme.units):
        cards = ["gift-cards"]  # the shop sells them under some category, and nothing is said of any
    lines = [_line(card) for card in cards]
    earning = [
        rule
        for rule in programme.earn_rules
        if rule.head.when.action is None and _looks_at(rule.head.goods, lines, written)
    ]
    paying = [one for one in written.paid_rewards() if _pays(one) and _looks_at(one.head.goods, lines, written)]
    for rule in earning:
        if any(reward.terms.unit is not None and reward.terms.unit.id == rule.unit.id for reward in paying):
            text = (
                "gift cards earn units, and units pay for gift cards, which earn again; exclude their category here "
                f'(exclude_categories = ["{cards[0]}"]) and in the reward'
            )
            yield written.about(AdviceCode.EARN_LOOP, "rule", rule.head.id, text)


def worth_more(written: Written) -> Iterator[Advice]:
    """Find rewards that give back as much as their units took to earn, or more."""
    programme = written.programme
    for reward in written.paid_rewards():
        unit = reward.terms.unit
        if unit is not None and unit.holder is Holder.CARD:
            continue  # stored value is bought for what it is worth
        worth = _worth_of_step(reward, written)
        earned = _most_earned(programme, unit.id if unit is not None else "")
        if worth is None or worth * earned < 1:
            continue
        back = int(worth * earned * _WHOLE_PERCENT)
        text = (
            f"gives back up to {back} % of the money that its units take to earn; raise its cost, or earn less "
            "(multipliers are counted at their most)"
        )
        yield written.about(AdviceCode.REWARD_EXCEEDS_SPEND, "reward", reward.head.id, text)


def worth_more_than_basket(written: Written) -> Iterator[Advice]:
    """Find rewards that anybody may have and that take off, or hand out, as much as the basket must come to."""
    currency = written.programme.currency
    for reward in written.programme.rewards:
        if reward.terms.trigger not in {Trigger.AUTO, Trigger.CODE} or reward.terms.cost:
            continue
        raw = written.raw("reward", reward.head.id)
        key = {"amount_off": "amount", "gift": "value"}.get(str(raw.get("kind")), "")
        amount, least = _decimal(raw.get(key), currency.scale), reward.head.when.least_spend_minor
        if amount is None or (least is not None and amount < least) or (key == "value" and least is None):
            continue
        text = (
            f"is worth {format_scaled(amount, currency.scale)} on a basket of "
            f"{_money(least, currency) if least is not None else 'any size'}; ask for a larger when.least_spend"
        )
        yield written.about(AdviceCode.REWARD_EXCEEDS_BASKET, "reward", reward.head.id, text, key)


def percents(written: Written) -> Iterator[Advice]:
    """Find percentages that come together by themselves and make goods free."""
    found: list[tuple[Reward, int]] = []
    groups: dict[str, tuple[Reward, int]] = {}
    for reward in written.programme.rewards:
        raw, head = written.raw("reward", reward.head.id), reward.head
        percent = _decimal(raw.get("percent"), _PERCENT_SCALE) if raw.get("kind") == "percent" else None
        by_itself = reward.terms.trigger in {Trigger.AUTO, Trigger.CODE} and not head.exclusive
        if percent is None or raw.get("take", "all") != "all" or not by_itself or reward.terms.most_minor is not None:
            continue
        if head.group is None:
            found.append((reward, percent))
        elif head.group not in groups or groups[head.group][1] < percent:
            groups[head.group] = (reward, percent)
    found.extend(groups.values())
    whole = sum(percent for _, percent in found)
    if whole < _WHOLE_PERCENT * 10**_PERCENT_SCALE:
        return
    named = ", ".join(reward.head.id for reward, _ in found)
    said = format_scaled(whole, _PERCENT_SCALE).rstrip("0").rstrip(".")
    text = f"percentages that may come together sum to {said} ({named}); give them a group, or a most"
    yield written.about(AdviceCode.PERCENTS_ADD_UP, "reward", found[-1][0].head.id, text, "percent")


def no_budget(written: Written) -> Iterator[Advice]:
    """Find rewards that cost members nothing and have no bound in all."""
    for reward in written.programme.rewards:
        head = reward.head
        free = reward.terms.trigger in {Trigger.AUTO, Trigger.CODE} and not reward.terms.cost
        if free and head.uses.budget is None and head.uses.in_all is None:
            text = "costs the shop money without a bound in all; give it uses.budget or uses.in_all"
            yield written.about(AdviceCode.NO_BUDGET, "reward", head.id, text)


def offline_overspend(written: Written) -> Iterator[Advice]:
    """Find rewards out of a shared pool that every till may give without asking."""
    for reward in written.programme.rewards:
        head, unit = reward.head, reward.terms.unit
        if head.offline is not Offline.ALLOW:
            continue
        raw = written.raw("reward", head.id)
        what = None
        if unit is not None and unit.holder is Holder.CARD:
            what = "a gift card"
        elif unit is not None and unit.kind is UnitKind.MONEY:
            what = "a wallet"
        elif raw.get("stock") is True:
            what = "the stock"
        elif raw.get("kind") in _POOLED:
            what = "the seats"
        elif head.uses.in_all is not None or head.uses.budget is not None:
            what = "what is left in all"
        if what is not None:
            text = f'two tills without HQ may each give away {what}; give it offline = "cap" or "deny"'
            yield written.about(AdviceCode.OFFLINE_OVERSPEND, "reward", head.id, text, "offline")


def _looks_at(goods: Goods, cards: Sequence[BasketLine], written: Written) -> bool:
    """Whether any of these gift cards is among the goods; one that a rule loads is only where it is named."""
    return any(goods.select([card]) and (goods.narrows or not written.is_loaded(card)) for card in cards)


def _pays(reward: Reward) -> bool:
    return reward.terms.unit is not None and reward.terms.unit.holder is Holder.MEMBER


def _named(goods: Goods) -> frozenset[str]:
    return goods.categories | goods.exclude_categories | goods.tags | goods.exclude_tags


def _line(category: str) -> BasketLine:
    """A line of gift cards, as far as a selection of goods looks at it."""
    return BasketLine(line=1, item=category, category=category, tags=(category,), quantity_milli=1000, amount_minor=1)


def _worth_of_step(reward: Reward, written: Written) -> Fraction | None:
    """Give minor units of money for one smallest step, where the reward's price says it."""
    terms, raw, scale = reward.terms, written.raw("reward", reward.head.id), written.programme.currency.scale
    if raw.get("kind") == "tender":
        return terms.unit.value.fraction if terms.unit is not None and terms.unit.value is not None else None
    keys = {"points_discount": "discount", "amount_off": "amount", "gift": "value"}
    worth = _decimal(raw.get(keys.get(str(raw.get("kind")), "")), scale)
    return Fraction(worth, terms.cost) if worth is not None and terms.cost else None


def _most_earned(programme: Programme, unit: str) -> Fraction:
    """Give the most smallest steps of a unit that a minor unit of money earns by amount, multipliers at their most."""
    rates = [_rate(rule) for rule in programme.earn_rules if rule.unit.id == unit]
    factor = Fraction(1)
    groups: dict[str, Fraction] = {}
    alone: list[Fraction] = []
    for rule in programme.multipliers:
        if rule.unit != unit or rule.rate.fraction <= 1:
            continue
        group = rule.head.group
        if group is None:
            alone.append(rule.rate.fraction)
        else:
            groups[group] = max(groups.get(group, Fraction(1)), rule.rate.fraction)
    for one in (*alone, *groups.values()):
        factor = factor * one if programme.policies.multipliers is Combine.COMPOUND else factor + one - 1
    return sum(rates, Fraction(0)) * factor


def _rate(rule: EarnRule) -> Fraction:
    """Give what a rule gives for a minor unit of money; nothing where it looks at no money."""
    per = getattr(rule, "per_minor", None) or getattr(rule, "step_minor", None)
    return Fraction(getattr(rule, "units", 0), per) if per else Fraction(0)


def _decimal(value: object, scale: int) -> int | None:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    try:
        return parse_scaled(str(value), scale)
    except NotScaled:
        return None


def _money(amount_minor: int, currency: Currency) -> str:
    return f"{format_scaled(amount_minor, currency.scale)} {currency.code}"
