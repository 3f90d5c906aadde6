"""What an entry keeps of what a sale was computed from, so that it can be computed again: no more than rules look at."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from agent.till.asking import Computed
from agent.till.requests import QuoteRequest
from loyalty.holding.accounts import gift_card_account, pool_account
from loyalty.holding.standing import Standing
from loyalty.holding.units import is_hidden
from loyalty.journal.detail import DetailAsked, StandingUsed
from loyalty.programme.model import Programme

_DAY, _MONTH = 8, 6
_ASKED: dict[str, frozenset[str]] = {}
"""What the rules of each version that sold ask of a member's standing; a till meets few versions."""


def standing_used(standing: Standing, done: Computed | None = None) -> StandingUsed:
    """Keep what a member's standing was; for a sale also what the programme's rules ask of it."""
    as_of = standing.as_of.isoformat() if standing.as_of is not None else None
    if done is None:
        shown = tuple((unit, amount) for unit, amount in standing.balances if not is_hidden(unit))
        return StandingUsed(tier=standing.tier, balances=shown, as_of=as_of)
    today = done.moment.business_date
    balances = tuple((unit, amount) for unit, amount in standing.balances if amount and _counts_today(unit, today))
    asked = _asked_of_members(done.programme)
    return StandingUsed(
        tier=standing.tier,
        balances=balances,
        as_of=as_of,
        unusable=tuple(_unusable(standing, balances, done)),
        segments=standing.segments if "segments" in asked else (),
        birthday=_month_and_day(standing.birthday) if "birthday" in asked else None,
        joined_on=_iso(standing.joined_on) if "joined_on" in asked else None,
        last_visit_on=_iso(standing.last_visit_on) if "last_visit_on" in asked else None,
        referrer=standing.referrer if done.programme.referral is not None else None,
    )


def asked_of(request: QuoteRequest, done: Computed, at: int | None) -> DetailAsked | None:
    """Keep what was asked; None for goods alone, sold without a quote and where no pool counts.

    Args:
        request: The sale's.
        done: What it came to.
        at: Epoch seconds of the quote that the sale keeps, or None.
    """
    held = tuple(_held(done))
    if at is None and not held and not request.asks:
        return None
    return replace(
        asks_of(request),
        at=at,
        held=held,
        refused=tuple((one.asked, one.refusal.code.value) for one in done.quoted.declined),
    )


def asks_of(request: QuoteRequest) -> DetailAsked:
    """Keep what a request asks for, and nothing of what came of it."""
    return DetailAsked(
        redeem=tuple((one.reward, one.units, one.times, one.choice) for one in request.redeem),
        codes=request.codes,
        coupons=request.coupons,
        cards=tuple((gift_card_account(one.number), one.reward, one.units) for one in request.gift_cards),
        declined=request.declined,
        actions=request.actions,
    )


def asks_in(asked: DetailAsked | None) -> DetailAsked:
    """Give what a sale that was kept had asked for, to compare it with `asks_of` of a request."""
    return replace(asked, at=None, held=(), refused=()) if asked is not None else DetailAsked()


def cards_named(request: QuoteRequest) -> set[tuple[bytes, int]]:
    """Give (account, line) of the gift cards that a request sells, to compare it with what was kept."""
    return {(gift_card_account(one.number), one.line) for one in request.sold_cards}


def _counts_today(unit: str, today: date) -> bool:
    """Leave out counters of other days and months: they add up over the years, and nothing asks them again."""
    last = unit.rpartition(".")[2]
    if "." not in unit or not (last.isascii() and last.isdigit()) or ".remainder." in unit:
        return True
    return len(last) not in {_DAY, _MONTH} or last in {f"{today:%Y%m%d}", f"{today:%Y%m}"}


def _unusable(standing: Standing, balances: tuple[tuple[str, int], ...], done: Computed) -> Iterator[tuple[str, int]]:
    if not standing.lots:
        return
    for unit, amount in balances:
        rest = amount - standing.usable(unit, done.moment.at)
        if rest:
            yield unit, rest


def _held(done: Computed) -> Iterator[tuple[bytes, str, int]]:
    at = done.moment.at
    ask = done.asked.ask
    shown = {one.account: one.holdings for one in ask.coupons} | {one.account: one.holdings for one in ask.gift_cards}
    for account, holdings in shown.items():
        for unit, _ in holdings.balances:
            yield account, unit, holdings.usable(unit, at)
    for name, holdings in done.asked.pools.items():
        for unit, amount in holdings.balances:
            if amount:
                yield pool_account(done.programme.id, name), unit, amount


def _asked_of_members(programme: Programme) -> frozenset[str]:
    if programme.version not in _ASKED:
        whens = [head.when for head in programme.heads]
        asks = {
            "segments": any(when.segments or when.exclude_segments for when in whens),
            "birthday": any(when.birthday is not None for when in whens),
            "joined_on": any(when.joined_within_days is not None for when in whens),
            "last_visit_on": any(when.absent_days is not None for when in whens),
        }
        _ASKED[programme.version] = frozenset(name for name, asked in asks.items() if asked)
    return _ASKED[programme.version]


def _month_and_day(birthday: tuple[int, int] | None) -> str | None:
    return f"{birthday[0]:02}-{birthday[1]:02}" if birthday is not None else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
