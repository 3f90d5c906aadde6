"""Which lots pay, and which have ended: earliest end first, so that a member loses as little as possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.holding.standing import Holdings, LotBalance, is_open
from loyalty.journal.entry import Lot
from loyalty.numbers.limits import INT64_MAX, require


@dataclass(frozen=True, slots=True, kw_only=True)
class LotUse:
    """What one lot gives.

    Attributes:
        lot: The lot; None for units that stand in no lot.
        amount: Smallest steps, > 0.
        own: They are of what the same sale earns, where that may be spent at once; its lot follows from the award.
    """

    lot: Lot | None
    amount: int
    own: bool = False


def plan_use(holdings: Holdings, unit: str, amount: int, at: datetime) -> tuple[LotUse, ...] | None:
    """Choose which lots pay ``amount`` smallest steps of ``unit``.

    Pure; earliest end first, then the earliest beginning, then the lot's id, so that till and HQ agree. Units without a
    lot never end and pay last; where they are below zero, that is made good by the lots first.

    Returns:
        Uses that sum to ``amount``, none empty, in that order; None where less may be spent at ``at``.

    Raises:
        ValueError: ``amount`` is not positive (the caller's bug).
    """
    require(amount > 0, "only something can be spent")
    if holdings.usable(unit, at) < amount:
        return None
    uses: list[LotUse] = []
    left = amount
    for one in open_lots(holdings, unit, at):
        given = min(one.amount, left)
        if given:
            uses.append(LotUse(lot=one.lot, amount=given))
            left -= given
    if left:
        uses.append(LotUse(lot=None, amount=left))
    return tuple(uses)


def open_lots(holdings: Holdings, unit: str, at: datetime) -> list[LotBalance]:
    """Give the lots of ``unit`` that may be spent at ``at`` and hold something, in the order in which they pay."""
    found = [one for one in holdings.lots if one.unit == unit and one.amount > 0 and is_open(one.lot, at)]
    return sorted(found, key=_order)


def ended_lots(lots: Sequence[LotBalance], at: datetime) -> list[LotBalance]:
    """Give the lots that are over at ``at`` and still hold something: what expiry takes away."""
    seconds = int(at.timestamp())
    over = [one for one in lots if one.amount > 0 and one.lot.expires_at is not None and one.lot.expires_at <= seconds]
    return sorted(over, key=_order)


def lot_of(usable_at: int | None, expires_at: int | None) -> Lot | None:
    """Give the lot of all units of one account that begin and end then; None for what begins at once and never ends.

    Units that share their dates are one lot, whatever earned them, so an account has few; its id is the two dates.
    """
    if usable_at is None and expires_at is None:
        return None
    begins, ends = (
        (0 if instant is None else instant).to_bytes(8, "big", signed=True) for instant in (usable_at, expires_at)
    )
    return Lot(lot_id=begins + ends, usable_at=usable_at, expires_at=expires_at)


def lot_named(lot_id: bytes) -> Lot:
    """Give the lot with this id, which holds its dates."""
    begins, ends = (int.from_bytes(part, "big", signed=True) or None for part in (lot_id[:8], lot_id[8:]))
    return Lot(lot_id=lot_id, usable_at=begins, expires_at=ends)


def _order(one: LotBalance) -> tuple[int, int, bytes]:
    ends = one.lot.expires_at if one.lot.expires_at is not None else INT64_MAX
    return ends, one.lot.usable_at or 0, one.lot.lot_id
