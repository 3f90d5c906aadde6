"""Reading the parts of a programme that are not rules: units, tiers, segments, budgets, coupons, events, referral."""

from collections.abc import Callable
from datetime import datetime

from loyalty.explain import Names
from loyalty.holding.periods import Lasting, Period, RoundUp, parse_period
from loyalty.holding.units import POINTS, Holder, Negative, Unit, UnitKind
from loyalty.numbers.currency import Currency, is_currency_code
from loyalty.numbers.limits import MAX_SCALE
from loyalty.numbers.rates import Rate
from loyalty.parts.budgets import Budget, BudgetScope, BudgetSpan
from loyalty.parts.coupons import MAX_DIGITS, MAX_PREFIX, MIN_DIGITS, CheckDigits, CodeFormat, Coupon
from loyalty.parts.events import Event
from loyalty.parts.floors import LEASE_DAYS, Floors
from loyalty.parts.referral import Referral
from loyalty.parts.segments import Segment
from loyalty.parts.tiers import NO_TIERS, Downgrade, Ladder, Progress, Tier
from loyalty.reading.names import read_id, read_names
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.rules.reading import read_lasting
from loyalty.rules.scope import Scope

_CALENDAR_YEAR = "calendar_year"
_MAX_SIGN = 8
_LIFETIME = "lifetime"
_AT_EXPECTED = "expected the store's own time without quotes, as 2026-03-08T18:00:00"


def read_currency(table: Table) -> Currency:
    """Read ``[currency]``."""
    code = table.text("code")
    if code and not is_currency_code(code):
        table.note("code", "expected three capital letters, as KZT")
    scale = table.integer("scale", 2, most=MAX_SCALE)
    return Currency(
        code=code if is_currency_code(code) else "XXX",
        scale=scale,
        sign=table.optional_text("sign", most=_MAX_SIGN) or "",
        cash_step_minor=table.scaled("cash_step", scale, least=1) if table.has("cash_step") else 1,
    )


def read_units(tables: list[Table], currency: Currency) -> dict[str, Unit]:
    """Read every ``[[unit]]``; a programme without one counts whole points."""
    units: dict[str, Unit] = {}
    for table in tables:
        unit = _unit(table, currency)
        if unit.id and unit.id in units:
            table.note("id", "is used by an earlier [[unit]]", ProblemCode.REPEATED)
        units[unit.id] = unit
    return units or {POINTS: Unit(id=POINTS, scale=0)}


def _unit(table: Table, currency: Currency) -> Unit:
    unit_id = read_id(table)
    kind = table.choice("kind", UnitKind, UnitKind.POINTS)
    money = kind is UnitKind.MONEY
    scale = table.integer("scale", currency.scale if money else 0, most=MAX_SCALE)
    if money and scale != currency.scale:
        table.note("scale", "must be the currency's, since the unit is money")
    idle = parse_period(table.text("expires_when_idle")) if table.has("expires_when_idle") else None
    if table.has("expires_when_idle") and idle is None:
        table.note("expires_when_idle", 'expected a period, as "P12M"')
    negative = table.choice("negative", Negative, Negative.ALLOW)
    return Unit(
        id=unit_id,
        scale=scale,
        names=read_names(table, "names") if table.has("names") or unit_id != POINTS else None,
        kind=kind,
        holder=table.choice("holder", Holder, Holder.MEMBER),
        value=_value(table, scale, currency, money=money),
        lasting=read_lasting(table, "expires"),
        idle=idle,
        pending_days=table.integer("pending_days", 0, most=3650),
        negative=negative,
        most_negative=table.scaled("most_negative", scale, least=1) if table.has("most_negative") else None,
        spendable_now=table.boolean("spendable_in_same_sale", default=False),
        currency=currency if money else None,
    )


def _value(table: Table, scale: int, currency: Currency, *, money: bool) -> Rate | None:
    if money:
        if table.has("value"):
            table.note("value", "is given by the currency, since the unit is money")
        return Rate.of(1, 1)
    if not table.has("value"):
        return None
    fine = MAX_SCALE
    steps = table.scaled("value", fine, least=1)
    return Rate.of(steps * 10**currency.scale, 10 ** (fine + scale))


def read_tiers(tables: list[Table], how: Table, units: dict[str, Unit], currency: Currency) -> Ladder:
    """Read every ``[[tier]]``, and from ``[tiers]`` how members move on them."""
    by = how.choice("by", Progress) if how.has("by") else None
    unit = units.get(how.text("unit", POINTS))
    if by in {Progress.EARNED, Progress.BALANCE} and unit is None:
        how.note_unknown("unit", "unit", units)
    of_unit = unit.scale if unit is not None and by in {Progress.EARNED, Progress.BALANCE} else 0
    scale = currency.scale if by is Progress.SPEND else of_unit
    seen: dict[str, Tier] = {}
    for table in tables:
        tier = Tier(
            id=table.text("id"),
            names=read_names(table, "names"),
            from_progress=table.scaled("from", scale) if table.has("from") else 0,
        )
        if tier.id and tier.id in seen:
            table.note_repeated()
        seen[tier.id] = tier
    ordered = tuple(sorted(seen.values(), key=lambda tier: (tier.from_progress, tier.id)))
    grace = parse_period(how.text("grace")) if how.has("grace") else None
    if how.has("grace") and grace is None:
        how.note("grace", 'expected a period, as "P30D"')
    ladder = Ladder(
        tiers=ordered,
        by=by,
        unit=unit.id if unit is not None else POINTS,
        lasting=_window(how),
        grace=grace,
        downgrade=how.choice("downgrade", Downgrade, Downgrade.TO_BALANCE),
        counts_current_sale=how.boolean("counts_current_sale", default=False),
        resets_units=how.boolean("reset_units", default=False),
    )
    if by is not None and not ordered:
        how.note("by", "moves nobody, since there is no [[tier]]; give one, or take [tiers] out", ProblemCode.MISSING)
    return ladder if ordered else NO_TIERS


def _window(how: Table) -> Lasting | None:
    said = how.text("window", _LIFETIME)
    if said == _LIFETIME:
        return None
    if said == _CALENDAR_YEAR:
        return Lasting(period=Period(), round_up=RoundUp.YEAR)
    period = parse_period(said)
    if period is None:
        how.note("window", 'expected "lifetime", "calendar_year" or a period, as "P12M"')
        return None
    whole_months = (
        period.days == 0
    )  # then the window ends with the month, so that a member has a lot a month, not a visit
    return Lasting(period=period, round_up=RoundUp.MONTH if whole_months else RoundUp.NONE)


def read_named(tables: list[Table]) -> dict[str, Names]:
    """Read tables that only give names to ids of the host's."""
    found: dict[str, Names] = {}
    for table in tables:
        table_id = table.text("id")
        if table_id and table_id in found:
            table.note_repeated()
        found[table_id] = read_names(table, "names")
    return found


def read_segments(tables: list[Table], currency: Currency) -> dict[str, Segment]:
    """Read every ``[[segment]]``."""
    found: dict[str, Segment] = {}
    for table in tables:
        segment = _segment(table, currency)
        if segment.id and segment.id in found:
            table.note_repeated()
        found[segment.id] = segment
    return found


def _segment(table: Table, currency: Currency) -> Segment:
    def money(key: str) -> int | None:
        return table.scaled(key, currency.scale, least=1) if table.has(key) else None

    def count(key: str) -> int | None:
        return table.integer(key, least=1, most=100_000) if table.has(key) else None

    window = parse_period(table.text("window")) if table.has("window") else None
    if table.has("window") and window is None:
        table.note("window", 'expected a period, as "P12M"')
    segment = Segment(
        id=read_id(table),
        names=read_names(table, "names"),
        external=table.boolean("external", default=False),
        window=window,
        least_spend_minor=money("least_spend"),
        most_spend_minor=money("most_spend"),
        least_visits=count("least_visits"),
        most_visits=count("most_visits"),
        absent_days=count("absent_days"),
        joined_within_days=count("joined_within_days"),
        favourite_category=table.optional_text("favourite_category"),
    )
    bounds = (
        segment.least_spend_minor,
        segment.most_spend_minor,
        segment.least_visits,
        segment.most_visits,
        segment.absent_days,
        segment.joined_within_days,
        segment.favourite_category,
    )
    if not segment.external and all(bound is None for bound in bounds):
        table.note("id", "says nothing of who is in it; give a bound, or external = true", ProblemCode.MISSING)
    for least, most, key in (
        (segment.least_spend_minor, segment.most_spend_minor, "most_spend"),
        (segment.least_visits, segment.most_visits, "most_visits"),
    ):
        if least is not None and most is not None and most < least:
            table.note(key, "is less than the least")
    return segment


def read_budgets(tables: list[Table], currency: Currency) -> dict[str, Budget]:
    """Read every ``[[budget]]``."""
    found: dict[str, Budget] = {}
    for table in tables:
        budget = Budget(
            id=read_id(table),
            most_minor=table.scaled("most", currency.scale, least=1),
            span=table.choice("per", BudgetSpan, BudgetSpan.PROGRAMME),
            scope=table.choice("scope", BudgetScope, BudgetScope.ALL),
        )
        if budget.id and budget.id in found:
            table.note_repeated()
        found[budget.id] = budget
    return found


def read_coupons(tables: list[Table]) -> dict[str, Coupon]:
    """Read every ``[[coupon]]``."""
    found: dict[str, Coupon] = {}
    for table in tables:
        scale = table.integer("scale", 0, most=MAX_SCALE)
        coupon = Coupon(
            id=read_id(table),
            names=read_names(table, "names"),
            scale=scale,
            uses=table.scaled("uses", scale, "1", least=1),
            lasting=read_lasting(table, "lasts"),
            usable_after_days=table.integer("usable_after_days", 0, most=3650),
            format=_format(table),
            personal=not table.boolean("bearer", default=True),
        )
        if coupon.id and coupon.id in found:
            table.note_repeated()
        found[coupon.id] = coupon
    return found


def _format(table: Table) -> CodeFormat:
    if not table.has("code"):
        return CodeFormat()
    inner = table.table("code")
    prefix = inner.text("prefix", "-", most=MAX_PREFIX).removeprefix("-")
    if not (prefix.isascii() and (prefix.isalnum() or not prefix) and prefix == prefix.upper()):
        inner.note("prefix", f"expected at most {MAX_PREFIX} of A-Z and 0-9")
        prefix = ""
    return CodeFormat(
        prefix=prefix,
        digits=inner.integer("digits", 12, least=MIN_DIGITS, most=MAX_DIGITS),
        check=inner.choice("check", CheckDigits, CheckDigits.LUHN),
    )


def read_events(tables: list[Table]) -> dict[str, Event]:
    """Read every ``[[event]]``."""
    found: dict[str, Event] = {}
    for table in tables:
        at = table.optional_local("at", _AT_EXPECTED)
        if at is not None and not isinstance(at, datetime):
            table.note("at", _AT_EXPECTED)
            at = None
        event = Event(
            id=read_id(table),
            names=read_names(table, "names"),
            seats=table.integer("seats", least=1, most=1_000_000),
            at=at,
            stores=tuple(sorted(set(table.texts("stores", ())))),
        )
        if event.id and event.id in found:
            table.note_repeated()
        found[event.id] = event
    return found


def read_floors(table: Table, currency: Currency) -> Floors:
    """Read ``[offline]``."""
    return Floors(
        per_sale_minor=table.scaled("floor_per_sale", currency.scale, "0"),
        per_member_minor=table.scaled("floor_per_member", currency.scale, "0"),
        per_till_day_minor=table.scaled("floor_per_till_day", currency.scale, "0"),
        max_age_hours=table.integer("floor_max_age_hours", 72, least=1, most=8_760),
        lease_days=table.integer("lease_days", LEASE_DAYS, least=1, most=90),
    )


def read_referral(table: Table, scope: Scope, read_unit: Callable[[Table, Scope], Unit]) -> Referral:
    """Read ``[referral]``."""
    unit = read_unit(table, scope)
    referral = Referral(
        unit=unit,
        referrer=table.scaled("referrer", unit.scale, "0"),
        friend=table.scaled("friend", unit.scale, "0"),
        least_spend_minor=table.scaled("least_spend", scope.currency.scale, "0"),
        most_per_member=table.integer("most_per_member", least=1, most=100_000)
        if table.has("most_per_member")
        else None,
        within_days=table.integer("within_days", least=1, most=36_500) if table.has("within_days") else None,
    )
    if not referral.referrer and not referral.friend:
        table.note("referrer", "rewards nobody; give referrer, friend or both", ProblemCode.MISSING)
    return referral
