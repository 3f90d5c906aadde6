"""Every kind of rule by the name that a programme file uses. A new kind is one module and one line here."""

from collections.abc import Callable, Mapping

from loyalty.reading.tables import Table
from loyalty.rules.earning import multiply, per_amount
from loyalty.rules.rewards import points_discount
from loyalty.rules.scope import Scope
from loyalty.rules.stages import EarnRule, Issuer, Multiplier, Reward

EARN_RULES: Mapping[str, Callable[[Table, Scope], EarnRule]] = {
    per_amount.KIND: per_amount.read,
}
MULTIPLIERS: Mapping[str, Callable[[Table, Scope], Multiplier]] = {
    multiply.KIND: multiply.read,
}
ISSUERS: Mapping[str, Callable[[Table, Scope], Issuer]] = {}
REWARDS: Mapping[str, Callable[[Table, Scope], Reward]] = {
    points_discount.KIND: points_discount.read,
}
