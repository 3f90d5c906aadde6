"""The bill while rewards are at work: what is left to pay of each line, and which pieces are taken already.

Source: docs/SPEC-programme.md, section "Discounts".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

from loyalty.basket import Basket, BasketLine
from loyalty.numbers.allocation import allocate, allocate_within
from loyalty.numbers.rates import Rounding, round_fraction
from loyalty.programme.policies import HostDiscounts, Policies, RoundDiscounts, Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a reward takes off the bill.

    Attributes:
        by_line: (line, minor units), by line, none zero.
        free: (line, thousandths) of pieces that are given away or sold as a set, by line; no later reward counts them.
        exact: What was asked before it was rounded, by line; None where nothing was rounded.
        lost_minor: What no line could give.
    """

    by_line: tuple[tuple[int, int], ...] = ()
    free: tuple[tuple[int, int], ...] = ()
    exact: tuple[tuple[int, Fraction], ...] | None = None
    lost_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """What is taken off in all."""
        return sum(amount for _, amount in self.by_line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What rewards left of a basket.

    Attributes:
        left: Line to what is still to be paid for it, deposits included.
        taken_milli: Line to thousandths that were given away or sold in a set.
        exact: Line to what is left unrounded; kept where percentages are rounded once, else empty.
        cut_minor: What was taken off so far.
        credit_minor: The basket's own credit.
    """

    basket: Basket
    policies: Policies
    left: Mapping[int, int]
    taken_milli: Mapping[int, int]
    exact: Mapping[int, Fraction]
    cut_minor: int = 0

    @classmethod
    def of(cls, basket: Basket, policies: Policies) -> Self:
        """Begin: nothing is taken off yet, and what is handed out for a reward costs nothing."""
        late = policies.host_discounts is HostDiscounts.AFTER_REWARDS
        left = {line.line: _begins_at(line, late) for line in basket.lines}
        once = policies.round_discounts is RoundDiscounts.ONCE
        exact = {number: Fraction(amount) for number, amount in left.items()} if once else {}
        return cls(basket=basket, policies=policies, left=left, taken_milli={}, exact=exact)

    @property
    def total_minor(self) -> int:
        """What is left to pay, the basket's credit taken off, never below zero."""
        return max(0, sum(self.left.values()) - self.basket.credit_minor)

    def free_pieces(self, line: BasketLine) -> int:
        """Give how many pieces of a line no reward has taken yet; what is weighed is one piece, all or nothing."""
        taken = self.taken_milli.get(line.line, 0)
        if line.quantity_milli % 1000:
            return 0 if taken else 1
        return (line.quantity_milli - taken) // 1000

    def open_minor(self, line: BasketLine) -> int:
        """Give what rewards may still look at of a line: what is left to pay without its deposit."""
        return max(0, self.left[line.line] - line.deposit_minor)

    def room_minor(self, line: BasketLine) -> int:
        """Give the most that may be taken off a line: down to its floor, its deposit and the policy's least charge."""
        left = self.left[line.line]
        lowest = max(line.floor_minor, line.deposit_minor, min(self.policies.line_floor_minor, left))
        return max(0, left - lowest)

    def price(self, line: BasketLine, pieces: int) -> Fraction:
        """Give the exact price of ``pieces`` pieces that no reward has taken yet."""
        free = self.free_pieces(line)
        return Fraction(self.open_minor(line) * pieces, free) if free else Fraction(0)

    def spread(
        self, amount_minor: int, lines: Sequence[BasketLine], weights: Mapping[int, int] | None = None
    ) -> tuple[tuple[int, int], ...]:
        """Split up to ``amount_minor`` over ``lines``, none falling below what it may be sold for.

        Shares are in proportion to what is left of the lines (or to ``weights``); what a line cannot take goes to the
        others. Less than ``amount_minor`` comes out where the lines have no room for it, or where amounts must divide.
        """
        most = max(0, min(amount_minor, self.total_minor))
        shares = weights if weights is not None else {line.line: self.open_minor(line) for line in lines}
        parts = allocate_within(
            most,
            [(line.line, shares.get(line.line, 0), self.room_minor(line)) for line in lines],
            self.policies.odd_minor,
        )
        return self.divisible(parts) if self.policies.divisible_lines else parts

    def divisible(self, parts: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        """Lessen parts until what is left of each line divides by its pieces, as registers that print a price need."""
        lines = {line.line: line for line in self.basket.lines}
        kept = []
        for number, part in parts:
            over = (self.left[number] - part) % lines[number].pieces
            up = (lines[number].pieces - over) % lines[number].pieces
            if part - up > 0:
                kept.append((number, part - up))
        return tuple(kept)

    def percent(self, rate: Fraction, lines: Sequence[BasketLine], rounding: Rounding, most_minor: int | None) -> Cut:
        """Take a share of what is left of ``lines``, rounded once over all of them."""
        asked = {line.line: self._exact_open(line) * rate for line in lines}
        whole = sum(asked.values(), Fraction(0))
        amount = self._rounded(whole, rounding)
        if most_minor is not None and amount > most_minor:
            amount, asked = most_minor, {}
        by_line = self.spread(amount, lines) if self._hands_on else self._in_place(amount, lines)
        exact = tuple(sorted(asked.items())) if asked and self.exact else None
        return Cut(by_line=by_line, exact=exact, lost_minor=amount - sum(part for _, part in by_line))

    def cut(self, cut: Cut) -> Self:
        """Give the bill after ``cut``."""
        left, taken, exact = dict(self.left), dict(self.taken_milli), dict(self.exact)
        for number, amount in cut.by_line:
            left[number] -= amount
        for number, milli in cut.free:
            taken[number] = taken.get(number, 0) + milli
        if exact:
            for number, part in cut.exact if cut.exact is not None else cut.by_line:
                exact[number] -= part
        return replace(self, left=left, taken_milli=taken, exact=exact, cut_minor=self.cut_minor + cut.amount_minor)

    def closed(self) -> Self:
        """Give the bill after the host's own discounts, where they come last: the same share of what is left."""
        if self.policies.host_discounts is HostDiscounts.BEFORE_REWARDS:
            return self
        left = {line.line: _after_host(line, self.left[line.line]) for line in self.basket.lines}
        return replace(self, left=left)

    @property
    def _hands_on(self) -> bool:
        return self.policies.spread is Spread.REDISTRIBUTE

    def _in_place(self, amount_minor: int, lines: Sequence[BasketLine]) -> tuple[tuple[int, int], ...]:
        """Split by line without handing on what a line cannot take."""
        weights = [(line.line, self.open_minor(line)) for line in lines]
        parts = dict(
            allocate(min(amount_minor, sum(weight for _, weight in weights)), weights, self.policies.odd_minor)
        )
        kept = [(line.line, min(parts.get(line.line, 0), self.room_minor(line))) for line in lines]
        within = tuple((number, part) for number, part in sorted(kept) if part)
        return self.divisible(within) if self.policies.divisible_lines else within

    def _exact_open(self, line: BasketLine) -> Fraction:
        if not self.exact:
            return Fraction(self.open_minor(line))
        return max(Fraction(0), self.exact[line.line] - line.deposit_minor)

    def _rounded(self, whole: Fraction, rounding: Rounding) -> int:
        if not self.exact:
            return round_fraction(whole, rounding)
        so_far = sum(self.exact.values(), Fraction(0))
        return sum(self.left.values()) - round_fraction(so_far - whole, rounding)


def _begins_at(line: BasketLine, before_host: bool) -> int:
    if line.gift is not None:
        return 0
    return line.amount_minor + (line.discount_minor if before_host else 0)


def _after_host(line: BasketLine, left: int) -> int:
    before = line.amount_minor + line.discount_minor
    return round_fraction(Fraction(left * line.amount_minor, before), Rounding.HALF_UP) if before else 0
