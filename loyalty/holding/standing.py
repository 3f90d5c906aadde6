"""What is known of an account, and of the member behind it, at an instant."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from loyalty.journal.entry import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class LotBalance:
    """What is left of one lot, in smallest steps of its unit."""

    unit: str
    lot: Lot
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What one account has: a member's, a coupon's, a gift card's or a pool's.

    Attributes:
        balances: (unit, smallest steps), sorted by unit, this till's own unsent entries included.
        lots: What is left of each lot; `balances` contains it too. What is in no lot may be used at once and for ever.
    """

    balances: tuple[tuple[str, int], ...] = ()
    lots: tuple[LotBalance, ...] = ()

    def balance(self, unit: str) -> int:
        """Give the balance of ``unit`` in its smallest steps, pending units included; 0 where there is none."""
        for name, amount in self.balances:
            if name == unit:
                return amount
        return 0

    def usable(self, unit: str, at: datetime) -> int:
        """Give what of ``unit`` may be spent at ``at``: no pending units and none that are past their end."""
        return self.balance(unit) - sum(
            one.amount for one in self.lots if one.unit == unit and not is_open(one.lot, at)
        )

    def in_no_lot(self, unit: str) -> int:
        """Give what of ``unit`` stands in no lot; below zero for a debt."""
        return self.balance(unit) - sum(one.amount for one in self.lots if one.unit == unit)

    def changed(self, changes: Iterable[tuple[str, int, Lot | None]]) -> Self:
        """Give the same account after (unit, smallest steps, lot or None) came to it or left it."""
        balances, lots = dict(self.balances), {(one.unit, one.lot.lot_id): one for one in self.lots}
        for unit, amount, lot in changes:
            balances[unit] = balances.get(unit, 0) + amount
            if lot is not None:
                before = lots.get((unit, lot.lot_id))
                held = amount + (before.amount if before is not None else 0)
                lots[unit, lot.lot_id] = LotBalance(
                    unit=unit, lot=before.lot if before is not None else lot, amount=held
                )
        kept = sorted((one for one in lots.values() if one.amount), key=lambda one: (one.unit, one.lot.lot_id))
        return replace(self, balances=tuple(sorted(balances.items())), lots=tuple(kept))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Holdings):
    """A member's standing.

    Attributes:
        member: The member's id, 16 bytes; also the id of the account that holds the units.
        tier: The tier's id, or None.
        tier_until: Aware UTC instant up to which the tier is kept at least, or None where nothing ends it.
        nickname: What the receipt may call the member, or None.
        language: The member's language (ISO 639-1), or None.
        segments: Ids of the segments that HQ counts the member to, sorted.
        birthday: (month, day), or None where it was not told.
        joined_on: The business date of the enrolment, or None where it is not known.
        last_visit_on: The business date of the last sale that is known, or None.
        referrer: The member who referred this one, or None.
        as_of: Aware UTC instant of HQ's last word that is included, or None if HQ was never heard.
    """

    member: bytes
    tier: str | None = None
    tier_until: datetime | None = None
    nickname: str | None = None
    language: str | None = None
    segments: tuple[str, ...] = ()
    birthday: tuple[int, int] | None = None
    joined_on: date | None = None
    last_visit_on: date | None = None
    referrer: bytes | None = None
    as_of: datetime | None = None


NOTHING = Holdings()


def is_open(lot: Lot, at: datetime) -> bool:
    """Tell whether the units of ``lot`` may be spent at ``at``."""
    seconds = int(at.timestamp())
    begun = lot.usable_at is None or lot.usable_at <= seconds
    return begun and (lot.expires_at is None or seconds < lot.expires_at)
