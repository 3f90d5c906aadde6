"""Budgets: money that rules and rewards may cost, counted in pools so that tills and HQ agree."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.holding.units import day_name
from loyalty.moment import Moment


class BudgetSpan(StrEnum):
    """For how long a budget's money lasts."""

    PROGRAMME = "programme"
    MONTH = "month"
    DAY = "day"


class BudgetScope(StrEnum):
    """Who shares a budget."""

    ALL = "all"
    STORE = "store"
    TILL = "till"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Money that rules and rewards may cost."""

    id: str
    most_minor: int
    span: BudgetSpan = BudgetSpan.PROGRAMME
    scope: BudgetScope = BudgetScope.ALL

    @property
    def unit(self) -> str:
        """The hidden unit that counts what is spent, in minor units."""
        return f"budget.{self.id}"

    def pool(self, moment: Moment, member: bytes | None) -> str:
        """Name the pool that a sale draws from."""
        parts = [self.unit]
        if self.span is BudgetSpan.MONTH:
            parts.append(f"{moment.business_date:%Y%m}")
        elif self.span is BudgetSpan.DAY:
            parts.append(day_name(moment.business_date))
        if self.scope is BudgetScope.STORE:
            parts.append(moment.store)
        elif self.scope is BudgetScope.TILL:
            parts.append(moment.till)
        elif self.scope is BudgetScope.MEMBER:
            parts.append(member.hex() if member is not None else "")
        return "/".join(parts)
