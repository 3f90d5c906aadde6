"""A case as a value: what a file of docs/SPEC-case.md says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loyalty.cases.expected import Expect
from loyalty.cases.figures import LocalTime
from loyalty.cases.steps import Step
from loyalty.cases.values import CouponHeld, GiftCardHeld, Member, PoolHeld, SetAside, Source, Verdict

FORMAT = 1
_NOON = LocalTime(datetime(2026, 1, 5, 12, 0))  # noqa: DTZ001  # the store's own clock
_NO_SOURCE = Source()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The same case under another switch.

    Attributes:
        id: Added to the case's id.
        change: What differs in the programme: a path to its new value, as ``"policies.odd_minor": "first"``; elements of
            a list of tables are named by their id, as ``"reward.ten.rounding": "floor"``; null takes a key away.
        expect: Step to its other expectations, which replace those of the case.
        skip: Steps that are left out.
    """

    id: str
    about: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Expect] = field(default_factory=dict)
    skip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case.

    Attributes:
        zone: The store's time zone, an IANA name.
        at: When the case begins, by the store's clock.
        store: The store of every step that names no other.
        programme: The keys of a programme file (docs/SPEC-programme.md) as JSON, dates as text. Left out: ``programme.id``
            is the case's, ``label`` "1", names are ids, and the currency is XXX with two decimals.
    """

    id: str
    format: int = FORMAT
    about: str = ""
    source: Source = _NO_SOURCE
    verdict: Verdict = Verdict.ADOPT
    zone: str = "UTC"
    at: LocalTime = _NOON
    store: str = "store"
    programme: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    coupons: tuple[CouponHeld, ...] = ()
    gift_cards: tuple[GiftCardHeld, ...] = ()
    pools: tuple[PoolHeld, ...] = ()
    steps: tuple[Step, ...]
    variants: tuple[Variant, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
