"""How much of a sale is undone once so much of it came back: a function of all returns together.

One return posts the difference of two such states, so how goods came back, at once or piece by piece, changes
nothing. Nothing here knows what any account holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from loyalty.holding.units import VISITS, is_coupon
from loyalty.journal.detail import DetailAward, DetailIssued, DetailRedemption
from loyalty.journal.entry import Posting
from loyalty.moment import Moment
from loyalty.parts.policies import DEFAULT_POLICIES, GiftOnReturn, OnReturn, Reverses
from loyalty.programme.model import Programme
from loyalty.returns.sold import SoldSale, is_tender
from loyalty.returns.thresholds import lost_heads

_COUNTERS = ("used", "got", "uses", "budget", "stock", "seats")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """The state of a sale; each tuple follows the sale's own.

    Attributes:
        awards: Smallest steps taken back of each award.
        bases: Base that came back of each award, rounded down.
        lost: Whether the kept goods no longer reach what its rule needs.
        remainders: Whether each remainder was given back.
        redemptions: Smallest steps given back of each redemption.
        tendered_minor: Of each redemption, what it had paid as a tender of what came back.
        counters: Of each posting to a hidden counter, how much of it is taken back; 0 for other postings.
        cards: Smallest steps taken back of what each gift card was sold with.
        issued: Whether each coupon that was given out is withdrawn.
        money_minor: What was paid with money for what came back.
        worth_minor: What was paid for it by whatever means.
        charged_minor: What gifts cost that are kept and no longer earned.
    """

    awards: tuple[int, ...]
    bases: tuple[int, ...]
    lost: tuple[bool, ...]
    remainders: tuple[bool, ...]
    redemptions: tuple[int, ...]
    tendered_minor: tuple[int, ...]
    counters: tuple[int, ...]
    cards: tuple[int, ...]
    issued: tuple[bool, ...]
    money_minor: int
    worth_minor: int
    charged_minor: int


def undone(
    sale: SoldSale,
    programme: Programme | None,
    returned_milli: Mapping[int, int],
    moment: Moment,
    *,
    void: bool = False,
) -> Undone:
    """Say how much is undone.

    Args:
        sale: As it was stored.
        programme: The version that sold, or None where it is not at hand: policies are then at their defaults.
        returned_milli: Line to thousandths that came back in all.
        moment: See `lost_heads`.
        void: The sale never was: everything is undone, whatever the policies say of returns.
    """
    lost = frozenset() if void else lost_heads(programme, sale, returned_milli, moment)
    return _State(sale, programme, returned_milli, lost, void=void).undone()


class _State:
    def __init__(
        self,
        sale: SoldSale,
        programme: Programme | None,
        returned_milli: Mapping[int, int],
        lost: frozenset[tuple[str, str]],
        *,
        void: bool,
    ) -> None:
        self._sale, self._programme, self._lost, self._void = sale, programme, lost, void
        self._returned = returned_milli
        self._policies = programme.policies if programme is not None else DEFAULT_POLICIES
        self._all = void or all(returned_milli.get(line.line, 0) >= line.quantity_milli for line in sale.lines)

    def undone(self) -> Undone:
        sale = self._sale
        tendered = [self._tendered(one) for one in sale.redemptions]
        worth = self._share({line.line: line.paid_minor for line in sale.lines})
        return Undone(
            awards=tuple(self._award(award) for award in sale.awards),
            bases=tuple(int(self._share(dict(award.bases))) for award in sale.awards),
            lost=tuple(self._is_lost(award) for award in sale.awards),
            remainders=tuple(self._gone(one.rule, one.unit) for one in sale.remainders),
            redemptions=tuple(self._redemption(one) for one in sale.redemptions),
            tendered_minor=tuple(int(part) for part in tendered),
            counters=tuple(self._counter(posting) for posting in sale.postings),
            cards=tuple(int(self._share({one.line: one.units})) for one in sale.sold_cards),
            issued=tuple(self._withdrawn(one) for one in sale.issued),
            money_minor=int(worth - sum(tendered, Fraction(0))),
            worth_minor=int(worth),
            charged_minor=self._charged(),
        )

    def _share(self, parts: Mapping[int, int]) -> Fraction:
        return self._sale.share(parts, self._returned)

    @property
    def _reverses(self) -> Reverses:
        return Reverses.BOTH if self._void else self._policies.return_reverses

    def _is_lost(self, award: DetailAward) -> bool:
        return ("rule", award.rule) in self._lost and not self._all

    def _award(self, award: DetailAward) -> int:
        if self._reverses is Reverses.NONE:
            return 0
        if self._all or self._is_lost(award):
            return award.amount
        return int(award.amount * self._share(dict(award.bases)) / award.base) if award.base else 0

    def _gone(self, rule: str, unit: str) -> bool:
        """Tell whether all that a rule awarded of a unit is undone."""
        if self._reverses is Reverses.NONE:
            return False
        awards = [award for award in self._sale.awards if (award.rule, award.unit) == (rule, unit)]
        return self._all or any(
            self._is_lost(award) or (award.base > 0 and self._share(dict(award.bases)) == award.base)
            for award in awards
        )

    def _redemption(self, one: DetailRedemption) -> int:
        if not one.units or one.unit is None or one.account is None or not self._restores(one):
            return 0
        if self._all or self._is_undone(one):
            return one.units
        return int(one.units * self._share(dict(one.by_line)) / _cut_minor(one)) if _cut_minor(one) else 0

    def _restores(self, one: DetailRedemption) -> bool:
        """Tell whether what was spent comes back; units that paid as a tender always do, like money."""
        if self._void or is_tender(one):
            return True
        reward = self._programme.reward(one.reward) if self._programme is not None else None
        if reward is not None and not reward.terms.restores:
            return False
        if one.unit is not None and is_coupon(one.unit):
            return self._policies.coupon_on_return is OnReturn.RESTORE
        return self._policies.return_reverses is Reverses.BOTH

    def _is_undone(self, one: DetailRedemption) -> bool:
        """Tell whether a reward has no effect any more."""
        if self._all:
            return True
        if ("reward", one.reward) in self._lost and not one.by_line:
            return not one.gifts or self._policies.gift_on_return is GiftOnReturn.CHARGE
        return _cut_minor(one) > 0 and self._share(dict(one.by_line)) == _cut_minor(one)

    def _tendered(self, one: DetailRedemption) -> Fraction:
        return self._share(dict(one.by_line)) if is_tender(one) else Fraction(0)

    def _withdrawn(self, one: DetailIssued) -> bool:
        if self._reverses is Reverses.NONE:
            return False
        return self._all or ("issuer", one.rule or "") in self._lost

    def _charged(self) -> int:
        if self._all or self._policies.gift_on_return is GiftOnReturn.KEEP:
            return 0
        lost = [one for one in self._sale.redemptions if ("reward", one.reward) in self._lost]
        return sum(one.worth_minor for one in lost if one.gifts and not one.by_line)

    def _counter(self, posting: Posting) -> int:
        kind, _, name = posting.unit.partition(".")
        counts = posting.unit == VISITS or kind in _COUNTERS
        if not counts or posting.unit in self._sale.stays or self._reverses is Reverses.NONE:
            return 0
        if self._all:
            return posting.amount
        if kind == "got":
            return self._got(posting, _counted(name))
        if kind == "budget":
            return self._budget(posting)
        if kind in ("used", "uses"):
            return posting.amount if self._has_no_effect(_counted(name)) else 0
        if kind == "seats":
            invites = [one for one in self._sale.redemptions if any(event == name for event, _ in one.seats)]
            return posting.amount if invites and all(self._is_undone(one) for one in invites) else 0
        return 0

    def _got(self, posting: Posting, rule: str) -> int:
        awards = [award for award in self._sale.awards if award.rule == rule]
        return min(posting.amount, sum(self._award(award) for award in awards))

    def _budget(self, posting: Posting) -> int:
        """Give back the share of a budget's money that is the share of the price that came back."""
        paid = {line.line: line.paid_minor for line in self._sale.lines}
        whole = sum(paid.values())
        return int(posting.amount * self._share(paid) / whole) if whole else 0

    def _has_no_effect(self, counted: str) -> bool:
        """Tell whether nothing is left of what a rule, reward or issuer did."""
        sale = self._sale
        left = [self._gone(award.rule, award.unit) for award in sale.awards if award.rule == counted and award.amount]
        left += [self._is_undone(one) for one in sale.redemptions if one.reward == counted]
        left += [self._withdrawn(one) for one in sale.issued if one.rule == counted]
        return bool(left) and all(left)


def _counted(name: str) -> str:
    """Give the rule or reward that a counter is of: its name without the day or month."""
    head, _, span = name.rpartition(".")
    return head if head and span.isdigit() else name


def _cut_minor(one: DetailRedemption) -> int:
    return sum(amount for _, amount in one.by_line)
