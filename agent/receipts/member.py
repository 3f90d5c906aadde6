"""What a receipt tells the member: who it is for, what was earned, spent or taken back and why, and the balance."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime

from agent.receipts.frame import one_line
from agent.receipts.source import Source
from agent.till.telling import way_to
from drivers.printers.document import Align, Block, Columns, Line, Rule, Style
from loyalty.cards import last_four
from loyalty.explain import Message, message
from loyalty.holding.units import Holder, is_hidden
from loyalty.journal.detail import DetailReversal
from loyalty.quote import Quote
from loyalty.returns import explain_return
from loyalty.rules.earning.base import MoneyBase
from loyalty.rules.stages import Trigger
from loyalty.rules.when import REACHED

_LOG = logging.getLogger(__name__)
_NEAR = 500
"""Thousandths of the way from which on a receipt says what is missing."""
_IN_REACH = frozenset({"explain.missing_spend", "explain.missing_items", "explain.missing_visits"})
"""What a customer can still do about."""


def of_sale(source: Source, proof: Quote | None) -> Iterator[Block]:
    """Give a member's part of a sale; without a member, what a card would have earned."""
    if source.detail.member is None:
        yield from _invitation(source, proof)
        yield from _coupons(source)
        return
    if proof is None:
        _LOG.warning("the awards of entry %d cannot be computed again; its receipt explains nothing", source.sequence)
    yield from _who(source, proof)
    earned = _earned(source)
    for unit, amount in earned.items():
        label = source.label("receipt.earned", "receipt.earned_of", unit)
        yield Columns(left=label, right=source.units(unit, amount), style=Style.BOLD)
    yield from _because(source, proof)
    yield from _dates(source)
    for unit, amount in _spent(source).items():
        label = source.label("receipt.spent", "receipt.spent_of", unit)
        yield Columns(left=label, right=source.units(unit, amount), style=Style.BOLD)
    yield from _balances(source, earned)
    yield from _onwards(source, proof)
    yield from _coupons(source)


def of_undoing(source: Source) -> Iterator[Block]:
    """Give a member's part of a void or a return; nothing where nobody's balance is concerned."""
    detail = source.detail
    if detail.member is None:
        yield from _explained(source)
        return
    yield from _who(source, None)
    for reversal in detail.reversals:
        if reversal.amount:
            label = source.catalogue.text("receipt.reversed")
            yield Columns(left=label, right=source.units(reversal.unit, reversal.amount), style=Style.BOLD)
    for restored in detail.restored:
        if not is_hidden(restored.unit):
            label = source.catalogue.text("receipt.given_back")
            yield Columns(left=label, right=source.units(restored.unit, restored.units), style=Style.BOLD)
    yield from _explained(source)
    yield from _balances(source, {reversal.unit: 0 for reversal in detail.reversals})


def _invitation(source: Source, proof: Quote | None) -> Iterator[Block]:
    if source.detail.identifier is not None or proof is None:
        return  # a card was shown; in training it did not become a member's
    missed = [
        award.unit.amount(award.amount) for award in proof.awards if award.amount and not is_hidden(award.unit.id)
    ]
    if missed:
        yield Rule()
    for units in missed:
        yield Line(text=source.catalogue.text("receipt.no_card", units=units))


def _who(source: Source, proof: Quote | None) -> Iterator[Block]:
    say = source.catalogue
    yield Rule()
    shown = last_four(source.card) if source.card else ""
    nickname = one_line(source.detail.nickname or "")
    if shown and nickname:
        yield Columns(left=say.text("receipt.card", last4=shown), right=nickname)
    elif shown:
        yield Line(text=say.text("receipt.card", last4=shown))
    elif nickname:
        yield Columns(left=say.text("receipt.member"), right=nickname)
    tier = _tier(source, proof)
    if tier is not None:
        names = source.programme.tier_names(tier)
        yield Line(text=say.text("receipt.tier", tier=names.in_language(say.language) if names is not None else tier))


def _tier(source: Source, proof: Quote | None) -> str | None:
    used = source.detail.standing
    if proof is not None and source.programme.ladder.by is not None:
        return proof.tier
    return used.tier if used is not None else None


def _earned(source: Source) -> dict[str, int]:
    earned: dict[str, int] = {}
    for award in source.detail.awards:
        if award.account is None and not is_hidden(award.unit):
            earned[award.unit] = earned.get(award.unit, 0) + award.amount
    return earned


def _spent(source: Source) -> dict[str, int]:
    spent: dict[str, int] = {}
    for one in source.detail.redemptions:
        if one.unit is not None and one.account == source.detail.member and not is_hidden(one.unit):
            spent[one.unit] = spent.get(one.unit, 0) + one.units
    return spent


def _because(source: Source, proof: Quote | None) -> Iterator[Block]:
    for award in proof.awards if proof is not None else ():
        if not is_hidden(award.unit.id):
            for said in award.because:
                yield Line(text=source.catalogue.brief(said))


def _dates(source: Source) -> Iterator[Block]:
    """Say from when on and until when what was earned is good, units of one end together."""
    sums: dict[tuple[str, int | None, int | None], int] = {}
    for award in source.detail.awards:
        if award.amount and award.account is None and not is_hidden(award.unit):
            key = award.unit, award.usable_at, award.expires_at
            sums[key] = sums.get(key, 0) + award.amount
    for (unit, usable_at, expires_at), amount in sums.items():
        units = source.units(unit, amount)
        if usable_at is not None:
            yield Line(text=source.catalogue.text("receipt.usable_from", units=units, day=source.day(usable_at)))
        if expires_at is not None:
            yield Line(text=source.catalogue.text("receipt.until", units=units, day=source.day(expires_at - 1)))


def _explained(source: Source) -> Iterator[Block]:
    detail = source.detail
    if source.core.programme != source.programme.version:
        return
    said = [_reversed(source, one) for one in detail.reversals if one.amount and detail.member is not None]
    said += explain_return(
        source.programme,
        reversals=(),
        restored=detail.restored,
        charged_minor=detail.charged_minor,
        withdrawn=detail.withdrawn,
    )
    for one in said:
        if one is not None:
            yield Line(text=source.catalogue.brief(one))


def _reversed(source: Source, one: DetailReversal) -> Message | None:
    """Say why units are taken back: all that came, a share of the money that earned them, or a minimum that is missed."""
    unit = source.programme.unit(one.unit)
    awards = source.original.awards if source.original is not None else ()
    award = next((item for item in awards if (item.rule, item.unit) == (one.rule, one.unit)), None)
    if unit is None or award is None:
        return None
    units = unit.amount(one.amount)
    if one.lost:
        return message("explain.reversed_lost", units=units)
    if one.returned_base == award.base:
        return message("explain.reversed_all", units=units)
    if not _counts_money(source, one.rule):
        return message("explain.taken_back", units=units)
    returned, base = source.as_money(one.returned_base), source.as_money(award.base)
    return message("explain.reversed", units=units, returned=returned, base=base)


def _counts_money(source: Source, rule_id: str) -> bool:
    rules = (rule for rule in source.programme.earn_rules if rule.head.id == rule_id)
    return any(isinstance(getattr(rule, "base", None), MoneyBase) for rule in rules)


def _held(source: Source) -> dict[str, int]:
    """Give every balance after the entry."""
    used = source.detail.standing
    held = dict(used.balances) if used is not None else {}
    for posting in source.core.postings:
        if posting.account == source.detail.member:
            held[posting.unit] = held.get(posting.unit, 0) + posting.amount
    return held


def _balances(source: Source, concerned: Mapping[str, int]) -> Iterator[Block]:
    """Give every balance after the entry, and how far HQ's word goes."""
    say, used = source.catalogue, source.detail.standing
    for unit, amount in sorted((dict.fromkeys(concerned, 0) | _held(source)).items()):
        if not is_hidden(unit):
            label = source.label("receipt.balance", "receipt.balance_of", unit)
            yield Columns(left=label, right=source.units(unit, amount), style=Style.BOLD)
    if used is not None and used.as_of is not None:
        yield Line(text=say.text("receipt.as_of", at=datetime.fromisoformat(used.as_of).astimezone(source.store.zone)))
    elif not source.detail.training:
        yield Line(text=say.text("receipt.not_confirmed"))


def _onwards(source: Source, proof: Quote | None) -> Iterator[Block]:
    """Say how far the next tier is, and the reward that is nearest."""
    held, ladder = _held(source), source.programme.ladder
    above = ladder.next_after(_tier(source, proof)) if proof is not None else None
    used = source.detail.standing
    gone = dict(used.unusable).get(ladder.counted, 0) if used is not None else 0
    progress = held.get(ladder.counted, 0) - gone
    if above is not None and progress < above.from_progress and not source.detail.training:
        yield Line(text=source.catalogue.brief(way_to(source.programme, above, progress)))
    nearest = _nearest(source, proof, held)
    if nearest is not None:
        name, missing = nearest
        yield Line(text=source.catalogue.text("receipt.nearest", name=name, missing=source.catalogue.brief(missing)))


def _nearest(source: Source, proof: Quote | None, held: Mapping[str, int]) -> tuple[str, Message] | None:
    """Give the name of the reward or rule that is nearest, and what is missing for it; None where none is near."""
    found: list[tuple[int, str, Message]] = []
    for reward in source.programme.rewards:
        unit, cost, names = reward.terms.unit, reward.terms.cost, reward.head.names
        if unit is None or not cost or names is None or reward.terms.trigger is not Trigger.CHOICE:
            continue
        have = held.get(unit.id, 0)
        if unit.holder is Holder.MEMBER and 0 <= have < cost:
            said = message("explain.missing_units", units=unit.amount(cost - have))
            found.append((have * REACHED // cost, names.in_language(source.catalogue.language), said))
    found += [
        (one.near, one.names.in_language(source.catalogue.language), one.message)
        for one in (proof.missed if proof is not None else ())
        if one.names is not None and one.message.id in _IN_REACH
    ]
    best = max((one for one in found if one[0] >= _NEAR), key=lambda one: (one[0], one[1]), default=None)
    return best[1:] if best is not None else None


def _coupons(source: Source) -> Iterator[Block]:
    """Give each coupon that the sale brings: its name, its code, and when it is good."""
    say, lots = source.catalogue, {one.account: one.lot for one in source.core.postings}
    for one in source.detail.issued:
        coupon, lot = source.programme.coupon(one.coupon), lots.get(one.account)
        name = coupon.names.in_language(say.language) if coupon is not None else one.coupon
        yield Rule()
        yield Line(text=say.text("receipt.coupon", coupon=name), align=Align.CENTER, style=Style.BOLD)
        yield Line(text=one.code, align=Align.CENTER, style=Style.DOUBLE)
        if lot is not None and lot.usable_at is not None and lot.usable_at > source.at.timestamp():
            yield Line(text=say.text("receipt.coupon_from", day=source.day(lot.usable_at)), align=Align.CENTER)
        if lot is not None and lot.expires_at is not None:
            yield Line(text=say.text("receipt.coupon_until", day=source.day(lot.expires_at - 1)), align=Align.CENTER)
