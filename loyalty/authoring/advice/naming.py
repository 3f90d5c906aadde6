"""Advice on names, categories and the order of things."""

from collections.abc import Iterator
from difflib import get_close_matches

from loyalty.authoring.advice.values import Advice, AdviceCode, Written
from loyalty.explain import Names
from loyalty.holding.units import Holder
from loyalty.rules.goods import Goods
from loyalty.rules.stages import Head, Pick
from loyalty.sale.basket import BasketLine


def names_missing(written: Written) -> Iterator[Advice]:
    """Find what has no name in one of the programme's languages."""
    for table, table_id, names in _named(written):
        given = {language for language, _ in names.by_language}
        missing = [language for language in written.programme.languages if language not in given]
        if not missing:
            continue
        text = f"has no name in {', '.join(missing)}; add names.{missing[0]}"
        if table == "programme":
            yield written.say(AdviceCode.NAME_MISSING, ("programme", "names"), text)
        else:
            yield written.about(AdviceCode.NAME_MISSING, table, table_id, text, "names")


def unknown_categories(written: Written) -> Iterator[Advice]:
    """Find categories that no ``[[category]]`` names: slips, or things that receipts print by their id."""
    known = [category for category, _ in written.programme.categories]
    if not known:
        return
    for table, head in written.heads():
        for category in sorted(_categories(head.goods) | _categories(head.when.goods)):
            if category in known:
                continue
            close = get_close_matches(category, known, n=1, cutoff=0.75)
            way = f'did you mean "{close[0]}"?' if close else "add one, so that receipts can name it"
            text = f'no [[category]] has the id "{category}"; {way}'
            yield written.about(AdviceCode.CATEGORY_UNKNOWN, table, head.id, text)


def excluded_one_way(written: Written) -> Iterator[Advice]:
    """Find goods that earn nothing but can be paid for with what is earned."""
    for reward in written.paid_rewards():
        unit = reward.terms.unit
        rules = [rule for rule in written.programme.earn_rules if unit is not None and rule.unit.id == unit.id]
        if unit is None or unit.holder is Holder.CARD or not rules or reward.head.goods.narrows:
            continue
        excluded = frozenset.intersection(*(rule.head.goods.exclude_categories for rule in rules))
        paid = sorted(
            one
            for one in excluded - reward.head.goods.exclude_categories
            if not written.is_loaded(BasketLine(line=1, item="", category=one, quantity_milli=1000, amount_minor=1))
        )
        if paid:
            text = f"pays for {', '.join(paid)}, which earn nothing; add them to exclude_categories, if the law asks so"
            yield written.about(AdviceCode.EXCLUDED_ONE_WAY, "reward", reward.head.id, text)


def priority_ties(written: Written) -> Iterator[Advice]:
    """Find groups of rules in which the first, or the last, is chosen by nothing but its id."""
    seen: dict[tuple[str, int], Head] = {}
    for table, head in written.heads():
        if table == "reward" or head.group is None or head.pick is Pick.BEST:
            continue
        before = seen.setdefault((head.group, head.priority), head)
        if before is not head:
            text = f'has the priority of "{before.id}" in the same group, so that their ids decide; give each its own'
            yield written.about(AdviceCode.PRIORITY_TIE, "rule", head.id, text, "priority")


def _named(written: Written) -> Iterator[tuple[str, str, Names]]:
    programme = written.programme
    yield "programme", programme.id, programme.names
    yield from (("unit", unit.id, unit.names) for unit in programme.units if unit.names is not None)
    for table, pairs in (("category", programme.categories), ("item", programme.items)):
        yield from ((table, table_id, names) for table_id, names in pairs)
    yield from (("tier", tier.id, tier.names) for tier in programme.ladder.tiers)
    yield from (("segment", segment.id, segment.names) for segment in programme.segments)
    yield from (("coupon", coupon.id, coupon.names) for coupon in programme.coupons)
    yield from (("event", event.id, event.names) for event in programme.events)
    yield from ((table, head.id, head.names) for table, head in written.heads() if head.names is not None)


def _categories(goods: Goods) -> frozenset[str]:
    return goods.categories | goods.exclude_categories
