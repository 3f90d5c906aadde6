"""What a quote may not pass: uses, caps, budgets, seats, stocks; none gets worse than it was found."""

from __future__ import annotations

from collections.abc import Iterator

from loyalty.holding.standing import NOTHING, Holdings
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.rules.stages import Head
from tests.loyalty.whole.visits import Visit

Book = dict[str, int]


def limits(programme: Programme, visit: Visit, answer: Quote) -> None:
    """Uses, caps, budgets, seats and stocks stay within their bounds, as far as they did before."""
    before, after, pools = _counted(visit, answer)
    for head in programme.heads:
        _uses(head, before, after, answer)
    for pool, unit, least, most in _bounds_of_pools(programme, visit, pools):
        was = visit.pools.get(pool, NOTHING).balance(unit)
        now = pools[pool].get(unit, 0)
        assert least is None or now >= min(least, was), f"{pool} is too low"
        assert most is None or now <= max(most, was), f"{pool} is too high"
    for rule in programme.earn_rules:
        got = max(0, before.get(f"got.{rule.head.id}", 0))
        for award in answer.awards:
            if award.rule == rule.head.id and rule.caps.per_sale is not None:
                assert award.amount <= rule.caps.per_sale, "the cap of a sale"
            if award.rule == rule.head.id and rule.caps.per_member is not None:
                assert award.amount <= max(0, rule.caps.per_member - got), "the cap of a member"
    assert all(award.amount >= 0 for award in answer.awards), "no award is below zero"


def _counted(visit: Visit, answer: Quote) -> tuple[Book, Book, dict[str, Book]]:
    """The member's counters before and after, and what the pools hold after."""
    before = dict(visit.standing.balances) if visit.standing is not None else {}
    after = dict(before)
    pools = {name: dict(held.balances) for name, held in visit.pools.items()}
    for count in answer.counts:
        book = pools.setdefault(count.pool, {}) if count.pool is not None else after
        book[count.unit] = book.get(count.unit, 0) + count.amount
    return before, after, pools


def _uses(head: Head, before: Book, after: Book, answer: Quote) -> None:
    uses = head.uses
    for unit, amount in after.items():
        bound = uses.per_member if unit == f"used.{head.id}" else None
        if unit.startswith(f"used.{head.id}.2"):
            bound = uses.per_day
        assert bound is None or amount <= max(bound, before.get(unit, 0)), f"uses of {head.id}"
    times = sum(one.times for one in answer.redemptions if one.reward == head.id)
    assert uses.per_sale is None or times <= uses.per_sale, f"uses in one sale of {head.id}"


def _bounds_of_pools(
    programme: Programme, visit: Visit, pools: dict[str, Book]
) -> Iterator[tuple[str, str, int | None, int | None]]:
    member = visit.standing.member if visit.standing is not None else None
    for budget in programme.budgets:
        pool = budget.pool(visit.moment, member)
        if pool in pools:
            yield pool, budget.unit, None, budget.most_minor
    for event in programme.events:
        if f"seats.{event.id}" in pools:
            yield f"seats.{event.id}", f"seats.{event.id}", -event.seats, None
    for head in programme.heads:
        if head.uses.in_all is not None and f"uses.{head.id}" in pools:
            yield f"uses.{head.id}", f"uses.{head.id}", None, head.uses.in_all
    for pool in pools:
        if pool.startswith("stock."):
            yield pool, pool.partition("/")[0], 0, None


def of_pool(programme: Programme, name: str, held: Holdings) -> None:
    """What a pool may hold at any time."""
    for budget in programme.budgets:
        assert held.balance(budget.unit) <= budget.most_minor, f"budget {name}"
    for event in programme.events:
        if name == f"seats.{event.id}":
            assert -event.seats <= held.balance(name) <= 0, f"seats {name}"
    for head in programme.heads:
        if name == f"uses.{head.id}":
            assert held.balance(name) <= (head.uses.in_all or 0), f"uses {name}"
