"""Reading what every rule and reward has in a programme file: head, conditions, caps and dates."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from loyalty.explain import Names
from loyalty.holding.periods import Lasting, RoundUp, parse_period
from loyalty.holding.units import Unit
from loyalty.parts.policies import BaseOf, TaxBasis
from loyalty.reading.names import read_names
from loyalty.reading.tables import Table
from loyalty.rules.goods import EVERYTHING
from loyalty.rules.reading_goods import read_goods
from loyalty.rules.scope import Scope
from loyalty.rules.stages import NO_CAPS, Caps, Dating, Head, Offline, Pick
from loyalty.rules.uses import NO_LIMITS, Uses
from loyalty.rules.when import WEEKDAYS, Hours, Members, When

_HOURS_EXPECTED = 'expected spans of hours, as ["17:00-20:00"]'
_INSTANT_EXPECTED = "expected the store's own time without quotes and offset, as 2026-01-31 or 2026-01-31T18:00:00"
_MAX_PRIORITY = 1_000_000


def read_head(table: Table, scope: Scope) -> Head:
    """Read what every rule and reward has."""
    return Head(
        id=table.text("id"),
        names=read_names(table, "names") if table.has("names") else None,
        when=read_when(table, scope),
        goods=read_goods(table, scope),
        uses=read_uses(table, scope),
        priority=table.integer("priority", 0, least=-_MAX_PRIORITY, most=_MAX_PRIORITY),
        group=table.optional_text("group"),
        pick=table.choice("pick", Pick, Pick.BEST),
        exclusive=table.boolean("exclusive", default=False),
        offline=table.choice("offline", Offline, Offline.ALLOW),
    )


def read_uses(table: Table, scope: Scope) -> Uses:
    """Read ``uses``, which may be absent."""
    if not table.has("uses"):
        return NO_LIMITS
    inner = table.table("uses")
    budget = scope.budgets.get(inner.text("budget")) if inner.has("budget") else None
    if inner.has("budget") and budget is None:
        inner.note_unknown("budget", "budget", scope.budgets)

    def bound(key: str) -> int | None:
        return inner.integer(key, least=1) if inner.has(key) else None

    return Uses(
        per_sale=bound("per_sale"),
        per_day=bound("per_day"),
        per_member=bound("per_member"),
        in_all=bound("in_all"),
        budget=budget,
        cancelled_count=inner.boolean("cancelled_count", scope.policies.cancelled_visits_count),
    )


def read_unit(table: Table, scope: Scope, key: str = "unit", default: str = "points") -> Unit:
    """Read the unit of a rule; one that the programme does not have is noted."""
    unit = scope.units.get(table.text(key, default))
    if unit is None:
        table.note_unknown(key, "unit", scope.units)
        return next(iter(scope.units.values()))
    return unit


def read_caps(table: Table, unit: Unit) -> Caps:
    """Read ``cap``, which may be absent."""
    if not table.has("cap"):
        return NO_CAPS
    inner = table.table("cap")

    def bound(key: str) -> int | None:
        return inner.scaled(key, unit.scale, least=1) if inner.has(key) else None

    return Caps(
        per_line=bound("per_line"),
        per_sale=bound("per_sale"),
        per_day=bound("per_day"),
        per_month=bound("per_month"),
        per_member=bound("per_member"),
        least_per_line=bound("least_per_line"),
        least_per_sale=bound("least_per_sale"),
    )


def read_dating(table: Table, scope: Scope, unit: Unit) -> Dating:
    """Read when a rule's units begin and end; what is not written is as the unit says."""
    pending = table.integer("pending_days", unit.pending_days, most=3650)
    return scope.share(Dating(pending_days=pending, lasting=read_lasting(table, "expires", unit.lasting)))


def read_lasting(table: Table, key: str, default: Lasting | None = None) -> Lasting | None:
    """Read a period under ``key`` and to where its end is moved under ``<key>_round_up``."""
    round_up = table.choice(f"{key}_round_up", RoundUp, RoundUp.NONE)
    if not table.has(key):
        return default
    period = parse_period(table.text(key))
    if period is None:
        table.note(key, 'expected a period of years, months and days, as "P12M" or "P90D"')
        return default
    return Lasting(period=period, round_up=round_up)


def read_when(table: Table, scope: Scope, key: str = "when") -> When:
    """Read the conditions, which may be absent."""
    if not table.has(key):
        return When(currency=scope.currency)
    inner = table.table(key)
    begins, ends = _instant(inner, "from"), _instant(inner, "until", last=True)
    if begins is not None and ends is not None and ends <= begins:
        inner.note("until", "ends before from")
    before = _count(inner, "birthday_days_before", least=0)
    after = _count(inner, "birthday_days_after", least=0)
    money: Callable[[str], int | None] = lambda name: (  # noqa: E731
        inner.scaled(name, scope.currency.scale, least=1) if inner.has(name) else None
    )
    when = When(
        currency=scope.currency,
        begins=begins,
        ends=ends,
        weekdays=frozenset(_one_of(inner, "weekdays", WEEKDAYS)),
        hours=_hours(inner),
        stores=frozenset(inner.texts("stores", ())),
        exclude_stores=frozenset(inner.texts("exclude_stores", ())),
        tiers=frozenset(_known(inner, "tiers", "tier", scope.tiers)),
        segments=frozenset(_known(inner, "segments", "segment", scope.segments)),
        exclude_segments=frozenset(_known(inner, "exclude_segments", "segment", scope.segments)),
        members=inner.choice("members", Members, Members.ANY),
        birthday=(before or 0, after or 0) if before is not None or after is not None else None,
        absent_days=_count(inner, "absent_days"),
        joined_within_days=_count(inner, "joined_within_days"),
        nth_visit=_nth(inner),
        every_nth_visit=_count(inner, "every_nth_visit", least=2),
        least_spend_minor=money("least_spend"),
        most_spend_minor=money("most_spend"),
        spend_tax=inner.choice("spend_tax", TaxBasis, TaxBasis.INCLUDED),
        spend_base=inner.choice("spend_base", BaseOf, BaseOf.BEFORE),
        least_items=_count(inner, "least_items"),
        goods=_goods(inner, scope),
        code=inner.optional_text("code"),
        action=inner.optional_text("action"),
        names=tuple(sorted((tier, names) for tier, names in scope.tiers.items())),
    )
    least, most = when.least_spend_minor, when.most_spend_minor
    if least is not None and most is not None and most < least:
        inner.note("most_spend", "is less than least_spend")
    return when


def _goods(inner: Table, scope: Scope) -> Any:
    if not inner.has("goods"):
        return EVERYTHING
    if isinstance(inner.peek("goods"), str):
        named = scope.goods.get(inner.text("goods"))
        if named is None:
            inner.note_unknown("goods", "goods", scope.goods)
        return named or EVERYTHING
    return read_goods(inner.table("goods"), scope)


def _nth(inner: Table) -> int | None:
    nth = _count(inner, "nth_visit")
    if inner.has("first_purchase") and inner.boolean("first_purchase"):
        if nth not in (None, 1):
            inner.note("first_purchase", "does not go with nth_visit")
        return 1
    return nth


def _count(inner: Table, key: str, *, least: int = 1) -> int | None:
    return inner.integer(key, least=least, most=100_000) if inner.has(key) else None


_T = TypeVar("_T")


def _one_of(inner: Table, key: str, known: dict[str, _T]) -> list[_T]:
    found = []
    for text in inner.texts(key, ()):
        if text in known:
            found.append(known[text])
        else:
            inner.note(key, f'"{text}" is none of {", ".join(known)}')
    return found


def _known(inner: Table, key: str, kind: str, known: dict[str, Names]) -> list[str]:
    found = []
    for text in inner.texts(key, ()):
        if text in known:
            found.append(text)
        else:
            inner.note_unknown(key, kind, known, text)
    return found


def _hours(inner: Table) -> tuple[Hours, ...]:
    spans: list[Hours] = []
    for text in inner.texts("hours", ()):
        begins, _, ends = text.partition("-")
        try:
            span = Hours(begins=_time(begins), ends=_time(ends))
        except ValueError:
            inner.note("hours", _HOURS_EXPECTED)
            continue
        if span.begins == span.ends:
            inner.note("hours", "a span ends where it begins")
        spans.append(span)
    return tuple(spans)


def _time(text: str) -> time:
    """Read a time of the store's own clock.

    Raises:
        ValueError: it is none, or has an offset.
    """
    local = time() if text.strip() == "24:00" else time.fromisoformat(text.strip())
    if local.tzinfo is not None:
        raise ValueError("a time of the store has no offset")
    return local


def _instant(inner: Table, key: str, *, last: bool = False) -> datetime | None:
    """Read a date or a local date-time; the last date is the whole day."""
    value = inner.optional_local(key, _INSTANT_EXPECTED)
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time()) + timedelta(days=1 if last and value < date.max else 0)
