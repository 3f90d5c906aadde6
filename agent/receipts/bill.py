"""Under the goods: the sum, what units and gift cards paid of it, what is handed out, and what could not be used."""

from collections.abc import Iterator
from typing import Any

from agent.receipts.cleaning import one_line
from agent.receipts.goods import charged_minor, reward_name, worth_of_return
from agent.receipts.source import Source
from agent.receipts.values import Declined, Gift, Payment
from loyalty.explain import Message, Units
from loyalty.journal.detail import DetailAsked
from loyalty.quote import Quote
from loyalty.rules.redemption import Settle

_SAID_ABOVE = frozenset({"explain.gift", "explain.named_reward", "explain.units_used", "explain.tender"})
"""What the lines of goods, tenders and gifts, and the balances below, say already."""


def of_sale(source: Source, proof: Quote | None) -> dict[str, Any]:
    """Give the sum, the tenders and what is left to pay, and what each reward did, as fields of a `Slip`."""
    owed = charged_minor(source)
    tenders = [one for one in source.detail.redemptions if one.settle == Settle.TENDER.value]
    asked = source.detail.asked
    return {
        "total_minor": owed,
        "payments": tuple(
            Payment(
                amount_minor=one.amount_minor, name=reward_name(source, one.reward), unit=source.money_name(one.unit)
            )
            for one in tenders
        ),
        "to_pay_minor": owed - sum(one.amount_minor for one in tenders) if tenders else None,
        "gifts": tuple(_gifts(source)),
        "loaded": tuple(_loaded(source)),
        "explained": tuple(_said(proof)),
        "declined": tuple(_not_used(asked)) if asked is not None else (),
    }


def of_undoing(source: Source) -> dict[str, Any]:
    """Give what the goods cost, what of it goes back to accounts, and the money to hand out, as fields of a `Slip`."""
    detail, worth = source.detail, worth_of_return(source)
    back = [one for one in detail.restored if one.amount_minor]
    changed = bool(back or detail.charged_minor)
    return {
        "total_minor": worth,
        "payments": tuple(
            Payment(
                amount_minor=one.amount_minor, name=reward_name(source, one.reward), unit=source.money_name(one.unit)
            )
            for one in back
        ),
        "gift_kept_minor": detail.charged_minor,
        "refund_minor": worth - sum(one.amount_minor for one in back) - detail.charged_minor if changed else None,
    }


def _gifts(source: Source) -> Iterator[Gift]:
    names = dict(source.programme.items)
    for one in source.detail.redemptions:
        for gift in one.gifts:
            yield Gift(item=names.get(gift.item) or one_line(gift.item), quantity_milli=gift.quantity_milli)


def _loaded(source: Source) -> Iterator[Units]:
    for sold in source.detail.sold_cards:
        unit = source.programme.unit(sold.unit)
        if unit is not None:
            yield unit.amount(sold.units)


def _said(proof: Quote | None) -> Iterator[Message]:
    """Explain the rewards, where they follow from what is stored."""
    for one in proof.redemptions if proof is not None else ():
        yield from (said for said in one.because if said.id not in _SAID_ABOVE)


def _not_used(asked: DetailAsked) -> Iterator[Declined]:
    for field, code in asked.refused:
        shown = _shown(asked, field)
        yield Declined(code=code, shown=one_line(shown) if shown is not None else None)


def _shown(asked: DetailAsked, field: str) -> str | None:
    """Give the code or coupon that a field (``coupons[2]``) names; a gift card's number is not kept."""
    name, _, place = field.rstrip("]").partition("[")
    shown = {"codes": asked.codes, "coupons": asked.coupons}.get(name, ())
    return shown[int(place) - 1] if place.isdecimal() and 0 < int(place) <= len(shown) else None
