"""Floor limits: what tills may give beyond their rights, in money. Source: docs/SPEC-leases.md, section 7."""

from dataclasses import dataclass

LEASE_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """How far a till may go beyond its leases, for rewards that are ``offline = "allow"``. Money is what they are worth.

    Attributes:
        per_sale_minor: In one sale.
        per_member_minor: For one member, coupon or gift card at one till, since HQ's last word.
        per_till_day_minor: At one till on one business date.
        max_age_hours: Nothing when HQ's last word is older.
        lease_days: How long a lease lasts that waits at a till.
    """

    per_sale_minor: int = 0
    per_member_minor: int = 0
    per_till_day_minor: int = 0
    max_age_hours: int = 72
    lease_days: int = LEASE_DAYS
