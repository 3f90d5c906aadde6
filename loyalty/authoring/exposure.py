"""What a programme may cost at worst while tills are without HQ: pure arithmetic over its `[offline]` table and its rules.

Source: docs/SPEC-leases.md, section 7.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from loyalty.parts.budgets import BudgetScope
from loyalty.parts.events import seats_pool
from loyalty.parts.policies import TaxBasis
from loyalty.programme.model import Programme
from loyalty.rules.rewards.amount_off import AmountOff, Each
from loyalty.rules.rewards.gift import GiftReward, stock_unit
from loyalty.rules.rewards.invitation import Invitation
from loyalty.rules.rewards.points_discount import PointsDiscount
from loyalty.rules.rewards.tender import Tender
from loyalty.rules.stages import Offline, Reward
from loyalty.rules.uses import uses_pool

BUDGET = "budget."
"""How the units begin that count what a budget has spent, in minor units of money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstCase:
    """The worst case in minor units of money; None where nothing bounds it.

    Attributes:
        per_sale_minor: Beyond rights in one sale.
        per_member_minor: For one member at all tills together, while none of them hears of another.
        per_till_day_minor: At one till on one day.
        chain_minor: At all tills over all days.
        unbounded: Rewards that nothing bounds.
        budgets: (budget or limit, most it may cost in all, in minor units; or uses for a limit of uses) that rules which may be
            given without HQ can overshoot: each till may spend all of it.
        capped: Rules and rewards that cannot be overspent.
    """

    per_sale_minor: int | None
    per_member_minor: int | None
    per_till_day_minor: int | None
    chain_minor: int | None
    unbounded: tuple[str, ...]
    budgets: tuple[tuple[str, int], ...]
    capped: tuple[str, ...]


def worst_case(programme: Programme, tills: int, days: int) -> WorstCase:
    """Say what the programme may cost beyond what members have, at worst.

    Args:
        programme: The version.
        tills: How many may sell, >= 1.
        days: Business dates without HQ, >= 1.
    """
    free = [one for one in programme.rewards if one.head.offline is Offline.ALLOW and draws_from_shared(one)]
    floors = programme.floors
    capped = tuple(sorted(head.id for head in programme.heads if head.offline is not Offline.ALLOW))
    budgets = tuple(_overshot(programme, tills))
    if not free:
        return WorstCase(
            per_sale_minor=0,
            per_member_minor=0,
            per_till_day_minor=0,
            chain_minor=0,
            unbounded=(),
            budgets=budgets,
            capped=capped,
        )
    if floors is None:
        return WorstCase(
            per_sale_minor=None,
            per_member_minor=None,
            per_till_day_minor=None,
            chain_minor=None,
            unbounded=tuple(sorted(one.head.id for one in free)),
            budgets=budgets,
            capped=capped,
        )
    day = floors.per_till_day_minor
    return WorstCase(
        per_sale_minor=min(floors.per_sale_minor, day),
        per_member_minor=min(floors.per_member_minor, day * days) * tills,
        per_till_day_minor=day,
        chain_minor=day * tills * days,
        unbounded=(),
        budgets=budgets,
        capped=capped,
    )


def worth_minor(programme: Programme, unit: str, steps: int) -> int | None:
    """Give what so many smallest steps of a pool's unit buy at most, in minor units of money; None where no price says it."""
    if unit.startswith(BUDGET):
        return steps
    rates = [_worth_of_step(one, unit) for one in programme.rewards if _step_of_use(one, unit)]
    if not rates:
        own = programme.unit(unit)
        return own.worth_minor(steps) if own is not None and own.value is not None else None
    known = [one for one in rates if one is not None]
    return ceil(max(known) * steps) if len(known) == len(rates) else None


def _step_of_use(reward: Reward, unit: str) -> int:
    """Give how many smallest steps of a unit a reward takes for one use; 0 where it takes none."""
    if isinstance(reward, Tender):
        return 1 if reward.unit.id == unit else 0
    if isinstance(reward, GiftReward) and reward.stock and unit == stock_unit(reward.head.id):
        return reward.quantity_milli
    if unit == uses_pool(reward.head.id) or (isinstance(reward, Invitation) and unit == seats_pool(reward.event)):
        return 1
    return reward.terms.cost if reward.terms.unit is not None and reward.terms.unit.id == unit else 0


def _worth_of_step(reward: Reward, unit: str) -> Fraction | None:
    if isinstance(reward, Tender):
        return reward.value.fraction
    worth = _worth_of_use(reward)
    return Fraction(worth, _step_of_use(reward, unit)) if worth is not None else None


def _worth_of_use(reward: Reward) -> int | None:
    """Give minor units of money for one use, where the reward's price says it."""
    match reward:
        case PointsDiscount():
            return reward.discount_minor
        case AmountOff() if reward.each is Each.SALE and reward.tax is not TaxBasis.EXCLUDED:
            return reward.amount_minor
        case GiftReward() | Invitation():
            return reward.value_minor or None
    return reward.terms.most_minor


def draws_from_shared(reward: Reward) -> bool:
    """Tell whether several tills may give the same: units, coupons, a budget, uses of everybody, seats, stock."""
    uses = reward.head.uses
    shared_budget = uses.budget is not None and uses.budget.scope is not BudgetScope.TILL
    pieces = bool(getattr(reward, "stock", False)) or hasattr(reward, "seats")
    return reward.terms.unit is not None or shared_budget or uses.in_all is not None or pieces


def _overshot(programme: Programme, tills: int) -> list[tuple[str, int]]:
    """Give (name, most beyond the limit) of budgets and uses that earn rules draw from without asking."""
    found: dict[str, int] = {}
    for head in programme.heads:
        if head.offline is not Offline.ALLOW or head.id in {one.head.id for one in programme.rewards}:
            continue
        budget = head.uses.budget
        if budget is not None and budget.scope is not BudgetScope.TILL:
            found[f"budget {budget.id}"] = budget.most_minor * (tills - 1)
        if head.uses.in_all is not None:
            found[f"uses of {head.id}"] = head.uses.in_all * (tills - 1)
    return sorted(found.items())
