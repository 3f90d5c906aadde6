"""The bounds of an award: what caps, budgets and the counters of earlier sales leave of it, and what it counts itself."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from loyalty.explain import Message, message
from loyalty.holding.units import day_name, got_unit
from loyalty.moment import Moment
from loyalty.quote.values import Missed
from loyalty.rules.situation import Situation
from loyalty.rules.stages import NO_CAPS, EarnRule, Head, Headed, Offline
from loyalty.rules.uses import NO_LIMITS, Count, budget_left, counts, left
from loyalty.rules.when import Unmet

_H = TypeVar("_H", bound=Headed)
BEATEN = Unmet(message=message("explain.missing_better_one"))
"""Another rule of its group is at work."""


def in_the_way(head: Head, situation: Situation) -> Unmet | None:
    """Give what keeps a rule or reward from being at work: HQ's absence, its conditions, its uses or its budget."""
    rights = situation.rights
    if head.offline is Offline.DENY and rights is not None and not rights.confirmed:
        return Unmet(message=message("explain.missing_lease"))
    unmet = head.when.missing(situation)
    if unmet is not None:
        return unmet
    if head.uses is NO_LIMITS:
        return None
    seen = seen_by(head, situation)
    unmet = _used_up(head, seen)
    if unmet is None or seen is situation or _used_up(head, situation) is not None:
        return unmet
    return Unmet(message=message("explain.missing_lease"))


def seen_by(head: Head, situation: Situation) -> Situation:
    """Give the situation as a rule may look at it: with no more room than there are rights, where it must not be overspent."""
    return situation if head.offline is Offline.ALLOW else situation.within_rights()


def _used_up(head: Head, situation: Situation) -> Unmet | None:
    often = left(head.uses, head.id, situation)
    if isinstance(often, Unmet):
        return often
    spent = budget_left(head.uses, situation) == 0
    return Unmet(message=message("explain.missing_used_up")) if spent else None


def in_turn(rules: Sequence[_H]) -> Iterator[list[_H]]:
    """Give rules in their order, those of a group together where the first of them stands."""
    done: set[str] = set()
    for rule in rules:
        group = rule.head.group
        if group is None:
            yield [rule]
        elif group not in done:
            done.add(group)
            yield [one for one in rules if one.head.group == group]


def missed_of(head: Head, unmet: Unmet) -> Missed:
    """Say that a rule or reward was not at work."""
    return Missed(id=head.id, names=head.names, message=unmet.message, near=unmet.near)


def capped(rule: EarnRule, amount: int, situation: Situation) -> tuple[int, tuple[Message, ...]]:
    """Give what the rule's caps and its budget leave of ``amount`` smallest steps, and say so where it is less."""
    caps, unit = rule.caps, rule.unit
    if caps is NO_CAPS and rule.head.uses is NO_LIMITS:
        return amount, ()
    if caps.least_per_sale is not None and amount < caps.least_per_sale:
        return 0, (message("explain.below_least", units=unit.amount(caps.least_per_sale)),) if amount else ()
    bounds = [] if caps.per_sale is None else [caps.per_sale]
    bounds += [bound - max(0, situation.member_balance(hidden)) for bound, hidden in _spans(rule, situation.moment)]
    worth = budget_left(rule.head.uses, seen_by(rule.head, situation))
    if worth is not None and unit.value is not None and unit.value.numerator:
        bounds.append(worth * unit.value.denominator // unit.value.numerator)
    most = max(0, min(bounds, default=amount))
    if amount <= most:
        return amount, ()
    return most, (message("explain.capped", units=unit.amount(most)),)


def counted(rule: EarnRule, amount: int, situation: Situation) -> tuple[Count, ...]:
    """Count that a rule gave ``amount`` smallest steps: for its uses, its budget and its caps beyond the sale."""
    if not amount or (rule.caps is NO_CAPS and rule.head.uses is NO_LIMITS):
        return ()
    used = counts(rule.head.uses, rule.head.id, 1, rule.unit.worth_minor(amount), situation)
    if situation.standing is None:
        return used
    spans = _spans(rule, situation.moment)
    return used + tuple(Count(pool=None, unit=hidden, amount=amount) for _, hidden in spans)


def _spans(rule: EarnRule, moment: Moment) -> list[tuple[int, str]]:
    caps, rule_id = rule.caps, rule.head.id
    if not caps.count:
        return []
    spans = (
        (caps.per_day, day_name(moment.business_date)),
        (caps.per_month, f"{moment.business_date:%Y%m}"),
        (caps.per_member, ""),
    )
    return [(bound, got_unit(rule_id, span)) for bound, span in spans if bound is not None]
