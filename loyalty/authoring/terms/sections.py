"""The terms of a whole programme, section by section; empty sections are left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from loyalty.authoring.advice.values import Written
from loyalty.authoring.terms.conditions import of_caps, of_head, unit_name
from loyalty.authoring.terms.kinds import (
    OF_KINDS,
    OWN_ITEMS,
    OWN_PRICE,
    Keys,
    base_words,
    paid_words,
    rounding_words,
    tax_words,
)
from loyalty.authoring.terms.values import Item, Section, Value, days, label, labels, sentence, span
from loyalty.explain import Message, Money, message
from loyalty.holding.periods import Lasting, RoundUp
from loyalty.holding.units import Holder, Negative, Unit, UnitKind
from loyalty.parts.coupons import Coupon
from loyalty.parts.policies import Combine, GiftOnReturn, OnReturn, Reverses
from loyalty.parts.tiers import Downgrade, Ladder, Progress
from loyalty.programme.model import Programme
from loyalty.rules.stages import Head, Reward, Trigger

_ENDS = {
    RoundUp.MONTH: "terms.end_month",
    RoundUp.QUARTER: "terms.end_quarter",
    RoundUp.HALF_YEAR: "terms.end_half_year",
    RoundUp.YEAR: "terms.end_year",
}
_BY = {
    Progress.SPEND: "terms.tier_by_spend",
    Progress.EARNED: "terms.tier_by_earned",
    Progress.VISITS: "terms.tier_by_visits",
    Progress.BALANCE: "terms.tier_by_balance",
}
_DOWN = {
    Downgrade.ONE_STEP: "terms.downgrade_one_step",
    Downgrade.TO_BALANCE: "terms.downgrade_to_balance",
    Downgrade.NONE: "terms.downgrade_none",
}
_NEGATIVE = {
    Negative.ALLOW: "terms.return_below_zero",
    Negative.DEBT: "terms.return_debt",
    Negative.FLOOR: "terms.return_floor",
    Negative.REFUSE: "terms.return_refuse",
}
_REVERSES = {
    Reverses.BOTH: "terms.return_both",
    Reverses.EARNED: "terms.return_earned",
    Reverses.NONE: "terms.return_none",
}


def sections_of(programme: Programme, text: str) -> tuple[Section, ...]:
    """Give the terms of ``programme``, which was read from ``text``."""
    written = Written(programme, text)
    made = (
        ("terms.heading_general", _general(programme)),
        ("terms.heading_earning", _earning(written)),
        ("terms.heading_rewards", _rewards(written)),
        ("terms.heading_units", _units(programme)),
        ("terms.heading_tiers", _tiers(programme)),
        ("terms.heading_coupons", (_coupon(coupon) for coupon in programme.coupons)),
        ("terms.heading_referral", _referral(programme)),
        ("terms.heading_events", _events(programme)),
        ("terms.heading_returns", _returns(written)),
    )
    found = ((Message(id=heading), tuple(items)) for heading, items in made)
    return tuple(Section(heading=heading, items=items) for heading, items in found if items)


def _general(programme: Programme) -> Iterator[Item]:
    if programme.valid_from is not None:
        yield label("terms.runs_from", programme.valid_from)
    if programme.valid_until is not None:
        yield label("terms.runs_until", programme.valid_until)
    yield sentence("terms.only_members")


def _earning(written: Written) -> Iterator[Item]:
    programme, policies = written.programme, written.programme.policies
    rivals = _rivals(programme)
    money = False
    for rule in programme.earn_rules:
        keys = Keys(written.raw("rule", rule.head.id), programme)
        money = money or "per" in keys.raw or "step" in keys.raw
        more = (*of_caps(rule.caps, rule.unit), *_dating(rule.dating.pending_days, rule.dating.lasting, rule.unit))
        yield _item(rule.head, keys, programme, rivals, more)
    heads = (*(one.head for one in programme.multipliers), *(one.head for one in programme.issuers))
    for head in heads:
        yield _item(head, Keys(written.raw("rule", head.id), programme), programme, rivals)
    if money:
        yield sentence(tax_words(policies.tax))
        yield sentence(base_words(policies.base))
        yield sentence(paid_words(policies.paid_with_units))
        yield sentence(rounding_words(policies.rounding))
    if len(programme.multipliers) > 1:
        compound = policies.multipliers is Combine.COMPOUND
        way = "compound" if compound else "additive"
        yield Item(said=message(f"terms.several_multipliers_{way}"))
    if not policies.earn_when_redeeming:
        yield sentence("terms.redeeming_earns_nothing")


def _rewards(written: Written) -> Iterator[Item]:
    programme = written.programme
    rivals = _rivals(programme)
    for reward in sorted(programme.rewards, key=lambda one: (one.head.priority, one.head.id)):
        keys = Keys(written.raw("reward", reward.head.id), programme)
        yield _item(reward.head, keys, programme, rivals, _price(reward, keys))


def _item(head: Head, keys: Keys, programme: Programme, rivals: frozenset[str], more: tuple[Item, ...] = ()) -> Item:
    """Put a rule or reward under its name, or under its own first sentence."""
    own = tuple(OF_KINDS[str(keys.raw["kind"])](keys))
    if keys.raw["kind"] in OWN_ITEMS:
        head = replace(head, goods=replace(head.goods, items=frozenset()))
    below = (*more, *of_head(head, programme, rival=head.group in rivals))
    if head.names is not None:
        return Item(said=head.names, items=(*own, *below))
    return Item(said=own[0].said, of=own[0].of, items=(*own[0].items, *own[1:], *below))


def _price(reward: Reward, keys: Keys) -> tuple[Item, ...]:
    """Say how a reward is set to work and what it costs."""
    terms, programme = reward.terms, keys.programme
    found: list[Item] = []
    if terms.coupon is not None:
        coupon = programme.coupon(terms.coupon)
        found.append(label("terms.with_coupon", coupon.names if coupon is not None else terms.coupon))
    elif terms.unit is not None and terms.cost and keys.raw["kind"] not in OWN_PRICE:
        found.append(label("terms.cost", terms.unit.amount(terms.cost)))
    if terms.code is not None:
        found.append(label("terms.with_code", terms.code))
    if terms.trigger is Trigger.CHOICE:
        found.append(sentence("terms.by_choice"))
    if keys.raw.get("least_balance"):
        found.append(label("terms.least_balance", keys.units("least_balance")))
    if terms.most_minor is not None:
        found.append(label("terms.most_discount", Money(amount_minor=terms.most_minor, currency=programme.currency)))
    return tuple(found)


def _rivals(programme: Programme) -> frozenset[str]:
    groups = Counter(head.group for head in programme.heads if head.group is not None)
    return frozenset(group for group, many in groups.items() if many > 1)


def _dating(pending_days: int, lasting: Lasting | None, unit: Unit) -> tuple[Item, ...]:
    """Say when a rule's units begin and end, where that is not the unit's own way."""
    found: list[Item] = []
    if pending_days != unit.pending_days and pending_days:
        found.append(label("terms.usable_after", days(pending_days)))
    if lasting != unit.lasting and lasting is not None:
        found.extend(_lasting(lasting))
    return tuple(found)


def _lasting(lasting: Lasting) -> Iterator[Item]:
    if lasting.period.months or lasting.period.days:
        yield label("terms.good_for", *span(lasting.period))
    if lasting.round_up in _ENDS:
        yield sentence(_ENDS[lasting.round_up])


def _units(programme: Programme) -> Iterator[Item]:
    for unit in programme.units:
        found = [*(_lasting(unit.lasting) if unit.lasting is not None else (sentence("terms.good_for_ever"),))]
        if unit.idle is not None:
            found.append(label("terms.idle", *span(unit.idle)))
        if unit.lasting is not None:
            found.append(sentence("terms.earliest_first"))
        if unit.pending_days:
            found.append(label("terms.usable_after", days(unit.pending_days)))
        elif unit.holder is Holder.MEMBER:
            found.append(sentence("terms.usable_at_once" if unit.spendable_now else "terms.usable_next_time"))
        found.extend(_value(unit, programme))
        yield Item(said=unit_name(unit), items=tuple(found))


def _value(unit: Unit, programme: Programme) -> Iterator[Item]:
    """Say what a whole unit is worth, where something can be paid with it."""
    tenders = [one for one in programme.rewards if one.terms.settle == "tender" and one.terms.unit == unit]
    if unit.value is None or unit.kind is UnitKind.MONEY or not tenders:
        return
    whole = 10**unit.scale
    worth = unit.value.numerator * whole // unit.value.denominator
    money = Money(amount_minor=worth, currency=programme.currency)
    yield Item(said=message("terms.value", units=unit.amount(whole), amount=money))


def _tiers(programme: Programme) -> Iterator[Item]:
    ladder = programme.ladder
    if not ladder.tiers:
        return
    yield sentence(_BY[ladder.by] if ladder.by is not None else "terms.tier_by_us")
    for tier in ladder.tiers:
        if ladder.by is None:
            yield Item(said=tier.names)
        elif tier.from_progress == 0:
            yield Item(said=message("terms.tier_start", tier=tier.names))
        else:
            yield Item(said=message("terms.tier_from", tier=tier.names), of=(_progress(tier.from_progress, programme),))
    if ladder.by is not None:
        yield from _moves(ladder)


def _progress(amount: int, programme: Programme) -> Value:
    ladder = programme.ladder
    if ladder.by is Progress.SPEND:
        return Money(amount_minor=amount, currency=programme.currency)
    if ladder.by is Progress.VISITS:
        return message("terms.purchases", count=amount)
    unit = programme.unit(ladder.unit)
    return (unit or Unit(id=ladder.unit, scale=0)).amount(amount)


def _moves(ladder: Ladder) -> Iterator[Item]:
    if ladder.by is Progress.BALANCE:
        yield sentence(_DOWN[ladder.downgrade])
        return
    if ladder.lasting is None:
        yield sentence("terms.window_lifetime")
    elif ladder.lasting.round_up is RoundUp.YEAR:
        yield sentence("terms.window_year")
    else:
        yield label("terms.window", *span(ladder.lasting.period))
    if ladder.counts_current_sale:
        yield sentence("terms.counts_at_once")
    if ladder.lasting is None:
        return
    if ladder.grace is not None:
        yield label("terms.grace", *span(ladder.grace))
    yield sentence(_DOWN[ladder.downgrade])
    if ladder.resets_units:
        yield sentence("terms.reset_units")


def _coupon(coupon: Coupon) -> Item:
    found: list[Item] = []
    if coupon.uses != 10**coupon.scale:
        found.append(label("terms.coupon_uses", _uses(coupon)))
    found.extend(_lasting(coupon.lasting) if coupon.lasting is not None else (sentence("terms.good_for_ever"),))
    if coupon.usable_after_days:
        found.append(label("terms.usable_after", days(coupon.usable_after_days)))
    found.append(sentence("terms.coupon_personal" if coupon.personal else "terms.coupon_bearer"))
    return Item(said=coupon.names, items=tuple(found))


def _uses(coupon: Coupon) -> Message:
    whole, rest = divmod(coupon.uses, 10**coupon.scale)
    return message("terms.times", count=whole + (1 if rest else 0))


def _referral(programme: Programme) -> Iterator[Item]:
    referral = programme.referral
    if referral is None:
        return
    if referral.referrer:
        yield label("terms.referral_referrer", referral.unit.amount(referral.referrer))
    if referral.friend:
        yield label("terms.referral_friend", referral.unit.amount(referral.friend))
    if referral.least_spend_minor:
        money = Money(amount_minor=referral.least_spend_minor, currency=programme.currency)
        yield label("terms.when_least_spend", money)
    if referral.within_days is not None:
        yield label("terms.referral_within", days(referral.within_days))
    if referral.most_per_member is not None:
        yield label("terms.referral_most", message("terms.friends", count=referral.most_per_member))


def _events(programme: Programme) -> Iterator[Item]:
    for event in programme.events:
        when = (label("terms.event_at", event.at.date(), f"{event.at:%H:%M}"),) if event.at is not None else ()
        where = labels("terms.event_stores", event.stores)
        seats = (label("terms.event_seats", str(event.seats)),)
        yield Item(said=event.names, items=(*when, *where, *seats))


def _returns(written: Written) -> Iterator[Item]:
    programme, policies = written.programme, written.programme.policies
    yield sentence(_REVERSES[policies.return_reverses])
    if policies.return_reverses is not Reverses.NONE:
        for unit in programme.units:
            if unit.holder is Holder.MEMBER:
                yield label(_NEGATIVE[unit.negative], unit_name(unit))
    if programme.coupons:
        keep = policies.coupon_on_return is OnReturn.KEEP
        yield sentence("terms.return_coupon_keep" if keep else "terms.return_coupon_restore")
    if any(written.raw("reward", reward.head.id).get("kind") == "gift" for reward in programme.rewards):
        keep = policies.gift_on_return is GiftOnReturn.KEEP
        yield sentence("terms.return_gift_keep" if keep else "terms.return_gift_charge")
