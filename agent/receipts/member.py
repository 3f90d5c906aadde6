"""What a slip tells the member: who it is for, what was earned, spent or taken back and why, and the balance."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime

from agent.receipts.cleaning import one_line
from agent.receipts.expiring import expires_next
from agent.receipts.source import Source
from agent.receipts.values import Balance, Coupon, Member, Near, Term, Text
from agent.till.telling import way_to
from loyalty.cards import last_four
from loyalty.explain import Message, Names, Units, message
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


def of_sale(source: Source, proof: Quote | None) -> Member | None:
    """Give a member's part of a sale; None without a member."""
    if source.detail.member is None:
        return None
    if proof is None:
        _LOG.warning("the awards of entry %d cannot be computed again; its receipt explains nothing", source.sequence)
    earned = _earned(source)
    return Member(
        card=_card(source),
        nickname=one_line(source.detail.nickname or ""),
        tier=_tier_name(source, proof),
        earned=tuple(source.units(unit, amount) for unit, amount in earned.items()),
        because=tuple(_because(proof)),
        terms=tuple(_terms(source)),
        spent=tuple(source.units(unit, amount) for unit, amount in _spent(source).items()),
        balances=tuple(_balances(source, earned)),
        expires_next=expires_next(source),
        as_of=_as_of(source),
        unconfirmed=_as_of(source) is None and not source.detail.training,
        way=_way(source, proof),
        nearest=_nearest(source, proof, _held(source)),
    )


def of_undoing(source: Source) -> Member | None:
    """Give a member's part of a void or a return; None where nobody's balance is concerned."""
    detail = source.detail
    if detail.member is None:
        return None
    return Member(
        card=_card(source),
        nickname=one_line(source.detail.nickname or ""),
        tier=_tier_name(source, None),
        reversed=tuple(source.units(one.unit, one.amount) for one in detail.reversals if one.amount),
        given_back=tuple(source.units(one.unit, one.units) for one in detail.restored if not is_hidden(one.unit)),
        balances=tuple(_balances(source, {one.unit: 0 for one in detail.reversals})),
        as_of=_as_of(source),
        unconfirmed=_as_of(source) is None and not detail.training,
    )


def missed(source: Source, proof: Quote | None) -> Iterator[Units]:
    """Give what a card would have earned, where none was shown."""
    if source.detail.member is not None or source.detail.identifier is not None or proof is None:
        return  # a card was shown; in training it did not become a member's
    for award in proof.awards:
        if award.amount and not is_hidden(award.unit.id):
            yield award.unit.amount(award.amount)


def _card(source: Source) -> str:
    return last_four(source.card) if source.card else ""


def _tier_name(source: Source, proof: Quote | None) -> Text | None:
    tier = _tier(source, proof)
    return (source.programme.tier_names(tier) or tier) if tier is not None else None


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


def _because(proof: Quote | None) -> Iterator[Message]:
    for award in proof.awards if proof is not None else ():
        if not is_hidden(award.unit.id):
            yield from award.because


def _terms(source: Source) -> Iterator[Term]:
    """Say from when on and until when what was earned is good, units of one end together."""
    sums: dict[tuple[str, int | None, int | None], int] = {}
    for award in source.detail.awards:
        if award.amount and award.account is None and not is_hidden(award.unit):
            key = award.unit, award.usable_at, award.expires_at
            sums[key] = sums.get(key, 0) + award.amount
    for (unit, usable_at, expires_at), amount in sums.items():
        if usable_at is not None or expires_at is not None:
            yield Term(
                units=source.units(unit, amount),
                usable_from=source.day(usable_at) if usable_at is not None else None,
                until=source.day(expires_at - 1) if expires_at is not None else None,
            )


def explained(source: Source) -> Iterator[Message]:
    """Say why a void or a return took units back, and what became of the rest."""
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
    yield from (one for one in said if one is not None)


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


def _balances(source: Source, concerned: Mapping[str, int]) -> Iterator[Balance]:
    """Give every balance after the entry, and the one before where the entry changed it."""
    used = source.detail.standing
    before = dict(used.balances) if used is not None else {}
    for unit, amount in sorted((dict.fromkeys(concerned, 0) | _held(source)).items()):
        if not is_hidden(unit):
            was = before.get(unit, 0)
            changed = used is not None and was != amount
            yield Balance(after=source.units(unit, amount), before=source.units(unit, was) if changed else None)


def _as_of(source: Source) -> datetime | None:
    used = source.detail.standing
    if used is None or used.as_of is None:
        return None
    return datetime.fromisoformat(used.as_of).astimezone(source.store.zone)


def _way(source: Source, proof: Quote | None) -> Message | None:
    """Say how far the next tier is."""
    held, ladder = _held(source), source.programme.ladder
    above = ladder.next_after(_tier(source, proof)) if proof is not None else None
    used = source.detail.standing
    gone = dict(used.unusable).get(ladder.counted, 0) if used is not None else 0
    progress = held.get(ladder.counted, 0) - gone
    if above is None or progress >= above.from_progress or source.detail.training:
        return None
    said: Message = way_to(source.programme, above, progress)
    return said


def _nearest(source: Source, proof: Quote | None, held: Mapping[str, int]) -> Near | None:
    """Give the name of the reward or rule that is nearest, and what is missing for it; None where none is near."""
    found: list[tuple[int, Names, Message]] = []
    for reward in source.programme.rewards:
        unit, cost, names = reward.terms.unit, reward.terms.cost, reward.head.names
        if unit is None or not cost or names is None or reward.terms.trigger is not Trigger.CHOICE:
            continue
        have = held.get(unit.id, 0)
        if unit.holder is Holder.MEMBER and 0 <= have < cost:
            said = message("explain.missing_units", units=unit.amount(cost - have))
            found.append((have * REACHED // cost, names, said))
    found += [
        (one.near, one.names, one.message)
        for one in (proof.missed if proof is not None else ())
        if one.names is not None and one.message.id in _IN_REACH
    ]
    best = max((one for one in found if one[0] >= _NEAR), key=_nearness, default=None)
    return Near(name=best[1], missing=best[2]) if best is not None else None


def _nearness(found: tuple[int, Names, Message]) -> tuple[int, str]:
    return found[0], found[1].in_language("en")


def coupons(source: Source) -> Iterator[Coupon]:
    """Give each coupon that the sale brings: its name, its code, and when it is good."""
    lots = {one.account: one.lot for one in source.core.postings}
    for one in source.detail.issued:
        coupon, lot = source.programme.coupon(one.coupon), lots.get(one.account)
        starts = lot.usable_at if lot is not None else None
        ends = lot.expires_at if lot is not None else None
        yield Coupon(
            name=coupon.names if coupon is not None else one.coupon,
            code=one.code,
            usable_from=source.day(starts) if starts is not None and starts > source.at.timestamp() else None,
            until=source.day(ends - 1) if ends is not None else None,
            uses=max(1, coupon.uses // 10**coupon.scale) if coupon is not None else 1,
            card=_card(source) if coupon is not None and coupon.personal else "",
        )
