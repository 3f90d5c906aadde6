"""Segments: groups of members by what they bought; HQ counts who is in one, and tills are told."""

from dataclasses import dataclass

from loyalty.explain import Names
from loyalty.holding.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment. All bounds that are given must hold within the window; amounts are in minor units.

    Attributes:
        external: Somebody else decides who is in it.
        favourite_category: The category that the member spends most on.
        absent_days: Days without a visit.
    """

    id: str
    names: Names
    external: bool = False
    window: Period | None = None
    least_spend_minor: int | None = None
    most_spend_minor: int | None = None
    least_visits: int | None = None
    most_visits: int | None = None
    absent_days: int | None = None
    joined_within_days: int | None = None
    favourite_category: str | None = None
