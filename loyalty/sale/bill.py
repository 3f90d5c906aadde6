"""The bill while rewards are at work: what is left to pay of each line, and which pieces are taken already.

Source: docs/SPEC-programme.md, section "Discounts".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Self

from loyalty.numbers.allocation import allocate, allocate_within
from loyalty.numbers.rates import Rate, Rounding, round_fraction, total
from loyalty.parts.policies import HostDiscounts, Policies, RoundDiscounts, Spread
from loyalty.sale.basket import Basket, BasketLine
from loyalty.sale.rounds import RoundAt, Rounds
from loyalty.sale.wishes import Part, Wanted, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a reward takes off the bill.

    Attributes:
        by_line: (line, minor units), by line, none zero.
        free: (line, thousandths) of pieces that are given away, by line.
        counted: (line, thousandths) of pieces that a set used up, free and paid ones; no later reward counts them.
        of_pieces: What was taken off came from pieces that no reward had taken before, rather than from whole lines.
        exact: What was asked before it was rounded, by line; None where nothing was rounded.
        lost_minor: What no line could give.
    """

    by_line: tuple[tuple[int, int], ...] = ()
    free: tuple[tuple[int, int], ...] = ()
    counted: tuple[tuple[int, int], ...] = ()
    of_pieces: bool = False
    exact: tuple[tuple[int, Fraction], ...] | None = None
    lost_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """What is taken off in all."""
        return sum([amount for _, amount in self.by_line])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What rewards left of a basket.

    Attributes:
        left: Line to what is still to be paid for it, deposits included.
        taken_milli: Line to thousandths that a set used up.
        taken_minor: Line to what is left to pay of those.
        exact: Line to what is left unrounded; kept where percentages are rounded once, else empty.
        ended: Nothing is taken off any more; the host's own discounts, where they come last, are off too.
    """

    basket: Basket
    policies: Policies
    left: Mapping[int, int]
    taken_milli: Mapping[int, int] = field(default_factory=dict)
    taken_minor: Mapping[int, Fraction] = field(default_factory=dict)
    exact: Mapping[int, Fraction]
    ended: bool = False

    @classmethod
    def of(cls, basket: Basket, policies: Policies) -> Self:
        """Begin: nothing is taken off yet, and what is handed out for a reward costs nothing."""
        late = policies.host_discounts is HostDiscounts.AFTER_REWARDS
        left = {line.line: _begins_at(line, late) for line in basket.lines}
        once = policies.round_discounts is RoundDiscounts.ONCE
        exact = {number: Fraction(amount) for number, amount in left.items()} if once else {}
        return cls(basket=basket, policies=policies, left=left, exact=exact)

    @property
    def total_minor(self) -> int:
        """What is left to pay, the basket's credit taken off, never below zero."""
        return max(0, sum(self.left.values()) - self.basket.credit_minor)

    def free_pieces(self, line: BasketLine) -> int:
        """Give how many pieces of a line no set has used up yet; what is weighed is one piece, all or nothing."""
        taken = self.taken_milli.get(line.line, 0)
        if line.quantity_milli % 1000:
            return 0 if taken else 1
        return max(0, line.quantity_milli - taken) // 1000

    def open_minor(self, line: BasketLine) -> int:
        """Give what rewards may still look at of a line: what is left to pay without its deposit."""
        left = self.left[line.line]
        return max(0, left - line.deposit_minor) if line.deposit_minor else left

    def room_minor(self, line: BasketLine) -> int:
        """Give the most that may be taken off a line: down to its floor, its deposit and the policy's least charge."""
        left = self.left[line.line]
        if not (line.floor_minor or line.deposit_minor or self.policies.line_floor_minor):
            return left
        lowest = max(line.floor_minor, line.deposit_minor, min(self.policies.line_floor_minor, left))
        return max(0, left - lowest)

    def pieces(self, line: BasketLine) -> tuple[int, int, int]:
        """Give the exact price of a piece that no set has used up yet, as (numerator, denominator), and how many are."""
        free = self.free_pieces(line)
        if not free:
            return 0, 1, 0
        if line.line not in self.taken_minor:
            return self.open_minor(line), free, free
        value = max(Fraction(0), self.open_minor(line) - self.taken_minor[line.line]) / free
        return value.numerator, value.denominator, free

    def price(self, line: BasketLine, pieces: int) -> Fraction:
        """Give the exact price of ``pieces`` pieces that no set has used up yet."""
        numerator, denominator, _ = self.pieces(line)
        return Fraction(numerator * pieces, denominator)

    def share(self, rate: Rate, lines: Sequence[BasketLine]) -> Wish:
        """Ask for a share of all that is left of ``lines``."""
        if self.exact:
            found = [(line, max(Fraction(0), self.exact[line.line] - line.deposit_minor)) for line in lines]
            share = rate.fraction
            return Wish.of(
                Wanted(line=line, exact=value * share, value=value, pieces=line.pieces)
                for line, value in found
                if value
            )
        numerator, denominator = rate.numerator, rate.denominator
        opens = [(line, self.open_minor(line)) for line in lines]
        parts = [Part(line, amount * numerator, amount * denominator, line.pieces) for line, amount in opens if amount]
        return Wish(parts=tuple(parts), scale=denominator)

    def lower(self, wish: Wish, rounds: Rounds, most_minor: int | None = None) -> Cut:
        """Take off what is asked, rounded as ``rounds`` says and at most ``most_minor``.

        No line falls below what it may be sold for; what one cannot give, the others do, where the policy says so.
        """
        wanted = self._wanted(wish, rounds)
        amount = sum(wanted.values())
        allowed = min(amount, self.total_minor, *([most_minor] if most_minor is not None else []))
        if allowed < amount:
            wanted = dict(allocate(allowed, list(wanted.items()), self.policies.odd_minor)) if allowed else {}
        parts = self._fitted(wanted, wish)
        by_line = tuple(sorted((number, part) for number, part in parts.items() if part))
        if self.policies.divisible_lines:
            by_line = self.divisible(by_line)
        exact = self._exact_cut(dict(by_line), wish) if allowed == amount else None
        return Cut(by_line=by_line, exact=exact, lost_minor=amount - sum(part for _, part in by_line))

    def spread(self, amount_minor: int, lines: Sequence[BasketLine]) -> tuple[tuple[int, int], ...]:
        """Split up to ``amount_minor`` over ``lines``, none falling below what it may be sold for.

        Shares are in proportion to what is left of the lines; what a line cannot take goes to the others. Less than
        ``amount_minor`` comes out where the lines have no room for it, or where amounts must divide.
        """
        most = max(0, min(amount_minor, self.total_minor))
        shares = [(line.line, self.open_minor(line), self.room_minor(line)) for line in lines]
        parts = allocate_within(most, shares, self.policies.odd_minor)
        return self.divisible(parts) if self.policies.divisible_lines else parts

    def divisible(self, parts: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        """Change parts until what is left of each line divides by its pieces, as registers that print a price need.

        A part gets smaller where it must; what is missing then is taken off lines of one piece, which always divide.
        """
        lines = {line.line: line for line in self.basket.lines}
        kept: dict[int, int] = {}
        for number, part in parts:
            over = (self.left[number] - part) % lines[number].pieces
            up = (lines[number].pieces - over) % lines[number].pieces
            kept[number] = max(0, part - up)
        missing = sum(part for _, part in parts) - sum(kept.values())
        for number, _ in parts:
            if missing and lines[number].pieces == 1:
                more = min(missing, self.room_minor(lines[number]) - kept[number])
                kept[number] += max(0, more)
                missing -= max(0, more)
        return tuple((number, part) for number, part in kept.items() if part)

    def cut(self, cut: Cut) -> Self:
        """Give the bill after ``cut``."""
        left, exact = dict(self.left), dict(self.exact)
        for number, amount in cut.by_line:
            left[number] -= amount
        if exact:
            for number, part in cut.exact if cut.exact is not None else cut.by_line:
                exact[number] -= part
        taken = dict(self.taken_milli)
        for number, milli in cut.counted:
            taken[number] = taken.get(number, 0) + milli
        return replace(
            self,
            left=left,
            exact=exact,
            taken_milli=taken,
            taken_minor=self._taken_after(cut),
        )

    def closed(self) -> Self:
        """Give the bill when rewards are done: the host's own discounts, where they come last, take their share too."""
        if self.ended:
            return self
        if self.policies.host_discounts is HostDiscounts.BEFORE_REWARDS:
            return replace(self, ended=True)
        left = {line.line: _after_host(line, self.left[line.line]) for line in self.basket.lines}
        return replace(self, left=left, ended=True)

    def charged(self, amounts: Mapping[int, int]) -> Self:
        """Give the bill with these lines at what the host asks for them: they are said to be gifts, and are none."""
        return replace(self, left={**self.left, **amounts}) if amounts else self

    def _wanted(self, wish: Wish, rounds: Rounds) -> dict[int, int]:
        """Round what is asked, over the sale, line by line or piece by piece."""
        if rounds.at is RoundAt.SALE:
            wants = sum(part.wants for part in wish.parts)
            worth = sum(part.worth for part in wish.parts)
            amount = self._once(wish, rounds) if self.exact else rounds.minor(wants, worth, wish.scale)
            weights = [(part.line.line, part.wants) for part in wish.parts]
            return dict(allocate(amount, weights, self.policies.odd_minor)) if amount and wants else {}
        found: dict[int, int] = {}
        for part in wish.parts:
            pieces = part.pieces if rounds.at is RoundAt.ITEM and part.pieces else 1
            found[part.line.line] = rounds.minor(part.wants, part.worth, wish.scale * pieces) * pieces
        return found

    def _once(self, wish: Wish, rounds: Rounds) -> int:
        """Round what is left after it all rather than each discount, so that roundings do not add up."""
        left = total(self.exact.values()) - wish.exact
        return max(0, sum(self.left.values()) - round_fraction(left, rounds.of_price))

    def _fitted(self, wanted: Mapping[int, int], wish: Wish) -> dict[int, int]:
        """Bring every part within the room of its line, and hand the rest on where the policy says so."""
        rooms = {part.line.line: min(self.room_minor(part.line), -(-part.worth // wish.scale)) for part in wish.parts}
        parts = {number: min(part, rooms[number]) for number, part in wanted.items()}
        rest = sum(wanted.values()) - sum(parts.values())
        if not rest or self.policies.spread is Spread.PER_LINE:
            return parts
        shares = [(part.line.line, part.wants, rooms[part.line.line]) for part in wish.parts]
        return dict(allocate_within(sum(wanted.values()), shares, self.policies.odd_minor))

    def _exact_cut(self, parts: Mapping[int, int], wish: Wish) -> tuple[tuple[int, Fraction], ...] | None:
        """Give what was asked, where percentages are rounded once and every line gave it."""
        if not self.exact:
            return None
        asked = [(part.line.line, Fraction(part.wants, wish.scale)) for part in wish.parts]
        if any(abs(parts.get(number, 0) - exact) >= 2 for number, exact in asked):
            return None
        return tuple(sorted(asked))

    def _taken_after(self, cut: Cut) -> Mapping[int, Fraction]:
        """Give what is left to pay of the pieces that sets used up: a set's own cut is theirs, others touch all alike."""
        if not cut.counted and (not self.taken_minor or cut.of_pieces):
            return self.taken_minor
        taken, parts = dict(self.taken_minor), dict(cut.by_line)
        if cut.counted:
            lines = {line.line: line for line in self.basket.lines}
            for number, milli in cut.counted:
                value = self.price(lines[number], max(1, milli // 1000)) - parts.get(number, 0)
                taken[number] = taken.get(number, Fraction(0)) + max(Fraction(0), value)
        else:
            for line in self.basket.lines:
                if line.line in taken and line.line in parts and (before := self.open_minor(line)):
                    taken[line.line] *= Fraction(max(0, before - parts[line.line]), before)
        return taken


def _begins_at(line: BasketLine, before_host: bool) -> int:
    if line.gift is not None:
        return 0
    return line.amount_minor + (line.discount_minor if before_host else 0)


def _after_host(line: BasketLine, left: int) -> int:
    """Take the host's share off what rewards left of a line, deposits aside, and not below the line's floor."""
    now, before = line.amount_minor - line.deposit_minor, line.amount_minor + line.discount_minor - line.deposit_minor
    if before <= 0 or left <= line.deposit_minor:
        return left
    share = round_fraction(Fraction((left - line.deposit_minor) * now, before), Rounding.HALF_UP)
    return max(share + line.deposit_minor, min(left, line.floor_minor))
