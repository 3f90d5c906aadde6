"""Whether the goods that are kept still reach what a rule or a reward needs.

Asked of the version that sold, and of the basket alone: who the member is, and when, was decided at the sale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from loyalty.journal.detail import DetailLine
from loyalty.moment import Moment
from loyalty.numbers.rates import Rounding, round_fraction
from loyalty.parts.referral import REFERRAL_FRIEND, REFERRAL_REFERRER
from loyalty.programme.model import Programme
from loyalty.quote.recording import basket_lines
from loyalty.returns.sold import SoldSale
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Head
from loyalty.sale.basket import Basket, BasketLine
from loyalty.sale.bill import Bill

_REFERRAL = (REFERRAL_FRIEND, REFERRAL_REFERRER)


def lost_heads(
    programme: Programme | None, sale: SoldSale, returned_milli: Mapping[int, int], moment: Moment
) -> frozenset[tuple[str, str]]:
    """Give (kind, id) of the rules, rewards and issuers of ``sale`` that the kept goods no longer reach.

    One that the whole sale, computed again, does not reach is never lost: then something else decided.

    Args:
        programme: The version that sold, or None where it is not at hand; then nothing is lost.
        sale: As it was stored.
        returned_milli: Line to thousandths that came back.
        moment: Only stands in for a sale's; no condition that is asked looks at it.
    """
    if programme is None or not any(returned_milli.values()):
        return frozenset()
    asked = [(key, head) for key, head in _heads(programme, sale) if head.when.needs_basket]
    brought = _brought(programme, sale, returned_milli)
    if not asked:
        return brought
    whole, kept = _situation(programme, sale, {}, moment), _situation(programme, sale, returned_milli, moment)
    lost = frozenset(key for key, head in asked if head.when.reached(whole) and not head.when.reached(kept))
    return lost | brought


def _brought(programme: Programme, sale: SoldSale, returned_milli: Mapping[int, int]) -> frozenset[tuple[str, str]]:
    """Give both sides of a referral, where what is kept is no purchase that would have counted for it."""
    referral = programme.referral
    if referral is None or not any(award.rule in _REFERRAL for award in sale.awards):
        return frozenset()
    left = sum(_part(line.paid_minor, line, returned_milli) for line in sale.lines)
    enough = left >= max(1, referral.least_spend_minor)
    return frozenset() if enough else frozenset(("rule", side) for side in _REFERRAL)


def _heads(programme: Programme, sale: SoldSale) -> Iterable[tuple[tuple[str, str], Head]]:
    rules = {award.rule for award in sale.awards}
    rewards = {one.reward for one in sale.redemptions}
    issuers = {one.rule for one in sale.issued}
    yield from ((("rule", one.head.id), one.head) for one in programme.earn_rules if one.head.id in rules)
    yield from ((("reward", one.head.id), one.head) for one in programme.rewards if one.head.id in rewards)
    yield from ((("issuer", one.head.id), one.head) for one in programme.issuers if one.head.id in issuers)


def _situation(programme: Programme, sale: SoldSale, returned_milli: Mapping[int, int], moment: Moment) -> Situation:
    kept = [line for line in sale.lines if returned_milli.get(line.line, 0) < line.quantity_milli]
    lines = tuple(
        _kept(line, one.quantity_milli, returned_milli.get(one.line, 0))
        for line, one in zip(basket_lines(kept), kept, strict=True)
    )
    basket = Basket(currency=programme.currency, lines=lines)
    bill = Bill.of(basket, programme.policies)
    left = {one.line: _part(one.paid_minor, one, returned_milli) for one in kept}
    return Situation(basket=basket, standing=None, moment=moment, bill=replace(bill, left=left))


def _kept(line: BasketLine, sold: int, returned: int) -> BasketLine:
    if not returned:
        return line
    amount, discount, tax = (
        _share(value, sold - returned, sold) for value in (line.amount_minor, line.discount_minor, line.tax_minor)
    )
    return replace(line, quantity_milli=sold - returned, amount_minor=amount, discount_minor=discount, tax_minor=tax)


def _part(amount_minor: int, line: DetailLine, returned_milli: Mapping[int, int]) -> int:
    kept = line.quantity_milli - returned_milli.get(line.line, 0)
    return _share(amount_minor, kept, line.quantity_milli)


def _share(value: int, kept: int, sold: int) -> int:
    """Round in favour of the member: what is kept counts rather more than less."""
    return round_fraction(Fraction(value * kept, sold), Rounding.CEILING)
