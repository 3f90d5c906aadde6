"""What the reader of a rule may refer to: everything that a programme names."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from loyalty.explain import Names
from loyalty.holding.units import Unit
from loyalty.numbers.currency import Currency
from loyalty.parts.budgets import Budget
from loyalty.parts.coupons import Coupon
from loyalty.parts.events import Event
from loyalty.parts.policies import Policies
from loyalty.rules.goods import Goods

_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names of a programme by id."""

    currency: Currency
    policies: Policies
    units: dict[str, Unit]
    tiers: dict[str, Names]
    categories: dict[str, Names] = field(default_factory=dict)
    items: dict[str, Names] = field(default_factory=dict)
    segments: dict[str, Names] = field(default_factory=dict)
    coupons: dict[str, Coupon] = field(default_factory=dict)
    budgets: dict[str, Budget] = field(default_factory=dict)
    events: Mapping[str, Event] = field(default_factory=dict)
    goods: dict[str, Goods] = field(default_factory=dict)
    _shared: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def share(self, value: _T) -> _T:
        """Give an equal value that another rule has already: what is worked out of it serves all of them."""
        found: _T = self._shared.setdefault(value, value)
        return found
