"""A programme as values: what the engine runs and what an entry's version names."""

from dataclasses import dataclass
from datetime import date

from loyalty.explain import Names
from loyalty.numbers.currency import Currency
from loyalty.rules.stages import EarnRule, Multiplier, Reward
from loyalty.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """One version of a programme.

    Attributes:
        id: Stays the same over versions.
        label: What people call this version.
        version: The content address: 32 hex digits of SHA-256 over the canonical content; comments, layout and
            order do not count.
        names: What receipts call the programme.
        valid_from: First business date on which it awards, or None.
        valid_until: Last business date on which it awards, or None.
        earn_rules: Sorted by id, as are units, tiers, multipliers and rewards.
    """

    id: str
    label: str
    version: str
    names: Names
    currency: Currency
    units: tuple[Unit, ...]
    tiers: tuple[tuple[str, Names], ...]
    valid_from: date | None
    valid_until: date | None
    earn_rules: tuple[EarnRule, ...]
    multipliers: tuple[Multiplier, ...]
    rewards: tuple[Reward, ...]

    def unit(self, unit_id: str) -> Unit | None:
        """Give a unit by its id."""
        return next((unit for unit in self.units if unit.id == unit_id), None)

    def tier_names(self, tier_id: str) -> Names | None:
        """Give a tier's names by its id."""
        return dict(self.tiers).get(tier_id)

    def reward(self, reward_id: str) -> Reward | None:
        """Give a reward by its id."""
        return next((reward for reward in self.rewards if reward.id == reward_id), None)

    def valid_on(self, business_date: date) -> bool:
        """Tell whether the programme awards on ``business_date``."""
        begun = self.valid_from is None or self.valid_from <= business_date
        return begun and (self.valid_until is None or business_date <= self.valid_until)
