"""Tiers: a ladder that members climb by what they bought, earned or visited within a window.

What counts is a balance: the hidden unit `loyalty.holding.units.TIER_PROGRESS`, whose lots end when they leave the window. So a
rolling window needs no history, and a till that is offline knows a member's tier as well as HQ does.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.explain import Names
from loyalty.holding.periods import Lasting, Period
from loyalty.holding.standing import Standing
from loyalty.holding.units import TIER_PROGRESS


class Progress(StrEnum):
    """What counts towards a tier."""

    SPEND = "spend"
    EARNED = "earned"
    VISITS = "visits"
    BALANCE = "balance"
    """What the member holds of the unit; a tier that is reached is kept until the next review."""


class Downgrade(StrEnum):
    """What happens when the window no longer holds what the tier needs, and the grace is over."""

    ONE_STEP = "one_step"
    TO_BALANCE = "to_balance"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of the ladder; ``from_progress`` is what it takes."""

    id: str
    names: Names
    from_progress: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The tiers of a programme and how members move on them.

    Attributes:
        tiers: By what they take, then id; empty where the programme has none.
        by: What counts, or None where tiers are only given by HQ.
        unit: The unit whose earning counts, for `Progress.EARNED`, or whose balance does, for `Progress.BALANCE`.
        lasting: How long what was bought counts; None for ever.
        grace: For how long a tier stays after the window no longer holds what it needs.
        counts_current_sale: The sale itself counts before its multipliers are chosen.
        resets_units: At a review the member's units of ``unit`` end.
    """

    tiers: tuple[Tier, ...] = ()
    by: Progress | None = None
    unit: str = "points"
    lasting: Lasting | None = None
    grace: Period | None = None
    downgrade: Downgrade = Downgrade.TO_BALANCE
    counts_current_sale: bool = False
    resets_units: bool = False

    @property
    def counted(self) -> str:
        """The unit whose usable balance is a member's progress."""
        return self.unit if self.by is Progress.BALANCE else TIER_PROGRESS

    def at(self, progress: int) -> str | None:
        """Give the tier that ``progress`` reaches, or None where the ladder has no step so low."""
        if self.by is None:
            return None
        reached = [tier for tier in self.tiers if tier.from_progress <= progress]
        return reached[-1].id if reached else None

    def of(self, standing: Standing, at: datetime, coming: int = 0) -> str | None:
        """Give a member's tier: what HQ said, or a higher one that the progress, with what is ``coming``, reaches already."""
        if self.by is None:
            return standing.tier
        return self.higher(standing.tier, self.at(standing.usable(self.counted, at) + coming))

    def higher(self, one: str | None, other: str | None) -> str | None:
        """Give the higher of two tiers; a tier that the ladder does not know is below all others."""
        return max(one, other, key=self._rank)

    def next_after(self, tier: str | None) -> Tier | None:
        """Give the step after ``tier``, or None at the top."""
        rank = self._rank(tier)
        return self.tiers[rank + 1] if self.by is not None and rank + 1 < len(self.tiers) else None

    def below(self, tier: str) -> str | None:
        """Give the step before ``tier``, or None at the bottom."""
        rank = self._rank(tier)
        return self.tiers[rank - 1].id if rank > 0 else None

    def _rank(self, tier: str | None) -> int:
        return next((rank for rank, one in enumerate(self.tiers) if one.id == tier), -1)


NO_TIERS = Ladder()
