"""Why a sale earned what it did: the quote of then, computed again from what is stored.

The entry keeps amounts; the words come from the programme version that it names. Words are given only where that
version gives exactly the stored awards, so that no receipt explains another sum than it shows.
"""

from datetime import date

from agent.receipts.source import Source
from loyalty.basket import Basket, BasketLine, make_basket
from loyalty.journal.detail import DetailAward
from loyalty.moment import Moment
from loyalty.quote import Award, Quote, quote
from loyalty.standing import Standing


def proven(source: Source) -> tuple[Award, ...] | None:
    """Give the sale's awards with their explanations, or None where they cannot be computed again."""
    if source.detail.member is None or source.core.programme != source.programme.version:
        return None
    quoted = _quote(source, _standing(source, source.detail.member))
    if quoted is None or tuple(map(_as_stored, quoted.awards)) != source.detail.awards:
        return None
    return quoted.awards


def would_have_earned(source: Source) -> tuple[Award, ...]:
    """Give what a member would have earned by a sale without a card."""
    quoted = _quote(source, None)
    return quoted.awards if quoted is not None else ()


def _quote(source: Source, standing: Standing | None) -> Quote | None:
    lines = [
        BasketLine(
            line=line.line,
            item=line.item,
            quantity_milli=line.quantity_milli,
            amount_minor=line.amount_minor,
            name=line.name,
            category=line.category,
            tax_minor=line.tax_minor,
            discount_minor=line.discount_minor,
        )
        for line in source.detail.lines
    ]
    basket = make_basket(source.currency, lines)
    if not isinstance(basket, Basket):
        return None
    day = date.fromisoformat(source.detail.business_date)
    moment = Moment(at=source.at, business_date=day, store=source.detail.store)
    quoted = quote(source.programme, basket, standing, moment)
    return quoted if isinstance(quoted, Quote) else None


def _standing(source: Source, member: bytes) -> Standing:
    used = source.detail.standing
    if used is None:
        return Standing(member=member)
    return Standing(member=member, balances=used.balances, tier=used.tier)


def _as_stored(award: Award) -> DetailAward:
    return DetailAward(rule=award.rule, unit=award.unit.id, amount=award.amount, base=award.base, bases=award.bases)
