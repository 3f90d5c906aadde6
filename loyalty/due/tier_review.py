"""The review of a member's tier: up at once, down when nothing holds the member there any more.

A sale already counts by the tier that the progress reaches; the review writes it down, begins the grace where the
window no longer holds enough, and lets the member down when it is over. Source: docs/SPEC-programme.md, section
"Tiers over time".
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from loyalty.due.expiry import take_all
from loyalty.explain import Message, Names, message
from loyalty.holding.periods import Lasting, Period
from loyalty.holding.standing import Standing
from loyalty.journal.detail import DetailTier
from loyalty.journal.entry import Posting
from loyalty.parts.tiers import Downgrade, Ladder, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a review decides.

    Attributes:
        tier: The move, or a tier that stays with another date up to which it is kept.
        postings: Units that end with it.
    """

    tier: DetailTier
    postings: tuple[Posting, ...] = ()


def review(ladder: Ladder, standing: Standing, at: datetime, zone: tzinfo) -> Review | None:
    """Review one member at an instant; applied, another review at the same instant finds nothing to do.

    Args:
        ladder: The programme's.
        standing: The member's; ``tier_until`` is the date up to which an earlier review, or a person, let them stay.
        at: Aware.
        zone: The store's; days end at its midnight.

    Returns:
        What changes, or None.
    """
    if ladder.by is None or not ladder.tiers:
        return None
    reached = ladder.at(standing.usable(ladder.counted, at))
    return _Reviewing(ladder, standing, at, zone).decide(reached)


class _Reviewing:
    def __init__(self, ladder: Ladder, standing: Standing, at: datetime, zone: tzinfo) -> None:
        self._ladder, self._standing, self._at, self._zone = ladder, standing, at, zone
        self._today = at.astimezone(zone).date()
        until = standing.tier_until
        self._until = int(until.timestamp()) if until is not None else None

    def decide(self, reached: str | None) -> Review | None:
        now, ladder = self._standing.tier, self._ladder
        if self._is_periodic:
            return self._periodic(reached)
        if ladder.higher(now, reached) == reached:
            return self._to(reached, None)
        if ladder.downgrade is Downgrade.NONE or self._kept:
            return None
        if self._until is None and ladder.grace is not None:
            return self._to(now, self._after(ladder.grace))
        return self._down(reached)

    @property
    def _is_periodic(self) -> bool:
        """Whether a tier, once reached, is kept for the whole window and looked at again at its end.

        So it is where the balance counts, which falls with every purchase that spends, and where units are taken away.
        """
        return self._ladder.by is Progress.BALANCE or self._ladder.resets_units

    @property
    def _kept(self) -> bool:
        return self._until is not None and self._at.timestamp() < self._until

    def _periodic(self, reached: str | None) -> Review | None:
        now, ladder = self._standing.tier, self._ladder
        if ladder.higher(now, reached) != now:
            return self._to(reached, self._window_after(self._today))
        if self._is_due:
            return self._at_end(reached)
        if now is not None and self._until is None and ladder.lasting is not None:
            return self._to(now, self._window_after(self._since))
        return None

    def _at_end(self, reached: str | None) -> Review | None:
        """Look again at the end of the window: another tier or the same, and units away where the ladder says so."""
        now, ladder = self._standing.tier, self._ladder
        next_end = self._window_after(self._today)
        if now == reached or ladder.downgrade is Downgrade.NONE:
            moved: Review | None = self._to(now, next_end if now is not None else None)
        else:
            moved = self._down(reached)
        if not ladder.resets_units:
            return moved
        if moved is None:
            moved = Review(tier=DetailTier(before=now, after=now, until=self._until))
        held = self._standing
        return Review(tier=moved.tier, postings=take_all(held.member, held, ladder.unit))

    @property
    def _is_due(self) -> bool:
        if self._standing.tier is None:
            return False
        if self._until is not None:
            return not self._kept
        ends = self._window_after(self._since)
        return ends is not None and self._at.timestamp() >= ends

    @property
    def _since(self) -> date:
        """From when a tier counts that no review wrote down: the last visit, at which it was reached at the latest."""
        return self._standing.last_visit_on or self._standing.joined_on or self._today

    def _down(self, reached: str | None) -> Review | None:
        now, ladder = self._standing.tier, self._ladder
        if ladder.downgrade is Downgrade.TO_BALANCE or now is None:
            below = reached
        else:
            below = ladder.higher(ladder.below(now), reached)
        stays = None if below == reached and not self._is_periodic else self._next_step()
        return self._to(below, stays if below is not None else None)

    def _next_step(self) -> int | None:
        """Give up to when a tier is kept after a step down: the grace, else the window, else only for the day."""
        ladder = self._ladder
        if ladder.grace is not None and not self._is_periodic:
            return self._after(ladder.grace)
        return self._window_after(self._today) or self._after(Period())

    def _window_after(self, day: date) -> int | None:
        lasting = self._ladder.lasting
        return int(lasting.ends_at(day, self._zone).timestamp()) if lasting is not None else None

    def _after(self, period: Period) -> int:
        return int(Lasting(period=period).ends_at(self._today, self._zone).timestamp())

    def _to(self, tier: str | None, until: int | None) -> Review | None:
        now = self._standing.tier
        if (tier, until) == (now, self._until):
            return None
        return Review(tier=DetailTier(before=now, after=tier, until=until))


def explain_move(ladder: Ladder, moved: DetailTier, until: date | None) -> Message | None:
    """Say what a review did; ``until`` is the last day on which the tier is kept, where it ends."""
    names = {tier.id: tier.names for tier in ladder.tiers}
    if moved.before == moved.after:
        kept: Names | None = names.get(moved.after or "")
        if kept is None or until is None:
            return None
        return message("explain.tier_kept", tier=kept, day=until)
    if moved.after is None or moved.after not in names:
        return message("explain.tier_ended", tier=names[moved.before]) if moved.before in names else None
    up = ladder.higher(moved.before, moved.after) == moved.after
    return message("explain.tier_up" if up else "explain.tier_down", tier=names[moved.after])
