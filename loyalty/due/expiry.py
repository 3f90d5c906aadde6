"""Expiry: what time takes from an account.

Two ways, and a unit may have both: a lot ends at its own instant, and everything ends when a member stayed away for
too long. Units below zero that stand in no lot are a debt: what ends pays it first, so that no balance falls below
where it was by what a member owes already. A lot below zero, which several tills can bring about that did not know of
each other, becomes such a debt at its end. Pending units end like others when their lot's end comes. Source:
docs/SPEC-programme.md, section "Expiry".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from loyalty.explain import Message, message
from loyalty.holding.lots import ended_lots
from loyalty.holding.periods import Lasting
from loyalty.holding.standing import Holdings, LotBalance
from loyalty.holding.units import Unit, is_hidden
from loyalty.journal.entry import MAX_POSTINGS, Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How many units end, as members see it: smallest steps > 0."""

    unit: str
    amount: int


def plan_expiry(account: bytes, holdings: Holdings, at: datetime, unit: str | None = None) -> tuple[Posting, ...]:
    """Take the lots that are over at ``at``, the earliest end first.

    Args:
        account: Whose, 16 bytes.
        holdings: What it has.
        at: Aware instant.
        unit: Only this unit; None for all, hidden ones too: what counts towards a tier, uses of coupons.

    Returns:
        At most `MAX_POSTINGS`; what more there is ends with the next run. Posted, nothing is left to take at ``at``.
    """
    over = (*_overdrawn(holdings, at), *ended_lots(holdings.lots, at))
    postings: list[Posting] = []
    owed: dict[str, int] = {}
    for one in over:
        if unit is not None and one.unit != unit:
            continue
        if len(postings) + 2 > MAX_POSTINGS:
            break
        debt = owed.setdefault(one.unit, _debt(holdings, one.unit, over))
        paid = min(debt, one.amount)
        owed[one.unit] -= paid
        postings.append(Posting(account=account, unit=one.unit, amount=-one.amount, lot=one.lot))
        if paid:
            postings.append(Posting(account=account, unit=one.unit, amount=paid))
    return tuple(_merged(postings))


def _overdrawn(holdings: Holdings, at: datetime) -> list[LotBalance]:
    """Give the lots that are over and below zero."""
    seconds = int(at.timestamp())
    below = [one for one in holdings.lots if one.amount < 0]
    return [one for one in below if one.lot.expires_at is not None and one.lot.expires_at <= seconds]


def plan_idle_expiry(
    account: bytes, holdings: Holdings, unit: Unit, last_on: date | None, at: datetime, zone: tzinfo
) -> tuple[Posting, ...]:
    """Take everything of ``unit`` where the member stayed away longer than the unit allows.

    Args:
        account: Whose, 16 bytes.
        holdings: What it has.
        unit: Whose ``idle`` says how long; without it nothing ends.
        last_on: The member's last visit, or the day of joining; None where neither is known: then nothing ends.
        at: Aware instant.
        zone: The store's.
    """
    if unit.idle is None or last_on is None:
        return ()
    if at < Lasting(period=unit.idle).ends_at(last_on, zone):
        return ()
    return take_all(account, holdings, unit.id)


def take_all(account: bytes, holdings: Holdings, unit: str) -> tuple[Posting, ...]:
    """Take everything of ``unit``, lot by lot; nothing where the balance is not above zero."""
    if holdings.balance(unit) <= 0:
        return ()
    parts = [(one.lot, one.amount) for one in holdings.lots if one.unit == unit]
    return tuple(
        Posting(account=account, unit=unit, amount=-amount, lot=lot)
        for lot, amount in (*parts, (None, holdings.in_no_lot(unit)))
        if amount
    )


def _debt(holdings: Holdings, unit: str, over: Sequence[LotBalance]) -> int:
    """Give what is owed of ``unit``: below zero in no lot, or in a lot that two tills drew from and that goes on."""
    gone = {one.lot.lot_id for one in over if one.unit == unit}
    drawn = [one.amount for one in holdings.lots if one.unit == unit and one.amount < 0 and one.lot.lot_id not in gone]
    return max(0, -holdings.in_no_lot(unit) - sum(drawn))


def ended(postings: tuple[Posting, ...]) -> tuple[Ended, ...]:
    """Give how much ended of each unit that members see, by unit."""
    sums: dict[str, int] = {}
    for posting in postings:
        if not is_hidden(posting.unit):
            sums[posting.unit] = sums.get(posting.unit, 0) - posting.amount
    return tuple(Ended(unit=unit, amount=amount) for unit, amount in sorted(sums.items()) if amount)


def explain_expiry(units: dict[str, Unit], found: tuple[Ended, ...], *, idle: bool) -> tuple[Message, ...]:
    """Say what ended, and why."""
    said = "explain.expired_away" if idle else "explain.expired"
    known = [(units[one.unit], one.amount) for one in found if one.unit in units]
    return tuple(message(said, units=unit.amount(amount)) for unit, amount in known)


def _merged(postings: list[Posting]) -> Iterator[Posting]:
    """Sum what pays a debt to one posting a unit, behind the unit's lots."""
    paid: dict[str, int] = {}
    for posting in postings:
        if posting.lot is not None:
            yield posting
        else:
            paid[posting.unit] = paid.get(posting.unit, 0) + posting.amount
    for unit, amount in paid.items():
        if amount:
            yield Posting(account=postings[0].account, unit=unit, amount=amount)
