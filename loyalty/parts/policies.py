"""The switches where products of this kind differ. Each has a name, the values below, and a default.

Source: docs/SPEC-programme.md, section "Policies".
"""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.numbers.allocation import OddMinor
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rounding
from loyalty.reading.tables import Table


class Combine(StrEnum):
    """How several multipliers of one earning come together."""

    COMPOUND = "compound"
    """One after the other: x1.5 and x2 are x3."""
    ADDITIVE = "additive"
    """What each adds is added: x1.5 and x2 are x2.5."""


class RoundDiscounts(StrEnum):
    """Where percentages that follow each other are rounded."""

    EACH = "each"
    ONCE = "once"


class Spread(StrEnum):
    """What a percentage does where a line may not fall as far as it asks."""

    REDISTRIBUTE = "redistribute"
    """The other lines take over what the line could not."""
    PER_LINE = "per_line"
    """It is lost."""


class HostDiscounts(StrEnum):
    """Whether rewards see prices after the host's own discounts."""

    BEFORE_REWARDS = "before_rewards"
    AFTER_REWARDS = "after_rewards"


class TaxBasis(StrEnum):
    """Whether an amount counts with the tax in it."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


class BaseOf(StrEnum):
    """Whether an amount counts before or after discounts."""

    AFTER = "after"
    BEFORE = "before"


class OrderDiscounts(StrEnum):
    """Whether a discount on the whole basket counts against goods that earn on their own."""

    PROPORTIONAL = "proportional"
    IGNORED = "ignored"


class PaidWithUnits(StrEnum):
    """Whether what units or gift cards pay earns."""

    EXCLUDED = "excluded"
    INCLUDED = "included"


class TaxRounding(StrEnum):
    """Where the tax of what is left after discounts is rounded."""

    GROUP = "group"
    LINE = "line"


class Reverses(StrEnum):
    """What a return takes and gives back."""

    BOTH = "both"
    EARNED = "earned"
    NONE = "none"


class RestoresTo(StrEnum):
    """Where spent units go back to."""

    ORIGINAL_LOT = "original_lot"
    NEW_LOT = "new_lot"


class OnReturn(StrEnum):
    """Whether a coupon may be used again after the return of the sale that used it."""

    KEEP = "keep"
    RESTORE = "restore"


class GiftOnReturn(StrEnum):
    """What a gift costs whose threshold the goods that are kept no longer reach."""

    KEEP = "keep"
    CHARGE = "charge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The switches of one programme, at their defaults unless the file says otherwise.

    Attributes:
        line_floor_minor: Least that a line may be sold for once it is discounted; fiscal registers need one minor unit.
        divisible_lines: A discounted line's amount must divide by its pieces.
        earn_when_redeeming: A sale that spends units earns too.
        cancelled_visits_count: A sale that was undone counts for nth visits and uses.
    """

    multipliers: Combine = Combine.COMPOUND
    round_discounts: RoundDiscounts = RoundDiscounts.EACH
    spread: Spread = Spread.REDISTRIBUTE
    odd_minor: OddMinor = OddMinor.LARGEST_REMAINDER
    line_floor_minor: int = 0
    divisible_lines: bool = False
    host_discounts: HostDiscounts = HostDiscounts.BEFORE_REWARDS
    earn_when_redeeming: bool = True
    cancelled_visits_count: bool = False
    rounding: Rounding = Rounding.FLOOR
    base: BaseOf = BaseOf.AFTER
    tax: TaxBasis = TaxBasis.INCLUDED
    paid_with_units: PaidWithUnits = PaidWithUnits.EXCLUDED
    order_discounts: OrderDiscounts = OrderDiscounts.PROPORTIONAL
    tax_rounding: TaxRounding = TaxRounding.GROUP
    return_reverses: Reverses = Reverses.BOTH
    return_restores_to: RestoresTo = RestoresTo.ORIGINAL_LOT
    coupon_on_return: OnReturn = OnReturn.KEEP
    gift_on_return: GiftOnReturn = GiftOnReturn.KEEP


DEFAULT_POLICIES = Policies()


def read_policies(table: Table, currency: Currency) -> Policies:
    """Read ``[policies]``; what is not written stands at its default."""
    usual = DEFAULT_POLICIES
    return Policies(
        multipliers=table.choice("multipliers", Combine, usual.multipliers),
        round_discounts=table.choice("round_discounts", RoundDiscounts, usual.round_discounts),
        spread=table.choice("spread", Spread, usual.spread),
        odd_minor=table.choice("odd_minor", OddMinor, usual.odd_minor),
        line_floor_minor=table.scaled("line_floor", currency.scale, "0"),
        divisible_lines=table.boolean("divisible_lines", usual.divisible_lines),
        host_discounts=table.choice("host_discounts", HostDiscounts, usual.host_discounts),
        earn_when_redeeming=table.boolean("earn_when_redeeming", usual.earn_when_redeeming),
        cancelled_visits_count=table.boolean("cancelled_visits_count", usual.cancelled_visits_count),
        rounding=table.choice("rounding", Rounding, usual.rounding),
        base=table.choice("base", BaseOf, usual.base),
        tax=table.choice("tax", TaxBasis, usual.tax),
        paid_with_units=table.choice("paid_with_units", PaidWithUnits, usual.paid_with_units),
        order_discounts=table.choice("order_discounts", OrderDiscounts, usual.order_discounts),
        tax_rounding=table.choice("tax_rounding", TaxRounding, usual.tax_rounding),
        return_reverses=table.choice("return_reverses", Reverses, usual.return_reverses),
        return_restores_to=table.choice("return_restores_to", RestoresTo, usual.return_restores_to),
        coupon_on_return=table.choice("coupon_on_return", OnReturn, usual.coupon_on_return),
        gift_on_return=table.choice("gift_on_return", GiftOnReturn, usual.gift_on_return),
    )
