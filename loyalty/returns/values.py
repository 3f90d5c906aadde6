"""What is asked of a return besides the goods, and what it posts and says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loyalty.holding.standing import NOTHING, Holdings
from loyalty.journal.detail import DetailRestored, DetailReversal, Remainder
from loyalty.journal.entry import Posting
from loyalty.moment import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """When, where and on what accounts a sale is undone.

    Attributes:
        moment: When and where the goods come back.
        accounts: What is known now of each of `SoldSale.accounts`; one that is left out holds nothing.
    """

    moment: Moment
    accounts: Mapping[bytes, Holdings] = field(default_factory=dict)

    def holdings(self, account: bytes) -> Holdings:
        """Give what an account has."""
        return self.accounts.get(account, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPlan:
    """What a return posts and says.

    Attributes:
        postings: One for each account, unit and lot; none is zero.
        reversals: What is taken back, by rule; amounts as posted, which is less than what was earned where the unit's
            policy keeps a balance from falling further. For the detail and the receipt.
        remainders: Remainders given back.
        restored: Spent units that are given back, by reward.
        refunded_minor: Money to pay out: what the goods cost at the sale, without what units paid of it. The returns
            of everything sum to what was paid with money.
        worth_minor: What the goods cost at the sale, whatever paid for them.
        charged_minor: What gifts cost that the kept goods no longer earn; the host takes it off the refund. Below zero
            where a later return gives it back.
        withdrawn: Codes of the coupons that the sale gave out and that are good no more.
    """

    postings: tuple[Posting, ...]
    reversals: tuple[DetailReversal, ...]
    remainders: tuple[Remainder, ...]
    restored: tuple[DetailRestored, ...] = ()
    refunded_minor: int
    worth_minor: int = 0
    charged_minor: int = 0
    withdrawn: tuple[str, ...] = ()

    @property
    def paid_in_units_minor(self) -> int:
        """What of the goods' cost units had paid; it comes back as units."""
        return self.worth_minor - self.refunded_minor
