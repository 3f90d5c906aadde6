"""Referral: a member brings a friend, and both are rewarded after the friend's first qualifying purchase."""

from dataclasses import dataclass

from loyalty.holding.units import Unit

REFERRAL_FRIEND = "referral.friend"
"""What the friend's side is called instead of a rule's id; rules' own ids have no dot."""
REFERRAL_REFERRER = "referral.referrer"


def referrals_pool(referrer: bytes) -> str:
    """Name the pool that counts for how many friends a member was rewarded."""
    return f"uses.{REFERRAL_REFERRER}/{referrer.hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """What both sides get.

    Attributes:
        unit: What is given.
        referrer: Smallest steps for the member who brought the friend; 0 for nothing.
        friend: Smallest steps for the friend.
        least_spend_minor: What the friend's purchase must reach, after rewards.
        most_per_member: How many friends a member is rewarded for, or None.
        within_days: Days after joining within which the purchase must come, or None.
    """

    unit: Unit
    referrer: int
    friend: int
    least_spend_minor: int = 0
    most_per_member: int | None = None
    within_days: int | None = None
