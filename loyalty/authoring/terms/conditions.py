"""What every rule and reward says of itself: when it holds, on which goods, and how much at most."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from loyalty.authoring.terms.values import Item, Value, days, label, labels, sentence
from loyalty.explain import Message, Money, Names, message
from loyalty.holding.units import Unit
from loyalty.programme.model import Programme
from loyalty.rules.goods import Goods, Reduced
from loyalty.rules.stages import Caps, Head, Offline, Pick
from loyalty.rules.uses import Uses
from loyalty.rules.when import WEEKDAYS, Members, When

_DAY = timedelta(days=1)


def of_head(head: Head, programme: Programme, *, rival: bool) -> tuple[Item, ...]:
    """Say the conditions, goods and bounds; ``rival`` tells that others of its group exist."""
    return (
        *of_goods(head.goods, programme),
        *of_when(head.when, programme),
        *of_uses(head.uses),
        *((sentence("terms.exclusive"),) if head.exclusive else ()),
        *((sentence("terms.best_of_group"),) if rival and head.pick is Pick.BEST else ()),
        *((sentence("terms.needs_connection"),) if head.offline is Offline.DENY else ()),
    )


def of_goods(goods: Goods, programme: Programme) -> tuple[Item, ...]:
    """Say on which goods."""
    currency = programme.currency
    named = [*categories(goods.categories, programme), *items(goods.items, programme), *sorted(goods.tags)]
    left_out = [
        *categories(goods.exclude_categories, programme),
        *items(goods.exclude_items, programme),
        *sorted(goods.exclude_tags),
    ]
    found = [*labels("terms.goods_only", named), *labels("terms.goods_not", left_out)]
    for bound, said in ((goods.least_price_minor, "least"), (goods.most_price_minor, "most")):
        if bound is not None:
            money = Money(amount_minor=bound, currency=currency)
            found.append(Item(said=message(f"terms.goods_{said}_price"), of=(money,)))
    if goods.reduced is Reduced.SKIP:
        found.append(sentence("terms.goods_not_reduced"))
    if goods.reduced is Reduced.ONLY:
        found.append(sentence("terms.goods_reduced"))
    return tuple(found)


def categories(ids: Iterable[str], programme: Programme) -> list[Value]:
    """Name categories."""
    return _named(ids, dict(programme.categories))


def items(ids: Iterable[str], programme: Programme) -> list[Value]:
    """Name items."""
    return _named(ids, dict(programme.items))


def of_when(when: When, programme: Programme) -> tuple[Item, ...]:
    """Say the conditions, in the order in which a customer meets them."""
    return (*_time(when), *_place(when), *_who(when, programme), *_basket(when, programme))


def _time(when: When) -> Sequence[Item]:
    found: list[Item] = []
    if when.begins is not None:
        found.append(label("terms.when_from", *_begin(when.begins)))
    if when.ends is not None:
        found.append(label("terms.when_until", *_end(when.ends)))
    names = [name for name, number in WEEKDAYS.items() if number in when.weekdays]
    found += labels("terms.when_weekdays", (message(f"terms.weekday_{name}") for name in names))
    found += labels("terms.when_hours", (f"{_clock(span.begins)}-{_clock(span.ends)}" for span in when.hours))
    return found


def _begin(at: datetime) -> tuple[Value, ...]:
    return (at.date(),) if at.time() == time() else (at.date(), _clock(at.time()))


def _end(at: datetime) -> tuple[Value, ...]:
    """Say the last day, or the instant; ``at`` is the first one that is out."""
    return ((at - _DAY).date(),) if at.time() == time() else (at.date(), _clock(at.time()))


def _place(when: When) -> Sequence[Item]:
    return (
        *labels("terms.when_stores", sorted(when.stores)),
        *labels("terms.when_not_stores", sorted(when.exclude_stores)),
    )


def _who(when: When, programme: Programme) -> Sequence[Item]:
    segments = {segment.id: segment.names for segment in programme.segments}
    tiers = [tier.names for tier in programme.ladder.tiers if tier.id in when.tiers]
    found = [
        *labels("terms.when_tiers", tiers),
        *labels("terms.when_segments", _named(when.segments, segments)),
        *labels("terms.when_not_segments", _named(when.exclude_segments, segments)),
    ]
    if when.members is Members.ONLY:
        found.append(sentence("terms.when_members"))
    if when.members is Members.NONE:
        found.append(sentence("terms.when_no_members"))
    if when.birthday is not None:
        before, after = when.birthday
        found.append(Item(said=message("terms.when_birthday", before=before, after=after)))
    return [*found, *_history(when)]


def _history(when: When) -> Sequence[Item]:
    found: list[Item] = []
    if when.absent_days is not None:
        found.append(label("terms.when_absent", days(when.absent_days)))
    if when.joined_within_days is not None:
        found.append(label("terms.when_joined", days(when.joined_within_days)))
    if when.nth_visit == 1:
        found.append(sentence("terms.when_first"))
    elif when.nth_visit is not None:
        found.append(Item(said=message("terms.when_nth", number=when.nth_visit)))
    if when.every_nth_visit is not None:
        found.append(Item(said=message("terms.when_every_nth", number=when.every_nth_visit)))
    return found


def _basket(when: When, programme: Programme) -> Sequence[Item]:
    currency = programme.currency
    counted = (
        *of_goods(when.goods, programme),
        *((sentence("terms.counted_without_tax"),) if when.spend_tax == "excluded" else ()),
        *((sentence("terms.counted_after_discounts"),) if when.spend_base == "after" else ()),
    )
    found: list[Item] = []
    if when.least_spend_minor is not None:
        money = Money(amount_minor=when.least_spend_minor, currency=currency)
        found.append(Item(said=message("terms.when_least_spend"), of=(money,), items=counted))
    if when.most_spend_minor is not None:
        money = Money(amount_minor=when.most_spend_minor, currency=currency)
        found.append(Item(said=message("terms.when_most_spend"), of=(money,), items=counted))
    if when.least_items is not None:
        said = message("terms.items", count=when.least_items)
        found.append(Item(said=message("terms.when_least_items"), of=(said,), items=counted))
    if when.code is not None:
        found.append(label("terms.with_code", when.code))
    return found


def of_uses(uses: Uses) -> tuple[Item, ...]:
    """Say how often at most."""
    bounds = (
        ("terms.most_in_sale", uses.per_sale),
        ("terms.most_in_day", uses.per_day),
        ("terms.most_for_you", uses.per_member),
        ("terms.most_in_all", uses.in_all),
    )
    found = [label(said, message("terms.times", count=bound)) for said, bound in bounds if bound is not None]
    return (*found, *((sentence("terms.budget"),) if uses.budget is not None else ()))


def of_caps(caps: Caps, unit: Unit) -> tuple[Item, ...]:
    """Say how much at most, and at least."""
    bounds = (
        ("terms.most_in_line", caps.per_line),
        ("terms.most_in_sale", caps.per_sale),
        ("terms.most_in_day", caps.per_day),
        ("terms.most_in_month", caps.per_month),
        ("terms.most_for_you", caps.per_member),
        ("terms.least_in_sale", caps.least_per_sale),
        ("terms.least_in_line", getattr(caps, "least_per_line", None)),
    )
    return tuple(label(said, unit.amount(bound)) for said, bound in bounds if bound is not None)


def unit_name(unit: Unit) -> Value:
    """Name a unit."""
    return unit.names if unit.names is not None else Message(id="terms.unit_points")


def _named(ids: Iterable[str], names: dict[str, Names]) -> list[Value]:
    return [names.get(one, one) for one in sorted(ids)]


def _clock(at: time) -> str:
    return f"{at.hour:02}:{at.minute:02}"
