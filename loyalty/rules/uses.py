"""How often a rule or reward may be at work, and how it is counted: as hidden units, so that tills and HQ agree."""

from dataclasses import dataclass

from loyalty.explain import message
from loyalty.holding.units import day_name, used_unit
from loyalty.parts.budgets import Budget
from loyalty.rules.situation import Situation
from loyalty.rules.when import Unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """How often, at most; None for no limit.

    Attributes:
        per_sale: In one sale.
        per_day: By one member on one business date.
        per_member: By one member ever.
        in_all: By everybody together: the first N.
        budget: What it costs is drawn from this.
        cancelled_count: A sale that was undone counts all the same.
    """

    per_sale: int | None = None
    per_day: int | None = None
    per_member: int | None = None
    in_all: int | None = None
    budget: Budget | None = None
    cancelled_count: bool = False


NO_LIMITS = Uses()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A change of a hidden counter.

    Attributes:
        pool: The pool that counts, or None for the member's account.
        stays: A return of the sale does not take it back.
    """

    pool: str | None
    unit: str
    amount: int
    stays: bool = False


def left(uses: Uses, counted: str, situation: Situation) -> int | Unmet | None:
    """Give how often it may still be at work in this sale, None for any number, or what stands in the way."""
    if uses is NO_LIMITS:
        return None
    bounds = []
    if uses.per_sale is not None:
        bounds.append(uses.per_sale - situation.times(counted))
    if uses.per_day is not None:
        day = day_name(situation.moment.business_date)
        bounds.append(uses.per_day - situation.member_balance(used_unit(counted, day)))
    if uses.per_member is not None:
        bounds.append(uses.per_member - situation.member_balance(used_unit(counted)))
    if uses.in_all is not None:
        bounds.append(uses.in_all - situation.pool(uses_pool(counted)).balance(uses_pool(counted)))
    if not bounds:
        return None
    least = min(bounds)
    return least if least > 0 else Unmet(message=message("explain.missing_used_up"))


def budget_left(uses: Uses, situation: Situation) -> int | None:
    """Give the minor units that the budget still has for this sale, or None without a budget."""
    if uses.budget is None:
        return None
    pool = uses.budget.pool(situation.moment, _member(situation))
    return max(0, uses.budget.most_minor - situation.pool(pool).balance(uses.budget.unit))


def counts(uses: Uses, counted: str, times: int, cost_minor: int, situation: Situation) -> tuple[Count, ...]:
    """Count that it was at work ``times`` times and cost ``cost_minor``; nothing where no limit needs it."""
    if uses is NO_LIMITS:
        return ()
    found: list[Count] = []
    stays = uses.cancelled_count
    if situation.standing is not None and uses.per_member is not None:
        found.append(Count(pool=None, unit=used_unit(counted), amount=times, stays=stays))
    if situation.standing is not None and uses.per_day is not None:
        day = day_name(situation.moment.business_date)
        found.append(Count(pool=None, unit=used_unit(counted, day), amount=times, stays=stays))
    if uses.in_all is not None:
        found.append(Count(pool=uses_pool(counted), unit=uses_pool(counted), amount=times, stays=stays))
    if uses.budget is not None and cost_minor:
        pool = uses.budget.pool(situation.moment, _member(situation))
        found.append(Count(pool=pool, unit=uses.budget.unit, amount=cost_minor))
    return tuple(found)


def uses_pool(counted: str) -> str:
    """Name the pool, and its unit, that counts the uses of a rule or reward by everybody."""
    return f"uses.{counted}"


def _member(situation: Situation) -> bytes | None:
    return situation.standing.member if situation.standing is not None else None
