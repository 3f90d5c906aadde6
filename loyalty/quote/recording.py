"""What a sale leaves behind for receipts and returns: the quote as an entry's detail keeps it, and back.

One place for the till, cases and simulation, so that a return finds the same whoever sold.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.holding.lots import LotUse
from loyalty.holding.units import Holder
from loyalty.journal.detail import (
    DetailAward,
    DetailCardSold,
    DetailGift,
    DetailIssued,
    DetailLine,
    DetailRedemption,
    Remainder,
)
from loyalty.quote.posting import Posted, lots_used
from loyalty.quote.values import LineTotal, Quote
from loyalty.rules.redemption import Redemption
from loyalty.sale.basket import Basket, BasketLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleRecord:
    """The parts of a sale's detail that follow from basket and quote; see `loyalty.journal.detail.EntryDetail`."""

    lines: tuple[DetailLine, ...]
    awards: tuple[DetailAward, ...] = ()
    redemptions: tuple[DetailRedemption, ...] = ()
    issued: tuple[DetailIssued, ...] = ()
    remainders: tuple[Remainder, ...] = ()
    stays: tuple[str, ...] = ()


def record(basket: Basket, quoted: Quote, posted: Posted, *, awarded: bool) -> SaleRecord:
    """Keep a sale.

    Args:
        basket: As the host gave it.
        quoted: What it came to.
        posted: What it posted.
        awarded: A member got the awards; without one, they are what one would have got.
    """
    return SaleRecord(
        lines=detail_lines(basket.lines, quoted.lines),
        awards=_awards(quoted) if awarded else (),
        redemptions=tuple(map(_redemption, quoted.redemptions, lots_used(quoted))),
        issued=_issued(quoted, posted),
        remainders=_remainders(quoted) if awarded else (),
        stays=tuple(sorted({count.unit for count in quoted.counts if count.stays})),
    )


def detail_lines(lines: Sequence[BasketLine], totals: Sequence[LineTotal] = ()) -> tuple[DetailLine, ...]:
    """Keep the lines of a basket, and what was charged for them."""
    charged = {total.line: total.amount_minor for total in totals}
    return tuple(
        DetailLine(
            line=line.line,
            item=line.item,
            name=line.name,
            category=line.category,
            quantity_milli=line.quantity_milli,
            amount_minor=line.amount_minor,
            tax_minor=line.tax_minor,
            discount_minor=line.discount_minor,
            charged_minor=_where_other(charged.get(line.line), line.amount_minor),
            tax_ppm=line.tax_ppm,
            floor_minor=line.floor_minor,
            deposit_minor=line.deposit_minor,
            tags=line.tags,
            gift=line.gift,
        )
        for line in lines
    )


def basket_lines(lines: Sequence[DetailLine]) -> tuple[BasketLine, ...]:
    """Give the lines as the host gave them, to compute a sale again."""
    return tuple(
        BasketLine(
            line=line.line,
            item=line.item,
            name=line.name,
            category=line.category,
            quantity_milli=line.quantity_milli,
            amount_minor=line.amount_minor,
            tax_minor=line.tax_minor,
            discount_minor=line.discount_minor,
            tax_ppm=line.tax_ppm,
            floor_minor=line.floor_minor,
            deposit_minor=line.deposit_minor,
            tags=line.tags,
            gift=line.gift,
        )
        for line in lines
    )


def cards_sold(quoted: Quote) -> tuple[DetailCardSold, ...]:
    """Keep which gift cards were sold, by their accounts, and what came on them."""
    return tuple(
        DetailCardSold(account=grant.account, unit=grant.unit.id, units=grant.amount, line=grant.bases[0][0])
        for grant in quoted.grants
        if grant.account is not None and grant.unit.holder is Holder.CARD
    )


def _awards(quoted: Quote) -> tuple[DetailAward, ...]:
    return tuple(
        DetailAward(
            rule=award.rule,
            unit=award.unit.id,
            amount=award.amount,
            base=award.base,
            bases=award.bases,
            usable_at=award.usable_at,
            expires_at=award.expires_at,
        )
        for award in quoted.awards
    ) + tuple(
        DetailAward(
            rule=grant.rule,
            unit=grant.unit.id,
            amount=grant.amount,
            base=sum(base for _, base in grant.bases),
            bases=grant.bases,
            usable_at=grant.usable_at,
            expires_at=grant.expires_at,
            account=grant.account,
        )
        for grant in quoted.grants
        if grant.account is not None and grant.unit.holder is not Holder.CARD
    )


def _issued(quoted: Quote, posted: Posted) -> tuple[DetailIssued, ...]:
    """Keep the coupons with their rules; what nobody could be given was quoted and not posted."""
    rules: dict[str, list[str]] = {}
    for issue in quoted.issues:
        rules.setdefault(issue.coupon, []).extend([issue.rule] * issue.count)
    return tuple(
        DetailIssued(coupon=one.coupon, code=one.code, account=one.account, rule=rules[one.coupon].pop(0))
        for one in posted.coupons
    )


def _redemption(one: Redemption, uses: Sequence[LotUse]) -> DetailRedemption:
    return DetailRedemption(
        reward=one.reward,
        settle=one.settle.value,
        account=one.payer,
        unit=one.unit.id if one.unit is not None else None,
        units=one.units,
        uses=tuple((use.lot.lot_id if use.lot is not None else None, use.amount) for use in uses),
        amount_minor=one.discount_minor,
        by_line=one.by_line,
        free=one.free,
        gifts=tuple(DetailGift(item=gift.item, quantity_milli=gift.quantity_milli) for gift in one.gifts),
        seats=one.seats,
        worth_minor=one.worth_minor if one.gifts else 0,
    )


def _remainders(quoted: Quote) -> tuple[Remainder, ...]:
    return tuple(
        Remainder(
            rule=award.rule,
            unit=award.unit.id,
            numerator=left.after - left.before,
            denominator=left.denominator,
        )
        for award in quoted.awards
        if (left := award.remainder) is not None
    )


def _where_other(charged_minor: int | None, amount_minor: int) -> int | None:
    return charged_minor if charged_minor != amount_minor else None
