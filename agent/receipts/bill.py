"""Under the goods: the sum, what units and gift cards paid of it, what is handed out, and what could not be used."""

from collections.abc import Iterator
from dataclasses import replace

from agent.receipts.frame import one_line
from agent.receipts.goods import charged_minor, reward_name, total, worth_of_return
from agent.receipts.source import Source
from drivers.printers.document import Block, Columns, Line, Style
from loyalty.journal.detail import DetailAsked, DetailRedemption
from loyalty.quote import Quote
from loyalty.rules.redemption import Settle
from messages.catalogue import Catalogue

_SAID_ABOVE = frozenset({"explain.gift", "explain.named_reward", "explain.units_used", "explain.tender"})
"""What the lines of goods, tenders and gifts, and the balances below, say already."""


def of_sale(source: Source, proof: Quote | None) -> Iterator[Block]:
    """Give the sum, the tenders and what is left to pay, and say what each reward did."""
    detail = source.detail
    owed = charged_minor(source)
    yield total(source, owed)
    tenders = [one for one in detail.redemptions if one.settle == Settle.TENDER.value]
    for one in tenders:
        yield Columns(left=_tender(source, one), right=source.money(-one.amount_minor))
    if tenders:
        left = owed - sum(one.amount_minor for one in tenders)
        yield Columns(left=source.catalogue.text("receipt.to_pay"), right=source.money(left), style=Style.BOLD)
    yield from _handed_out(source)
    yield from _said(source, proof)
    if detail.asked is not None:
        yield from _not_used(source.catalogue, detail.asked)


def of_undoing(source: Source) -> Iterator[Block]:
    """Give what the goods cost, what of it goes back to accounts, and the money to hand out."""
    detail = source.detail
    worth = worth_of_return(source)
    yield total(source, worth)
    back = [one for one in detail.restored if one.amount_minor]
    for one in back:
        left = reward_name(source, one.reward) or source.label("receipt.spent", "receipt.paid_by", one.unit)
        yield Columns(left=left, right=source.money(-one.amount_minor))
    if detail.charged_minor:
        yield Columns(left=source.catalogue.text("receipt.gift_kept"), right=source.money(-detail.charged_minor))
    if back or detail.charged_minor:
        refund = worth - sum(one.amount_minor for one in back) - detail.charged_minor
        yield Columns(left=source.catalogue.text("receipt.refund"), right=source.money(refund), style=Style.BOLD)


def _tender(source: Source, one: DetailRedemption) -> str:
    named = reward_name(source, one.reward)
    return named or source.label("receipt.spent", "receipt.paid_by", one.unit or "")


def _handed_out(source: Source) -> Iterator[Block]:
    say, names = source.catalogue, dict(source.programme.items)
    for one in source.detail.redemptions:
        for gift in one.gifts:
            item = names[gift.item].in_language(say.language) if gift.item in names else one_line(gift.item)
            quantity = say.quantity(gift.quantity_milli)
            yield Columns(left=say.text("receipt.gift", item=item), right=f"x {quantity}", style=Style.BOLD)
    for sold in source.detail.sold_cards:
        unit = source.programme.unit(sold.unit)
        if unit is not None:
            units = replace(unit.amount(sold.units), names=None)  # the sentence names the card
            yield Line(text=say.text("explain.card_loaded", units=units))


def _said(source: Source, proof: Quote | None) -> Iterator[Block]:
    """Explain the rewards, where they follow from what is stored."""
    for one in proof.redemptions if proof is not None else ():
        for said in one.because:
            if said.id not in _SAID_ABOVE:
                yield Line(text=source.catalogue.brief(said))


def _not_used(say: Catalogue, asked: DetailAsked) -> Iterator[Block]:
    for field, code in asked.refused:
        shown = _shown(asked, field)
        if shown is not None:
            yield Line(text=say.text("receipt.declined", shown=one_line(shown)))
        yield Line(text=say.text(f"refusal.{code}"))


def _shown(asked: DetailAsked, field: str) -> str | None:
    """Give the code or coupon that a field (``coupons[2]``) names; a gift card's number is not kept."""
    name, _, place = field.rstrip("]").partition("[")
    shown = {"codes": asked.codes, "coupons": asked.coupons}.get(name, ())
    return shown[int(place) - 1] if place.isdecimal() and 0 < int(place) <= len(shown) else None
