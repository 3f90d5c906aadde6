"""Advice on what can never be at work: conditions that contradict each other, and things that nothing leads to."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from loyalty.authoring.advice.values import Advice, AdviceCode, Written
from loyalty.holding.units import Holder, UnitKind
from loyalty.parts.tiers import Progress
from loyalty.rules.goods import Goods
from loyalty.rules.stages import Multiplier
from loyalty.rules.when import Members, When

_SHORT = timedelta(days=8)
"""A window below this may miss a weekday, so its minutes are looked at one by one."""
_MINUTE = timedelta(minutes=1)
_ANY_DAY = date(2026, 1, 1)


def never_at_work(written: Written, today: date | None) -> Iterator[Advice]:
    """Find rules and rewards whose conditions can never hold, each for the first reason found."""
    for table, head in written.heads():
        window = _window(head.when, written)
        over = today is not None and window[1] is not None and window[1] <= datetime.combine(today, time())
        fault = _contradiction(head.when, window)
        if fault is not None:
            yield written.about(AdviceCode.NEVER_AT_WORK, table, head.id, f"is never at work: {fault}", "when")
        elif over and head.when.ends is not None:
            text = "its time is over; take it out, or move when.until"
            yield written.about(AdviceCode.WINDOW_OVER, table, head.id, text, "when", "until")


def goods_exclude_themselves(written: Written) -> Iterator[Advice]:
    """Find selections of goods of which nothing is left."""
    for table, head in written.heads():
        for goods, key in ((head.goods, ""), (head.when.goods, "when")):
            if _empty(goods):
                text = "every group of goods that it names is excluded as well; take it out of one of the two"
                yield written.about(AdviceCode.GOODS_EXCLUDE_THEMSELVES, table, head.id, text, *filter(None, (key,)))


def never_earned(written: Written) -> Iterator[Advice]:
    """Find rewards that cost, and multipliers that multiply, what no rule gives."""
    earned = written.earned_units()
    for reward in written.paid_rewards():
        unit = reward.terms.unit
        if unit is None or unit.id in earned or unit.kind is UnitKind.MONEY or unit.holder is Holder.CARD:
            continue
        text = f'costs "{unit.id}", which no rule gives; add a rule that does, or name another unit'
        yield written.about(AdviceCode.UNIT_NEVER_EARNED, "reward", reward.head.id, text, "unit")
    for rule in written.programme.multipliers:
        reached = [one for one in written.programme.earn_rules if _multiplied(one.head.id, rule)]
        units = {one.unit.id for one in reached}
        if rule.unit not in units:
            text = "multiplies what no rule awards; check unit and of_rules"
            yield written.about(AdviceCode.NEVER_AT_WORK, "rule", rule.head.id, text)


def unused(written: Written) -> Iterator[Advice]:
    """Find coupons that are good for nothing, and budgets that nothing draws from."""
    wanted = {reward.terms.coupon for reward in written.programme.rewards}
    for coupon in written.programme.coupons:
        if coupon.id not in wanted:
            text = f'no reward has coupon = "{coupon.id}", so that it is good for nothing; add one'
            yield written.about(AdviceCode.COUPON_UNUSED, "coupon", coupon.id, text)
    drawn = {head.uses.budget.id for _, head in written.heads() if head.uses.budget is not None}
    for budget in written.programme.budgets:
        if budget.id not in drawn:
            text = f'nothing has uses.budget = "{budget.id}", so that it bounds nothing'
            yield written.about(AdviceCode.BUDGET_UNUSED, "budget", budget.id, text)


def tiers_unreachable(written: Written) -> Iterator[Advice]:
    """Find tiers that no progress leads to."""
    ladder = written.programme.ladder
    if ladder.by is None:
        return
    if ladder.by is Progress.EARNED and ladder.unit not in written.earned_units():
        text = f'nobody climbs: no rule gives "{ladder.unit}"; name another unit'
        yield written.say(AdviceCode.TIER_UNREACHABLE, ("tiers", "unit"), text)
    for tier, above in zip(ladder.tiers, ladder.tiers[1:], strict=False):
        if tier.from_progress == above.from_progress:
            text = f'takes as much as "{above.id}", which is reached instead; give each tier a "from" of its own'
            yield written.about(AdviceCode.TIER_UNREACHABLE, "tier", tier.id, text)


def segments_empty(written: Written) -> Iterator[Advice]:
    """Find segments that nobody can be in."""
    for segment in written.programme.segments:
        absent, joined = segment.absent_days, segment.joined_within_days
        window = segment.window.after(_ANY_DAY) - _ANY_DAY if segment.window is not None else None
        text = None
        if absent is not None and joined is not None and absent >= joined:
            text = "who joined within joined_within_days cannot have been away for absent_days; drop one of the two"
        elif absent is not None and window is not None and segment.least_visits and absent > window.days:
            text = "who was away for absent_days has no visit within the window; make the window longer"
        if text is not None:
            yield written.about(AdviceCode.SEGMENT_EMPTY, "segment", segment.id, f"nobody can be in it: {text}")


def _multiplied(rule_id: str, rule: Multiplier) -> bool:
    return not rule.of_rules or rule_id in rule.of_rules


def _window(when: When, written: Written) -> tuple[datetime | None, datetime | None]:
    """Give the first instant in, and the first one out, of conditions and programme together."""
    programme = written.programme
    begins = [one for one in (when.begins, _midnight(programme.valid_from)) if one is not None]
    ends = [one for one in (when.ends, _midnight(programme.valid_until, days=1)) if one is not None]
    return max(begins, default=None), min(ends, default=None)


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    return datetime.combine(day, time()) + timedelta(days=days) if day is not None and day < date.max else None


def _contradiction(when: When, window: tuple[datetime | None, datetime | None]) -> str | None:
    begins, ends = window
    if begins is not None and ends is not None and begins >= ends:
        return "its time lies outside the programme's valid_from and valid_until; move one of them"
    if begins is not None and ends is not None and not _occurs(when, begins, ends):
        return "no such weekday or hour lies between when.from and when.until; widen one of them"
    if when.stores and when.stores <= when.exclude_stores:
        return "each of its stores is excluded as well; take it out of one of the two"
    return _who(when)


def _who(when: When) -> str | None:
    personal = (when.tiers, when.segments, when.birthday, when.absent_days, when.nth_visit, when.every_nth_visit)
    if when.members is Members.NONE and any(one for one in personal):
        return 'members = "none" means sales without a card, and the other conditions ask for a member; drop one side'
    if when.segments and when.segments <= when.exclude_segments:
        return "each of its segments is excluded as well; take it out of one of the two"
    absent, joined = when.absent_days, when.joined_within_days
    if absent is not None and when.nth_visit == 1:
        return "a first purchase has no visit before it from which absent_days could count; drop one of the two"
    if absent is not None and joined is not None and absent >= joined:
        return "who joined within joined_within_days cannot have been away for absent_days; drop one of the two"
    nth, every = when.nth_visit, when.every_nth_visit
    if nth is not None and every is not None and nth % every:
        return "nth_visit is none of every_nth_visit; drop one of the two"
    return None


def _occurs(when: When, begins: datetime, ends: datetime) -> bool:
    if not (when.weekdays or when.hours) or ends - begins >= _SHORT:
        return True
    at = begins
    while at < ends:
        on_day = not when.weekdays or at.weekday() in when.weekdays
        if on_day and (not when.hours or any(span.contains(at.time()) for span in when.hours)):
            return True
        at += _MINUTE
    return False


def _empty(goods: Goods) -> bool:
    named = goods.categories | goods.items | goods.tags
    return bool(named) and (
        goods.categories <= goods.exclude_categories
        and goods.items <= goods.exclude_items
        and goods.tags <= goods.exclude_tags
    )
