"""What a till may give without asking anybody: under its leases, and of units that nobody else has heard of.

The engine looks at a reward that must not be overspent as if no more were there than the till's rights; one that may be is tried
within them first. Source: docs/SPEC-leases.md, section 7.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from loyalty.holding.standing import NOTHING, Holdings
from loyalty.holding.units import is_coupon, is_hidden
from loyalty.journal.entry import Lot

_H = TypeVar("_H", bound=Holdings)
Change = tuple[str, int, Lot | None]
"""Unit, smallest steps, lot or None, as `Holdings.changed` takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The rights of one till for one sale.

    Attributes:
        accounts: What may be given of each account that can pay; nothing for one that is not there.
        pools: Each pool of the programme by its name, as the rules should see it: with no more room than there are rights.
        confirmed: HQ has answered for this very sale, so that what it alone may allow can be given.
        floor_minor: Most that may be given beyond rights in this sale, in minor units; None for any amount.
    """

    accounts: Mapping[bytes, Holdings] = field(default_factory=dict)
    pools: Mapping[str, Holdings] = field(default_factory=dict)
    confirmed: bool = False
    floor_minor: int | None = None

    def of(self, account: bytes) -> Holdings:
        """Give what may be given of one account."""
        return self.accounts.get(account, NOTHING)

    def spent(self, account: bytes | None, changes: Iterable[Change]) -> "Rights":
        """Give the rights after (unit, smallest steps, lot) left an account; no right falls below nothing."""
        if account is None or account not in self.accounts:
            return self
        return replace(self, accounts={**self.accounts, account: _floored(self.accounts[account].changed(changes))})

    def counted(self, changes: Iterable[tuple[str, str, int]]) -> "Rights":
        """Give the rights after (pool, unit, smallest steps) were counted."""
        pools = dict(self.pools)
        for pool, unit, amount in changes:
            pools[pool] = pools.get(pool, NOTHING).changed([(unit, amount, None)])
        return replace(self, pools=pools)

    def beyond(self, worth_minor: int) -> "Rights":
        """Give the rights after something worth so much was given beyond them."""
        left = self.floor_minor
        return self if left is None else replace(self, floor_minor=max(0, left - worth_minor))


def is_shared(unit: str) -> bool:
    """Tell whether several tills may want to give the same of ``unit``: what people see, and the uses of coupons."""
    return not is_hidden(unit) or is_coupon(unit)


def within(held: _H, may: Holdings) -> _H:
    """Give an account as it looks where no more may be given than ``may`` says; hidden counters stay as they are.

    Keeps what else is known of the account (a member's tier, say).
    """
    balances = dict(one for one in held.balances if not is_shared(one[0]))
    balances |= dict(one for one in may.balances if is_shared(one[0]))
    lots = (*(one for one in held.lots if not is_shared(one.unit)), *(one for one in may.lots if is_shared(one.unit)))
    ordered = sorted(lots, key=lambda one: (one.unit, one.lot.lot_id))
    return replace(held, balances=tuple(sorted(balances.items())), lots=tuple(ordered))


def _floored(held: Holdings) -> Holdings:
    """Let nothing stand below zero: what was given beyond a right takes nothing from another one."""
    lots = tuple(one for one in held.lots if one.amount > 0)
    lost = {one.unit: 0 for one in held.lots if one.amount < 0}
    for one in held.lots:
        if one.amount < 0:
            lost[one.unit] -= one.amount
    balances = tuple((unit, max(0, amount + lost.get(unit, 0))) for unit, amount in held.balances)
    return replace(held, balances=balances, lots=lots)
