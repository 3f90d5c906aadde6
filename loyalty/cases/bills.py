"""What came of a basket: money, tax, discounts, offers and units, under the keys by which they can be expected."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from loyalty.cases.expected import Expect
from loyalty.cases.world import Done, World
from loyalty.explain import Message
from loyalty.holding.accounts import gift_card_account
from loyalty.holding.units import Holder, is_hidden
from loyalty.numbers.scaled import format_scaled
from loyalty.quote.values import Quote
from loyalty.rules.redemption import Redemption, Settle
from loyalty.rules.when import REACHED

_MILLI = 3


def money(done: Done, amount: int) -> str:
    """Write minor units."""
    return format_scaled(amount, done.programme.currency.scale)


def _exact(done: Done, amount: Fraction) -> str:
    return str(amount / 10**done.programme.currency.scale)


def _of_quote(make: Callable[[Done, Quote], Any]) -> Callable[[World, Done, Expect], Any]:
    return lambda _, done, __: make(done, done.quote) if done.quote is not None else None


def _earned(world: World, done: Done, _: Expect) -> Any:
    if done.quote is None:
        return None
    units = {award.unit.id for award in done.quote.awards if not is_hidden(award.unit.id)}
    return world.written({unit: done.quote.earned(unit) for unit in units})


def _awards(world: World, done: Done, _: Expect) -> Any:
    if done.quote is None:
        return None
    sums = {award.rule: (award.unit.id, award.amount) for award in done.quote.awards}
    for grant in done.quote.grants:
        if grant.rule not in sums:
            whole = sum(one.amount for one in done.quote.grants if one.rule == grant.rule)
            sums[grant.rule] = grant.unit.id, whole
    return {rule: format_scaled(amount, world.scale(unit)) for rule, (unit, amount) in sums.items()}


def _spent(world: World, done: Done, _: Expect) -> Any:
    if done.quote is None:
        return None
    units = {one.unit.id for one in done.quote.redemptions if one.unit is not None}
    return world.written({unit: done.quote.spent(unit) for unit in units})


def _tax_minor(done: Done, quote: Quote) -> int:
    return quote.tax_minor + (sum(done.goods.fixed_minor.values()) if done.goods is not None else 0)


def _discount_net(done: Done, quote: Quote) -> str:
    assert done.goods is not None
    before = sum(line.amount_minor - line.tax_minor for line in done.goods.basket.lines)
    after = sum(line.amount_minor - line.tax_minor for line in quote.lines)
    return money(done, before - after)


def _percent(_: Done, quote: Quote) -> str:
    before = quote.total_minor + quote.discount_minor
    return str(Fraction(quote.discount_minor * 100, before)) if before else "0"


def _lines(done: Done, quote: Quote) -> dict[str, Any]:
    assert done.basket is not None
    pieces = {line.line: Fraction(line.quantity_milli, 1000) for line in done.basket.lines}
    free: dict[int, int] = {}
    for one in quote.redemptions:
        for line, milli in one.free:
            free[line] = free.get(line, 0) + milli
    return {
        str(line.line): {
            "discount": money(done, line.discount_minor),
            "total": money(done, line.amount_minor),
            "unit_price": _exact(done, Fraction(line.amount_minor) / pieces[line.line]),
            "free": format_scaled(free.get(line.line, 0), _MILLI),
        }
        for line in quote.lines
    }


def _subtotals(_: World, done: Done, expected: Expect) -> Any:
    if done.quote is None:
        return None
    lines = {line.line: line for line in done.quote.lines}
    return [
        {
            "lines": one.lines,
            "total": money(done, sum(lines[n].amount_minor for n in one.lines if n in lines)),
            "discount": money(done, sum(lines[n].discount_minor for n in one.lines if n in lines)),
        }
        for one in expected.subtotals or ()
    ]


def _tax_groups(done: Done, quote: Quote) -> dict[str, Any]:
    assert done.goods is not None
    sums: dict[str, list[int]] = {}
    for line in quote.lines:
        group = sums.setdefault(done.goods.taxes[line.line], [0, 0, 0])
        tax = line.tax_minor + done.goods.fixed_minor.get(line.line, 0)
        for place, amount in enumerate((line.discount_minor, line.amount_minor, tax)):
            group[place] += amount
    return {
        name: {
            "discount": money(done, discount),
            "total": money(done, total),
            "untaxed": money(done, total - tax),
            "tax": money(done, tax),
        }
        for name, (discount, total, tax) in sums.items()
    }


def _rewards(world: World, done: Done, _: Expect) -> Any:
    if done.quote is None:
        return None
    found: dict[str, list[Redemption]] = {}
    for one in done.quote.redemptions:
        found.setdefault(one.reward, []).append(one)
    return {reward: _reward(world, done, all_) for reward, all_ in found.items()}


def _reward(world: World, done: Done, all_: list[Redemption]) -> dict[str, Any]:
    unit = all_[0].unit
    return {
        "applied": True,
        "discount": money(done, sum(one.discount_minor for one in all_)),
        "free": format_scaled(sum(_free_milli(one) for one in all_), _MILLI),
        "times": sum(one.times for one in all_),
        "units": format_scaled(sum(one.units for one in all_), world.scale(unit.id)) if unit is not None else "0",
        "counted": format_scaled(sum(_counted_milli(one) for one in all_), _MILLI),
    }


def _free_milli(one: Redemption) -> int:
    return sum(milli for _, milli in one.free) + sum(gift.quantity_milli for gift in one.gifts)


def _counted_milli(one: Redemption) -> int:
    return sum(milli for _, milli in one.counted)


def _left(done: Done, quote: Quote) -> str:
    assert done.basket is not None
    whole = sum(line.quantity_milli for line in done.basket.lines)
    return format_scaled(whole - sum(_counted_milli(one) for one in quote.redemptions), _MILLI)


def _offers(world: World, done: Done, _: Expect) -> Any:
    if done.quote is None:
        return None
    return {
        one.reward: {
            "open": one.near >= REACHED,
            "least": format_scaled(one.least_units, world.scale(one.unit.id)) if one.unit is not None else "0",
            "most": format_scaled(one.most_units, world.scale(one.unit.id)) if one.unit is not None else "0",
            "discount": money(done, one.most_discount_minor),
        }
        for one in done.quote.offers
    }


def _tenders(done: Done, quote: Quote) -> dict[str, str]:
    sums: dict[str, int] = {}
    numbers = {gift_card_account(number): number for name, number in done.asked.items() if name.startswith("gift")}
    for one in quote.redemptions:
        if one.settle is Settle.TENDER:
            names = [one.reward, *([numbers[one.payer]] if one.payer in numbers else [])]
            for name in names:
                sums[name] = sums.get(name, 0) + one.discount_minor
    return {name: money(done, amount) for name, amount in sums.items()}


def _turned_down(done: Done, quote: Quote) -> dict[str, str]:
    return {done.asked[one.asked]: one.refusal.code for one in quote.declined if one.asked in done.asked}


def _gifts(_: Done, quote: Quote) -> dict[str, str]:
    sums: dict[str, int] = {}
    for one in quote.redemptions:
        for gift in one.gifts:
            sums[gift.item] = sums.get(gift.item, 0) + gift.quantity_milli
    return {item: format_scaled(milli, _MILLI) for item, milli in sums.items()}


def _issued(_: Done, quote: Quote) -> dict[str, str]:
    sums: dict[str, int] = {}
    for one in quote.issues:
        sums[one.coupon] = sums.get(one.coupon, 0) + one.count
    for grant in quote.grants:
        if grant.unit.holder is Holder.CARD:
            sums[grant.unit.id] = sums.get(grant.unit.id, 0) + 1
    return {name: str(count) for name, count in sums.items()}


def _said(_: Done, quote: Quote) -> list[str]:
    parts: list[Message] = [*quote.because, *(one.message for one in quote.missed)]
    for award in quote.awards:
        parts.extend(award.because)
    for redemption in quote.redemptions:
        parts.extend(redemption.because)
    for offer in quote.offers:
        parts.extend(offer.because)
    for issue in quote.issues:
        parts.extend(issue.because)
    for declined in quote.declined:
        parts.extend(declined.because)
    return [part.id for part in parts]


Fact = Callable[[World, Done, Expect], Any]
OF_BASKETS: dict[str, Fact] = {
    "earned": _earned,
    "awards": _awards,
    "discount": _of_quote(lambda done, quote: money(done, quote.discount_minor)),
    "discount_net": _of_quote(_discount_net),
    "discount_percent": _of_quote(_percent),
    "total": _of_quote(lambda done, quote: money(done, quote.total_minor)),
    "untaxed": _of_quote(lambda done, quote: money(done, quote.total_minor - _tax_minor(done, quote))),
    "tax": _of_quote(lambda done, quote: money(done, _tax_minor(done, quote))),
    "paid": _of_quote(lambda done, quote: money(done, quote.paid_minor)),
    "to_pay": _of_quote(lambda done, quote: money(done, quote.to_pay_minor)),
    "untaxed_to_pay": _of_quote(lambda done, quote: money(done, quote.to_pay_minor - _tax_minor(done, quote))),
    "lines": _of_quote(_lines),
    "subtotals": _subtotals,
    "tax_groups": _of_quote(_tax_groups),
    "rewards": _rewards,
    "offers": _offers,
    "tenders": _of_quote(_tenders),
    "turned_down": _of_quote(_turned_down),
    "free": _of_quote(lambda _, quote: format_scaled(sum(map(_free_milli, quote.redemptions)), _MILLI)),
    "left": _of_quote(_left),
    "gifts": _of_quote(_gifts),
    "issued": _of_quote(_issued),
    "spent": _spent,
    "missed": _of_quote(lambda _, quote: {one.id: one.message.id for one in quote.missed}),
    "says": _of_quote(_said),
}
