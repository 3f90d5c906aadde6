"""Slices of leases: cutting them from what an account has, and what a sale draws of them. Pure.

Source: docs/SPEC-leases.md, sections 2 and 3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.holding.lots import open_lots
from loyalty.holding.standing import Holdings, LotBalance, is_open
from loyalty.journal.entry import LeaseDraw, Lot
from loyalty.numbers.limits import require


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """So much of one lot, or of what stands in no lot."""

    lot: Lot | None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlice:
    """What is left of one slice of a lease that a till holds."""

    lease: bytes
    account: bytes
    unit: str
    lot: Lot | None
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What a sale takes within its rights: so much of a lot of an account, or of no lot."""

    account: bytes
    unit: str
    lot_id: bytes | None
    amount: int


def usable_now(holdings: Holdings, unit: str, at: datetime, leased: Mapping[bytes | None, int]) -> int:
    """Give U of a pool that is held: what of ``unit`` may be given at ``at``, leased or not.

    A lot that may not be spent yet counts nothing; of one that is over, what is leased counts until its lease closes.

    Args:
        holdings: What the account has.
        unit: The unit.
        at: Aware instant.
        leased: What is left of leases by lot id, None for no lot.
    """
    closed = sum(
        max(0, one.amount) - min(max(0, one.amount), leased.get(one.lot.lot_id, 0))
        for one in holdings.lots
        if one.unit == unit and not is_open(one.lot, at)
    )
    return holdings.balance(unit) - closed


def cut_slices(
    holdings: Holdings, unit: str, amount: int, at: datetime, leased: Mapping[bytes | None, int]
) -> tuple[Cut, ...]:
    """Cut ``amount`` from what no lease covers, in the order in which lots pay; less where there is less.

    Pure; till and HQ agree on the order: `loyalty.holding.lots.open_lots`, and what stands in no lot last.
    """
    require(amount > 0, "a slice holds something")
    cuts: list[Cut] = []
    left = amount
    for one in open_lots(holdings, unit, at):
        given = min(left, one.amount - leased.get(one.lot.lot_id, 0))
        if given > 0:
            cuts.append(Cut(lot=one.lot, amount=given))
            left -= given
    rest = min(left, holdings.in_no_lot(unit) - leased.get(None, 0))
    if rest > 0:
        cuts.append(Cut(lot=None, amount=rest))
    return tuple(cuts)


def rights_view(slices: Sequence[HeldSlice], own: Sequence[LotBalance], own_balance: Mapping[str, int]) -> Holdings:
    """Give what may be given of one account: what is left of its slices, and its own units that nobody else heard of.

    Args:
        slices: Of leases that have not ended.
        own: Units by lot of entries that were never sent, none below zero.
        own_balance: The same by unit, those in no lot included.
    """
    lots: dict[tuple[str, bytes], LotBalance] = {}
    balances: dict[str, int] = {unit: amount for unit, amount in own_balance.items() if amount > 0}
    for one in own:
        if one.amount > 0 and balances.get(one.unit, 0) > 0:
            lots[one.unit, one.lot.lot_id] = one
    for held in slices:
        balances[held.unit] = balances.get(held.unit, 0) + held.left
        if held.lot is not None:
            key = held.unit, held.lot.lot_id
            before = lots.get(key)
            amount = held.left + (before.amount if before is not None else 0)
            lots[key] = LotBalance(unit=held.unit, lot=held.lot, amount=amount)
    kept = sorted((one for one in lots.values() if one.amount), key=lambda one: (one.unit, one.lot.lot_id))
    return Holdings(balances=tuple(sorted(balances.items())), lots=tuple(kept))


def at_most(view: Holdings, unit: str, most: int, at: datetime) -> Holdings:
    """Lower what may be given of ``unit`` to ``most``: a member who owes gets nothing on credit. What pays last goes first."""
    beyond = view.usable(unit, at) - max(0, most)
    if beyond <= 0:
        return view
    changes: list[tuple[str, int, Lot | None]] = []
    loose = min(beyond, max(0, view.in_no_lot(unit)))
    if loose:
        changes.append((unit, -loose, None))
        beyond -= loose
    for one in reversed(open_lots(view, unit, at)):
        given = min(beyond, one.amount)
        if given:
            changes.append((unit, -given, one.lot))
            beyond -= given
    return view.changed(changes)


def draw_on(
    takes: Iterable[Take], own: Mapping[tuple[bytes, str, bytes | None], int], slices: Sequence[HeldSlice]
) -> tuple[LeaseDraw, ...]:
    """Choose the leases that a sale draws on: its own units first, then slices in their order.

    Args:
        takes: What is taken, each from a lot of an account.
        own: Units of (account, unit, lot id) that nobody else has heard of.
        slices: What is left of leases, in the order in which they are spent.

    Returns:
        Draws, one for each lease and lot. What neither covers is not there: it was given beyond rights, or takes no right.
    """
    own_left, left = dict(own), [one.left for one in slices]
    draws: dict[tuple[bytes, bytes | None], int] = {}
    for take in takes:
        key = take.account, take.unit, take.lot_id
        free = min(take.amount, max(0, own_left.get(key, 0)))
        own_left[key] = own_left.get(key, 0) - free
        wanted = take.amount - free
        for place, one in enumerate(slices):
            lot_id = one.lot.lot_id if one.lot is not None else None
            given = min(wanted, left[place]) if (one.account, one.unit, lot_id) == key else 0
            if given:
                left[place] -= given
                wanted -= given
                draws[one.lease, lot_id] = draws.get((one.lease, lot_id), 0) + given
    return tuple(LeaseDraw(lease=lease, lot_id=lot_id, amount=amount) for (lease, lot_id), amount in draws.items())


def spent_of(slices: Sequence[HeldSlice], draws: Iterable[LeaseDraw]) -> tuple[HeldSlice, ...]:
    """Give the slices after the draws."""
    taken = {(one.lease, one.lot_id): one.amount for one in draws}
    after = []
    for one in slices:
        key = one.lease, one.lot.lot_id if one.lot is not None else None
        given = min(one.left, taken.get(key, 0))
        taken[key] = taken.get(key, 0) - given
        after.append(replace(one, left=one.left - given))
    return tuple(after)
