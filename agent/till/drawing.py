"""What a sale draws under the till's leases, from what it was computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.till.asking import Computed
from agent.till.rights import takes_of
from loyalty.holding.slices import HeldSlice, draw_on
from loyalty.journal.entry import LeaseDraw

Key = tuple[bytes, str, bytes | None]
"""Account, unit and lot id, or None for no lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a sale draws: by lease for its entry, and by account, unit and lot for what it still has of its own."""

    leases: tuple[LeaseDraw, ...] = ()
    leased: Mapping[Key, int] = field(default_factory=dict)


NOTHING_DRAWN = Drawn()
"""What an exercise draws."""


def drawn(done: Computed) -> Drawn:
    """Choose the leases that pay for what a sale takes within its rights."""
    seen = done.asked.seen
    if seen.rights is None:
        return NOTHING_DRAWN
    return drawn_of(draw_on(takes_of(done.programme, done.quoted), seen.own, seen.slices), seen.slices)


def drawn_of(draws: tuple[LeaseDraw, ...], slices: tuple[HeldSlice, ...]) -> Drawn:
    """Say from which accounts draws take."""
    pools = {one.lease: (one.account, one.unit) for one in slices}
    leased: dict[Key, int] = {}
    for one in draws:
        key = (*pools[one.lease], one.lot_id)
        leased[key] = leased.get(key, 0) + one.amount
    return Drawn(leases=draws, leased=leased)


def beyond_of(done: Computed) -> dict[bytes, int]:
    """Give what a sale gives beyond the till's rights, in minor units, by the account that pays."""
    member = done.asked.seen.standing.member if done.asked.seen.standing is not None else bytes(16)
    found: dict[bytes, int] = {}
    for one in done.quoted.redemptions:
        if one.beyond:
            account = one.payer or member
            found[account] = found.get(account, 0) + one.worth_minor
    return found
