"""Baskets at the edges of programmes: where a rule begins to hold, at each price, tier, hour and code that is written.

Made of what two files say and of nothing else, so that the same files give the same baskets. Every edge is met by
itself, on small baskets of each kind of goods; edges do not meet each other, which would be too many.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from loyalty.numbers.currency import Currency
from loyalty.numbers.scaled import NotScaled, parse_scaled
from loyalty.programme.model import Programme
from loyalty.rules.when import WEEKDAYS, When

_MONEY = frozenset(
    {"per", "step", "least_spend", "most_spend", "least_price", "most_price", "amount", "price", "buy_spend"}
)
_COUNTS = frozenset({"least_items", "count", "buy", "get", "most_items"})
_UNITS = frozenset({"cost", "minimum", "least_balance"})
_USUAL_WHOLES = (1, 10, 100, 1000)
_MOST_AMOUNTS = 60
_MOST_PIECES = 100
_RICH = 10**6
_MONDAY = date(2026, 1, 5)
_NOON = time(12)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One basket of one line.

    Attributes:
        amount_minor: Of one piece.
        goods: The category, item or tag that the line has, or empty.
        at: Naive, by the store's clock.
        member: Somebody shows a card; what follows is theirs.
        units: Whole units of each kind that the member has.
        used: How often the member used each rule and reward before.
        redeem: A reward that is chosen.
        edges: How many things are not as usual: fewer are simpler.
    """

    amount_minor: int
    goods: str = ""
    pieces: int = 1
    at: datetime = datetime.combine(_MONDAY, _NOON)  # noqa: RUF009  # the store's clock; a value
    store: str = ""
    member: bool = True
    tier: str | None = None
    segment: str | None = None
    visits: int = 0
    birthday: bool = False
    joined_days_ago: int | None = None
    absent_days: int | None = None
    units: int = 0
    used: int = 0
    redeem: str | None = None
    code: str | None = None
    coupon: str | None = None
    action: str | None = None
    edges: int = 0


def probes(programmes: Sequence[Programme], texts: Sequence[str]) -> tuple[Probe, ...]:
    """Give baskets at the edges of programmes, which were read from ``texts``; the simplest first."""
    raw = [tomllib.loads(text) for text in texts]
    whens = [head.when for programme in programmes for head in programme.heads]
    usual = Probe(amount_minor=0, at=datetime.combine(_day(programmes), _NOON))
    baskets = list(_baskets(usual, programmes, raw))
    few = [one for one in baskets if one.pieces == 1]
    made = {*baskets}
    for variation in _variations(usual, programmes, raw, whens):
        made.update(_varied(one, variation) for one in few)
    return tuple(sorted(made, key=_order))


def _order(probe: Probe) -> tuple[Any, ...]:
    words = tuple(str(one) for one in (probe.goods, probe.tier, probe.segment, probe.code, probe.coupon, probe.redeem))
    return probe.edges, probe.amount_minor * probe.pieces, probe.pieces, probe.units, words, str(probe)


def _day(programmes: Sequence[Programme]) -> date:
    """Give a day on which all of them are valid, if there is one."""
    begins = [programme.valid_from for programme in programmes if programme.valid_from is not None]
    return max([_MONDAY, *begins])


def _baskets(usual: Probe, programmes: Sequence[Programme], raw: Sequence[Mapping[str, Any]]) -> Iterator[Probe]:
    amounts = _amounts(programmes[-1].currency, raw)
    for goods in ["", *_goods(programmes)]:
        edges = 1 if goods else 0
        for amount in amounts:
            yield replace(usual, amount_minor=amount, goods=goods, edges=edges)
        for pieces in _around(_numbers(raw, _COUNTS)):
            if 1 < pieces <= _MOST_PIECES:
                middle = amounts[len(amounts) // 2]
                yield replace(usual, amount_minor=middle, goods=goods, pieces=pieces, edges=edges + 1)


def _amounts(currency: Currency, raw: Sequence[Mapping[str, Any]]) -> list[int]:
    written = sorted({amount for one in _written(raw, _MONEY) if (amount := _minor(one, currency)) is not None})
    whole = [wholes * 10**currency.scale for wholes in _USUAL_WHOLES]
    return sorted({*whole, *(one for one in _around(written[:_MOST_AMOUNTS]) if one > 0)})


def _goods(programmes: Sequence[Programme]) -> list[str]:
    found: set[str] = set()
    for programme in programmes:
        for head in programme.heads:
            for goods in (head.goods, head.when.goods):
                found |= goods.categories | goods.exclude_categories | goods.items | goods.exclude_items
                found |= goods.tags | goods.exclude_tags
    return sorted(found)


def _variations(
    usual: Probe, programmes: Sequence[Programme], raw: Sequence[Mapping[str, Any]], whens: Sequence[When]
) -> Iterator[Mapping[str, Any]]:
    """Give what may be otherwise, one edge at a time."""
    yield {"member": False}
    yield from ({"tier": tier.id} for tier in _each(one.ladder.tiers for one in programmes))
    yield from ({"segment": segment.id} for segment in _each(one.segments for one in programmes))
    yield from _rewards(programmes, raw)
    yield from ({"code": code} for code in sorted({when.code for when in whens if when.code is not None}))
    yield from ({"action": one} for one in sorted({when.action for when in whens if when.action is not None}))
    yield from (
        {"store": one} for one in sorted({store for when in whens for store in when.stores | when.exclude_stores})
    )
    yield from ({"at": at} for at in _instants(usual, whens))
    yield from _people(whens)
    bounds = {head.uses.per_member for programme in programmes for head in programme.heads}
    yield from ({"used": times} for times in sorted({one for one in bounds if one is not None}))


def _each(groups: Iterable[Iterable[Any]]) -> list[Any]:
    return list({one.id: one for group in groups for one in group}.values())


def _rewards(programmes: Sequence[Programme], raw: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for reward in sorted((one for programme in programmes for one in programme.rewards), key=lambda one: one.head.id):
        terms = reward.terms
        if terms.code is not None:
            yield {"code": terms.code}
        elif terms.coupon is not None:
            yield {"coupon": terms.coupon}
        elif terms.trigger == "choice":
            for units in (*_around(_numbers(raw, _UNITS)), _RICH):
                yield {"redeem": reward.head.id, "units": units}


def _instants(usual: Probe, whens: Sequence[When]) -> list[datetime]:
    found: set[datetime] = set()
    midnight = datetime.combine(usual.at.date(), time())
    for when in whens:
        for edge in (when.begins, when.ends):
            found |= {edge - _MINUTE, edge} if edge is not None else set()
        for span in when.hours:
            for clock in (span.begins, span.ends):
                at = datetime.combine(usual.at.date(), clock)
                found |= {at - _MINUTE, at}
        if when.weekdays:
            found |= {midnight + timedelta(days=day, hours=12) for day in range(len(WEEKDAYS))}
    return sorted(found)


def _people(whens: Sequence[When]) -> Iterator[Mapping[str, Any]]:
    nth = {one for when in whens for one in (when.nth_visit, when.every_nth_visit) if one is not None}
    yield from ({"visits": visits} for visits in sorted({one - 1 for one in nth} | nth))
    if any(when.birthday is not None for when in whens):
        yield {"birthday": True}
    absent = {when.absent_days for when in whens if when.absent_days is not None}
    yield from ({"absent_days": days} for days in sorted({*absent, *(one - 1 for one in absent)}))
    joined = {when.joined_within_days for when in whens if when.joined_within_days is not None}
    yield from ({"joined_days_ago": days} for days in sorted({*joined, *(one - 1 for one in joined)}))


def _varied(probe: Probe, variation: Mapping[str, Any]) -> Probe:
    return replace(probe, **variation, edges=probe.edges + 1)


def _around(numbers: Iterable[int]) -> list[int]:
    return sorted({near for number in numbers for near in (number - 1, number, number + 1)})


def _numbers(raw: Sequence[Mapping[str, Any]], keys: frozenset[str]) -> list[int]:
    found = {int(one) for one in _written(raw, keys) if str(one).isascii() and str(one).isdigit()}
    return sorted(found)


def _written(raw: Iterable[Mapping[str, Any]], keys: frozenset[str]) -> Iterator[Any]:
    """Give the values of some keys, wherever they stand in rules and rewards."""
    for one in raw:
        for table in ("rule", "reward"):
            yield from _inside(one.get(table, []), keys)


def _inside(value: Any, keys: frozenset[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _inside(one, keys)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, Mapping):
                yield from _inside(inner, keys)
            elif key in keys:
                yield inner


def _minor(value: Any, currency: Currency) -> int | None:
    try:
        return parse_scaled(str(value), currency.scale)
    except NotScaled:
        return None
