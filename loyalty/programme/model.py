"""A programme as values: what the engine runs and what an entry's version names."""

from dataclasses import dataclass
from datetime import date

from loyalty.explain import Names
from loyalty.holding.units import Unit
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.parts.budgets import Budget
from loyalty.parts.coupons import Coupon
from loyalty.parts.events import Event, seats_pool
from loyalty.parts.floors import LEASE_DAYS, Floors
from loyalty.parts.policies import DEFAULT_POLICIES, Policies
from loyalty.parts.referral import Referral, referrals_pool
from loyalty.parts.segments import Segment
from loyalty.parts.tiers import NO_TIERS, Ladder
from loyalty.rules.stages import EarnRule, Head, Issuer, Multiplier, Offline, Reward
from loyalty.rules.uses import uses_pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """One version of a programme.

    Attributes:
        id: Stays the same over versions.
        label: What people call this version.
        version: The content address: 32 hex digits of SHA-256 over the canonical content; comments, layout and
            order do not count.
        names: What receipts call the programme.
        languages: In which names must be given, sorted.
        valid_from: First business date on which it awards, or None.
        valid_until: Last business date on which it awards, or None.
        earn_rules: By priority, then id, as multipliers and issuers are; units, coupons and the rest by id.
        rewards: By id; they are at work in order of settlement, priority, kind and id.
    """

    id: str
    label: str
    version: str
    names: Names
    languages: tuple[str, ...] = ()
    currency: Currency
    policies: Policies = DEFAULT_POLICIES
    units: tuple[Unit, ...]
    ladder: Ladder = NO_TIERS
    categories: tuple[tuple[str, Names], ...] = ()
    items: tuple[tuple[str, Names], ...] = ()
    segments: tuple[Segment, ...] = ()
    budgets: tuple[Budget, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    events: tuple[Event, ...] = ()
    referral: Referral | None = None
    floors: Floors | None = None
    valid_from: date | None
    valid_until: date | None
    earn_rules: tuple[EarnRule, ...]
    multipliers: tuple[Multiplier, ...]
    issuers: tuple[Issuer, ...] = ()
    rewards: tuple[Reward, ...]

    def unit(self, unit_id: str) -> Unit | None:
        """Give a unit by its id."""
        return next((unit for unit in self.units if unit.id == unit_id), None)

    def tier_names(self, tier_id: str) -> Names | None:
        """Give a tier's names by its id."""
        return next((tier.names for tier in self.ladder.tiers if tier.id == tier_id), None)

    def reward(self, reward_id: str) -> Reward | None:
        """Give a reward by its id."""
        return next((reward for reward in self.rewards if reward.head.id == reward_id), None)

    def coupon(self, coupon_id: str) -> Coupon | None:
        """Give a kind of coupon by its id."""
        return next((coupon for coupon in self.coupons if coupon.id == coupon_id), None)

    @property
    def counts_visits(self) -> bool:
        """Whether any rule looks at how often a member came."""
        whens = [head.when for head in self.heads]
        return any(when.nth_visit is not None or when.every_nth_visit is not None for when in whens)

    @property
    def heads(self) -> tuple[Head, ...]:
        """The heads of all rules and rewards."""
        return (
            *(rule.head for rule in self.earn_rules),
            *(rule.head for rule in self.multipliers),
            *(rule.head for rule in self.issuers),
            *(reward.head for reward in self.rewards),
        )

    @property
    def needs_rights(self) -> bool:
        """Whether anything may be given only as far as a till's rights, or the floor limits beyond them, go."""
        return self.floors is not None or any(head.offline is not Offline.ALLOW for head in self.heads)

    @property
    def leased(self) -> frozenset[str]:
        """Rules and rewards for which a till asks HQ for rights: what it may not give without, or only up to the floor limits."""
        bound = {head.id for head in self.heads if head.offline is not Offline.ALLOW}
        return frozenset(bound | ({one.head.id for one in self.rewards} if self.floors is not None else set()))

    @property
    def placed(self) -> frozenset[str]:
        """Those of `leased` that a till gives by itself under rights, so that it asks for some before anybody needs them."""
        return self.leased - {head.id for head in self.heads if head.offline is Offline.DENY}

    @property
    def lease_days(self) -> int:
        """How many days a lease lasts that waits at a till."""
        return self.floors.lease_days if self.floors is not None else LEASE_DAYS

    def pools(self, moment: Moment, member: bytes | None, referrer: bytes | None = None) -> tuple[str, ...]:
        """Name the pools that a quote looks at, sorted: what a book must find before it asks.

        Args:
            moment: Of the quote.
            member: Whose it is, or None.
            referrer: The member who brought that one, as the standing says.
        """
        found = {budget.pool(moment, member) for budget in self.budgets}
        found |= {seats_pool(event.id) for event in self.events}
        found |= {uses_pool(head.id) for head in self.heads if head.uses.in_all is not None}
        for reward in self.rewards:
            found |= reward.stocks(moment)
        if referrer is not None and self.referral is not None and self.referral.most_per_member is not None:
            found.add(referrals_pool(referrer))
        return tuple(sorted(found))

    def valid_on(self, business_date: date) -> bool:
        """Tell whether the programme awards on ``business_date``."""
        begun = self.valid_from is None or self.valid_from <= business_date
        return begun and (self.valid_until is None or business_date <= self.valid_until)
