"""All that a rule may look at, and nothing else: no clock, no book, no other rule."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, TypeVar

from loyalty.holding.rights import Rights, within
from loyalty.holding.standing import NOTHING, Holdings, Standing
from loyalty.moment import Moment
from loyalty.numbers.allocation import allocate_within
from loyalty.rules.goods import Goods
from loyalty.rules.redemption import Redemption, Settle
from loyalty.sale.ask import NOTHING_ASKED, Ask
from loyalty.sale.basket import Basket, BasketLine
from loyalty.sale.bill import Bill

_T = TypeVar("_T")
_WITHIN = "within rights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a rule may look at.

    Attributes:
        basket: As the host gave it.
        standing: The member's standing, or None for a sale without a member.
        moment: When and where.
        ask: What was chosen and shown.
        bill: What rewards left so far.
        pools: What is known of the programme's pools, by their name; absent ones are empty.
        accounts: What is left on the coupons and gift cards that were shown.
        paid_minor: (line, minor units) that units and gift cards pay of what is left of each line.
        earned: (unit, smallest steps) that this sale earns and that may be spent at once.
        redemptions: Rewards that were at work before.
        stored: Lines that sell stored value; they are in no selection that does not name them.
        rights: What is left of the rights of the till that asks; None where it needs none.
    """

    basket: Basket
    standing: Standing | None
    moment: Moment
    bill: Bill
    ask: Ask = NOTHING_ASKED
    pools: Mapping[str, Holdings] = field(default_factory=dict)
    accounts: Mapping[bytes, Holdings] = field(default_factory=dict)
    paid_minor: Mapping[int, int] = field(default_factory=dict)
    earned: Mapping[str, int] = field(default_factory=dict)
    redemptions: tuple[Redemption, ...] = ()
    stored: frozenset[int] = frozenset()
    rights: Rights | None = None
    _selected: dict[Goods, tuple[BasketLine, ...]] = field(default_factory=dict, repr=False, compare=False)
    """The basket is the same for the whole of a quote, so all its situations share what was selected."""
    _known: dict[Hashable, Any] = field(init=False, default_factory=dict, repr=False, compare=False)
    """What was worked out of this situation; one that follows it begins anew."""

    def select(self, goods: Goods) -> tuple[BasketLine, ...]:
        """Give the lines of a selection, in their order; each selection is made once in a quote."""
        found = self._selected.get(goods)
        if found is None:
            lines = goods.select(self.basket.lines)
            if self.stored and not goods.narrows:
                lines = [line for line in lines if line.line not in self.stored]
            found = self._selected[goods] = tuple(lines)
        return found

    def once(self, key: Hashable, work_out: Callable[[], _T]) -> _T:
        """Give what ``work_out`` finds, working it out once in this situation; ``key`` names it."""
        try:
            found: _T = self._known[key]
        except KeyError:
            found = self._known[key] = work_out()
        return found

    def drawn(self, pools: Mapping[str, Holdings], rights: Rights | None) -> Self:
        """Give the same situation with other pools; nothing that was worked out depends on them but what is within rights."""
        after = replace(self, pools=pools, rights=rights)
        known = self._known if rights is None else {key: one for key, one in self._known.items() if key != _WITHIN}
        object.__setattr__(after, "_known", known)
        return after

    def within_rights(self) -> Self:
        """Give the same situation as it looks where no more is there than the till may give by itself."""
        return self.once(_WITHIN, self._within_rights) if self.rights is not None else self

    def _within_rights(self) -> Self:
        rights, standing = self.rights, self.standing
        assert rights is not None
        return replace(
            self,
            standing=within(standing, rights.of(standing.member)) if standing is not None else None,
            accounts={account: within(held, rights.of(account)) for account, held in self.accounts.items()},
            pools={**self.pools, **rights.pools},
        )

    @property
    def at(self) -> datetime:
        """The instant, in the store's time."""
        return self.moment.at

    @property
    def code_words(self) -> frozenset[str]:
        """The words that were typed, in one spelling."""
        return frozenset(word.casefold() for word in self.ask.codes)

    @property
    def unpaid_minor(self) -> int:
        """What is still to be paid of the whole bill."""
        return max(0, self.bill.total_minor - sum(self.paid_minor.values()))

    def taken_minor(self, reward: str) -> int:
        """Give what a reward has taken off or paid in this sale so far: several cards may pay through one."""
        return sum(one.discount_minor for one in self.redemptions if one.reward == reward)

    def times(self, reward: str) -> int:
        """Give how often a reward was at work in this sale so far."""
        return sum(one.times for one in self.redemptions if one.reward == reward)

    def room_minor(self, line: BasketLine, settle: Settle) -> int:
        """Give the most that a reward may take off a line, or that a tender may pay of it."""
        if settle is Settle.TENDER:
            return max(0, self.bill.left[line.line] - self.paid_minor.get(line.line, 0))
        return self.bill.room_minor(line)

    def spread(self, amount_minor: int, lines: Sequence[BasketLine], settle: Settle) -> tuple[tuple[int, int], ...]:
        """Split up to ``amount_minor`` over ``lines``: off the bill, or as the shares that a tender pays."""
        if settle is not Settle.TENDER:
            return self.bill.spread(amount_minor, lines)
        rooms = [(line.line, self.room_minor(line, settle)) for line in lines]
        shares = [(line, room, room) for line, room in rooms]
        return allocate_within(min(amount_minor, self.unpaid_minor), shares, self.bill.policies.odd_minor)

    def pool(self, name: str) -> Holdings:
        """Give what is known of one pool."""
        return self.pools.get(name, NOTHING)

    def payer(self, account: bytes) -> Holdings:
        """Give what an account has that may pay in this sale: the member's, or one that was shown."""
        if self.standing is not None and account == self.standing.member:
            return self.standing
        return self.accounts.get(account, NOTHING)

    def may_spend(self, account: bytes, unit: str) -> int:
        """Give what of ``unit`` an account may spend now."""
        if self.standing is not None and account == self.standing.member:
            return self.spendable(unit)
        return self.payer(account).usable(unit, self.moment.at)

    def member_balance(self, unit: str) -> int:
        """Give the member's balance of ``unit``; 0 without a member."""
        return self.standing.balance(unit) if self.standing is not None else 0

    def spendable(self, unit: str) -> int:
        """Give what of ``unit`` the member may spend now, what this sale earns included where it may be spent."""
        if self.standing is None:
            return 0
        return self.standing.usable(unit, self.moment.at) + self.earned.get(unit, 0)
