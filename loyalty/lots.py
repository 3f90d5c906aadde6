"""Which lots pay, and which have ended: earliest end first, so that a member loses as little as possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.journal.entry import Lot
from loyalty.numbers.limits import INT64_MAX, require
from loyalty.standing import Holdings, LotBalance, is_open


@dataclass(frozen=True, slots=True, kw_only=True)
class LotUse:
    """``amount`` smallest steps that one lot gives, or that stood in no lot (``lot`` None)."""

    lot: Lot | None
    amount: int


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


def _order(one: LotBalance) -> tuple[int, int, bytes]:
    ends = one.lot.expires_at if one.lot.expires_at is not None else INT64_MAX
    return ends, one.lot.usable_at or 0, one.lot.lot_id
