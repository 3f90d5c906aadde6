"""Every kind of rule by the name that a programme file uses. A new kind is one module and one line here."""

from collections.abc import Callable, Mapping

from loyalty.reading.tables import Table
from loyalty.rules import per_amount, points_discount, tier_multiplier
from loyalty.rules.stages import EarnRule, Multiplier, Reward, Scope

EARN_RULES: Mapping[str, Callable[[Table, Scope], EarnRule]] = {per_amount.KIND: per_amount.read}
MULTIPLIERS: Mapping[str, Callable[[Table, Scope], Multiplier]] = {tier_multiplier.KIND: tier_multiplier.read}
REWARDS: Mapping[str, Callable[[Table, Scope], Reward]] = {points_discount.KIND: points_discount.read}
