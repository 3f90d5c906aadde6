"""When: the conditions under which a rule or a reward is at work, and what is missing where it is not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from loyalty.explain import Argument, Message, Money, Names, message
from loyalty.holding.periods import birthday_in
from loyalty.holding.standing import Standing
from loyalty.holding.units import VISITS
from loyalty.numbers.currency import Currency
from loyalty.parts.policies import BaseOf, TaxBasis
from loyalty.refusals import RefusalCode
from loyalty.rules.goods import EVERYTHING, Goods
from loyalty.rules.measures import net_minor
from loyalty.rules.situation import Situation

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REACHED = 1000
"""How near something is that can be had: thousandths of the way to it."""


class Members(StrEnum):
    """Who a rule is for."""

    ANY = "any"
    ONLY = "only"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A span of the store's day; one that ends before it begins goes on after midnight."""

    begins: time
    ends: time

    def contains(self, local: time) -> bool:
        """Tell whether ``local`` is in the span; its end is not."""
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """What is missing.

    Attributes:
        message: In words.
        near: Thousandths of the way that is done; 0 where the customer can do nothing about it in this sale.
        code: How a reward that was chosen is refused for it.
    """

    message: Message
    near: int = 0
    code: RefusalCode = RefusalCode.REWARD_NOT_NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The conditions of one rule; all of them must hold. See docs/SPEC-programme.md, section "When"."""

    begins: datetime | None = None
    """Naive: the store's own time; so is ``ends``, which is the first instant that is out."""
    ends: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    hours: tuple[Hours, ...] = ()
    stores: frozenset[str] = frozenset()
    exclude_stores: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    exclude_segments: frozenset[str] = frozenset()
    members: Members = Members.ANY
    birthday: tuple[int, int] | None = None
    """Days before and after the birthday on which it holds."""
    absent_days: int | None = None
    joined_within_days: int | None = None
    nth_visit: int | None = None
    every_nth_visit: int | None = None
    least_spend_minor: int | None = None
    most_spend_minor: int | None = None
    spend_tax: TaxBasis = TaxBasis.INCLUDED
    spend_base: BaseOf = BaseOf.BEFORE
    least_items: int | None = None
    goods: Goods = EVERYTHING
    code: str | None = None
    action: str | None = None
    names: tuple[tuple[str, Names], ...] = ()
    """(id, names) of the tiers that are named, for explanations."""
    currency: Currency
    _checks: "tuple[Callable[[When, Situation], Unmet | None], ...]" = field(init=False, repr=False, compare=False)
    """What there is to look at, in order; most rules have few conditions or none."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_checks", tuple(check for set_, check in _CHECKS if set_(self)))

    def missing(self, situation: Situation) -> Unmet | None:
        """Give what is missing first, or None where every condition holds."""
        for check in self._checks:
            unmet = check(self, situation)
            if unmet is not None:
                return unmet
        return None

    def reached(self, situation: Situation) -> bool:
        """Tell whether the goods alone reach what is needed, as a return asks of those that are kept."""
        enough = self.least_items is None or _count(self, situation) is None
        return enough and (self.least_spend_minor is None or spend_minor(self, situation) >= self.least_spend_minor)

    @property
    def needs_basket(self) -> bool:
        """Whether the goods decide, so that a return must look again."""
        return any(one is not None for one in (self.least_spend_minor, self.most_spend_minor, self.least_items))


def spend_minor(when: When, situation: Situation) -> int:
    """Give what counts for ``least_spend``: the goods it names, before or after rewards, with or without tax."""
    lines = situation.select(when.goods)
    if when.spend_base is BaseOf.AFTER:
        amounts = [(line, situation.bill.left[line.line]) for line in lines]
    else:
        amounts = [(line, line.amount_minor) for line in lines]
    if when.spend_tax is TaxBasis.INCLUDED:
        return sum(amount for _, amount in amounts)
    return sum(net_minor(line, amount) for line, amount in amounts)


def items(when: When, situation: Situation) -> int:
    """Count the pieces that count for ``least_items``."""
    return sum(line.pieces for line in situation.select(when.goods))


def _unmet(message_id: str, **arguments: Argument) -> Unmet:
    return Unmet(message=message(message_id, **arguments))


def _dates(when: When, situation: Situation) -> Unmet | None:
    local = situation.moment.at.replace(tzinfo=None)
    if when.begins is not None and local < when.begins:
        return _unmet("explain.missing_not_yet")
    if when.ends is not None and local >= when.ends:
        return _unmet("explain.missing_over")
    return None


def _week(when: When, situation: Situation) -> Unmet | None:
    local = situation.moment.at
    if when.weekdays and local.weekday() not in when.weekdays:
        return _unmet("explain.missing_other_day")
    if when.hours and not any(span.contains(local.time().replace(tzinfo=None)) for span in when.hours):
        return _unmet("explain.missing_other_hour")
    return None


def _place(when: When, situation: Situation) -> Unmet | None:
    store = situation.moment.store
    if (when.stores and store not in when.stores) or store in when.exclude_stores:
        return _unmet("explain.missing_other_store")
    return None


def _who(when: When, situation: Situation) -> Unmet | None:
    standing = situation.standing
    if when.members is Members.NONE:
        return _unmet("explain.missing_no_member") if standing is not None else None
    if standing is None:
        return _unmet("explain.missing_member")
    if when.tiers and standing.tier not in when.tiers:
        names = dict(when.names)
        first = min(when.tiers)
        return _unmet("explain.missing_tier", tier=names.get(first, first))
    if when.segments and when.segments.isdisjoint(standing.segments):
        return _unmet("explain.missing_segment")
    if not when.exclude_segments.isdisjoint(standing.segments):
        return _unmet("explain.missing_segment")
    return _history(when, standing, situation.moment.business_date)


def _history(when: When, standing: Standing, today: date) -> Unmet | None:
    if when.birthday is not None and not _near_birthday(standing.birthday, when.birthday, today):
        return _unmet("explain.missing_birthday")
    if when.absent_days is not None:
        last = standing.last_visit_on
        if last is None or (today - last).days < when.absent_days:
            return _unmet("explain.missing_absence", days=when.absent_days)
    if when.joined_within_days is not None:
        joined = standing.joined_on or today
        if (today - joined).days >= when.joined_within_days:
            return _unmet("explain.missing_new_member")
    return _visits(when, standing.balance(VISITS) + 1)


def _visits(when: When, visit: int) -> Unmet | None:
    if when.nth_visit is not None and visit != when.nth_visit:
        left = when.nth_visit - visit
        if left < 0:
            return _unmet("explain.missing_over")
        return Unmet(message=message("explain.missing_visits", visits=left), near=visit * REACHED // when.nth_visit)
    if when.every_nth_visit is not None and visit % when.every_nth_visit:
        done = visit % when.every_nth_visit
        left = when.every_nth_visit - done
        return Unmet(
            message=message("explain.missing_visits", visits=left), near=done * REACHED // when.every_nth_visit
        )
    return None


def _near_birthday(birthday: tuple[int, int] | None, window: tuple[int, int], today: date) -> bool:
    if birthday is None:
        return False
    before, after = window
    return any(
        day - timedelta(days=before) <= today <= day + timedelta(days=after)
        for day in (birthday_in(year, birthday) for year in (today.year - 1, today.year, today.year + 1))
    )


def _spend(when: When, situation: Situation) -> Unmet | None:
    spent = spend_minor(when, situation)
    least = when.least_spend_minor
    if least is not None and spent < least:
        missing = Money(amount_minor=least - spent, currency=when.currency)
        return Unmet(message=message("explain.missing_spend", missing=missing), near=max(0, spent) * REACHED // least)
    if when.most_spend_minor is not None and spent > when.most_spend_minor:
        return _unmet("explain.missing_smaller_basket")
    return None


def _count(when: When, situation: Situation) -> Unmet | None:
    counted, least = items(when, situation), when.least_items or 0
    if counted >= least:
        return None
    return Unmet(message=message("explain.missing_items", items=least - counted), near=counted * REACHED // least)


def _said(when: When, situation: Situation) -> Unmet | None:
    if when.code is not None and when.code.casefold() not in situation.code_words:
        return _unmet("explain.missing_code")
    if when.action is not None and when.action not in situation.ask.actions:
        return _unmet("explain.missing_action")
    return None


def _is_personal(when: When) -> bool:
    return when.members is not Members.ANY or any(
        (
            when.tiers,
            when.segments,
            when.exclude_segments,
            when.birthday,
            when.absent_days is not None,
            when.joined_within_days is not None,
            when.nth_visit is not None,
            when.every_nth_visit is not None,
        )
    )


_CHECKS: tuple[tuple[Callable[[When], bool], Callable[[When, Situation], Unmet | None]], ...] = (
    (lambda when: when.begins is not None or when.ends is not None, _dates),
    (lambda when: bool(when.weekdays or when.hours), _week),
    (lambda when: bool(when.stores or when.exclude_stores), _place),
    (lambda when: when.code is not None or when.action is not None, _said),
    (_is_personal, _who),
    (lambda when: when.least_items is not None, _count),
    (lambda when: when.least_spend_minor is not None or when.most_spend_minor is not None, _spend),
)
WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS)}
