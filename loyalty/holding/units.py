"""Units: what a programme counts, for how long it is good, and the hidden units that keep count of the rest."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from loyalty.explain import Names, Units
from loyalty.holding.periods import Lasting, Period
from loyalty.numbers.currency import Currency
from loyalty.numbers.rates import Rate, Rounding, divide

POINTS = "points"
"""The unit whose word the message catalogue declines itself; others are named by the programme."""


VISITS = "visit.count"
"""Hidden: how many sales a member made."""
TIER_PROGRESS = "tier.progress"
"""Hidden: what counts towards the next tier; its lots end with the qualification window."""
_OWNER = "owner."


class UnitKind(StrEnum):
    """What a unit is to people."""

    POINTS = "points"
    MONEY = "money"
    """Money of the programme's currency: cashback, gift cards. Its scale is the currency's."""
    STAMPS = "stamps"


class Holder(StrEnum):
    """Whose account a unit stands in."""

    MEMBER = "member"
    CARD = "card"
    """A gift card's own account: whoever shows the card may spend it."""


class Negative(StrEnum):
    """What becomes of a balance that a return takes below zero."""

    ALLOW = "allow"
    FLOOR = "floor"
    """It stays at zero, and the merchant bears the rest."""
    DEBT = "debt"
    """It goes below zero, and what is earned next makes it good before it may be spent."""
    REFUSE = "refuse"
    """The return is refused. A till can seldom afford that: goods come back whatever became of the points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit.

    Attributes:
        id: Outlives programme versions; the key of balances.
        scale: Decimals of its smallest step.
        names: Its names, or None for plain points.
        value: Minor units of money that one smallest step is worth, or None where it has no price.
        lasting: How long earned units are good, or None for ever.
        idle: They all end when the member was away this long, or None.
        pending_days: Days until earned units may be spent.
        most_negative: Least balance that a return may leave, as steps below zero; None for no limit.
        spendable_now: What a sale earns may be spent in the same sale.
        currency: The programme's, for a unit that is money; None for any other.
    """

    id: str
    scale: int
    names: Names | None = None
    kind: UnitKind = UnitKind.POINTS
    holder: Holder = Holder.MEMBER
    value: Rate | None = None
    lasting: Lasting | None = None
    idle: Period | None = None
    pending_days: int = 0
    negative: Negative = Negative.ALLOW
    most_negative: int | None = None
    spendable_now: bool = False
    currency: Currency | None = None

    def worth_minor(self, steps: int) -> int:
        """Give what ``steps`` smallest steps cost the merchant, rounded up; 0 for a unit without a price."""
        if self.value is None:
            return 0
        return divide(steps * self.value.numerator, self.value.denominator, Rounding.CEILING)

    def amount(self, steps: int) -> Units:
        """Give ``steps`` smallest steps as an argument of a message."""
        return Units(amount=steps, scale=self.scale, names=self.names, currency=self.currency)


def remainder_unit(unit: str, rule: str, denominator: int) -> str:
    """Name the hidden unit that keeps what ``rule`` carried over, in ``1/denominator`` of a smallest step.

    A remainder is posted like any unit, so that it adds up over tills and over returns. The denominator is part
    of the name, since a later version of the rule may divide differently.
    """
    return f"{unit}.remainder.{rule}.{denominator}"


def used_unit(counted: str, day: str = "") -> str:
    """Name the hidden unit that counts how often a member used a rule or reward, on one day or ever."""
    return f"used.{counted}.{day}" if day else f"used.{counted}"


def got_unit(rule: str, span: str = "") -> str:
    """Name the hidden unit that counts what a member got from a rule in a day (``20260131``), a month or ever."""
    return f"got.{rule}.{span}" if span else f"got.{rule}"


def coupon_unit(coupon: str) -> str:
    """Name the hidden unit of a coupon's uses, on the coupon's own account."""
    return f"coupon.{coupon}"


def is_coupon(unit: str) -> bool:
    """Tell whether ``unit`` counts the uses of coupons."""
    return unit.startswith(coupon_unit(""))


def owner_unit(member: bytes) -> str:
    """Name the hidden unit that says, on a personal coupon's own account, to whom it was issued."""
    return f"{_OWNER}{member.hex()}"


def is_owner_unit(unit: str) -> bool:
    """Tell whether ``unit`` says whose a coupon is."""
    return unit.startswith(_OWNER)


def owner_of(unit: str) -> bytes:
    """Give the member whom `owner_unit` names."""
    return bytes.fromhex(unit.removeprefix(_OWNER))


def is_hidden(unit: str) -> bool:
    """Tell whether people never see ``unit``: the ids that programmes give have no dot."""
    return "." in unit


def day_name(day: date) -> str:
    """Write a date as hidden units do."""
    return f"{day:%Y%m%d}"
