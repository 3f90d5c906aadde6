"""Every kind of rule by the name that a programme file uses. A new kind is one module and one line here."""

from collections.abc import Callable, Mapping

from loyalty.reading.tables import Table
from loyalty.rules.earning import flat, issue_coupon, multiply, per_amount, per_item, per_step
from loyalty.rules.rewards import (
    amount_off,
    bundle_price,
    free_item,
    gift,
    invitation,
    percent,
    points_discount,
    tender,
)
from loyalty.rules.scope import Scope
from loyalty.rules.stages import EarnRule, Issuer, Multiplier, Reward

EARN_RULES: Mapping[str, Callable[[Table, Scope], EarnRule]] = {
    flat.ADD: flat.read_addition,
    flat.PER_ACTION: flat.read_action,
    per_amount.KIND: per_amount.read,
    per_item.KIND: per_item.read,
    per_step.KIND: per_step.read,
    flat.PER_VISIT: flat.read_visit,
}
MULTIPLIERS: Mapping[str, Callable[[Table, Scope], Multiplier]] = {
    multiply.KIND: multiply.read,
}
ISSUERS: Mapping[str, Callable[[Table, Scope], Issuer]] = {
    issue_coupon.KIND: issue_coupon.read,
}
REWARDS: Mapping[str, Callable[[Table, Scope], Reward]] = {
    gift.KIND: gift.read,
    invitation.KIND: invitation.read,
    amount_off.KIND: amount_off.read,
    bundle_price.KIND: bundle_price.read,
    free_item.KIND: free_item.read,
    percent.KIND: percent.read,
    points_discount.KIND: points_discount.read,
    tender.KIND: tender.read,
}
