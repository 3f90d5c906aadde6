"""A draft beside the programme in force: what changes, for whom, and what it takes to pay for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from hq.simulation.values import Benefit, Simulated
from loyalty.numbers.limits import require
from loyalty.numbers.rates import Rounding, round_fraction

_NOBODY = Benefit()
_MEMBERS_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How one member's benefit changes, in minor units."""

    member: bytes
    before_minor: int
    after_minor: int

    @property
    def change_minor(self) -> int:
        """More with the draft, or less."""
        return self.after_minor - self.before_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """How much more must be sold for a programme to pay for itself, at one margin.

    Attributes:
        margin_percent: Of each extra sale, what is left after the goods are paid for.
        sales_minor: The extra sales that it takes.
        permille: The same in thousandths of the past sales.
    """

    margin_percent: int
    sales_minor: int
    permille: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a draft changes.

    Attributes:
        draft: What it came to.
        current: What the programme in force came to, or None where there is none: then all is new.
        winners: Members who have more with the draft; ``losers`` have less, ``same`` neither.
        most_won: The members who win most, largest first; ``most_lost`` lose most.
        break_even: At several margins; of what the draft costs more than the programme in force.
    """

    draft: Simulated
    current: Simulated | None
    winners: int
    losers: int
    same: int
    most_won: tuple[Shift, ...]
    most_lost: tuple[Shift, ...]
    break_even: tuple[BreakEven, ...]

    @property
    def extra_minor(self) -> int:
        """What the draft gives and promises more."""
        return self.draft.burden_minor - (self.current.burden_minor if self.current is not None else 0)


def compare(draft: Simulated, current: Simulated | None, margins: tuple[int, ...]) -> Comparison:
    """Put a draft beside the programme in force.

    Args:
        draft: What the draft came to.
        current: The programme in force over the same past, or None.
        margins: Whole percents, 1 to 100, at which the break-even is told; nobody knows what members will buy more,
            so the answer is what they would have to.
    """
    require(all(1 <= margin <= 100 for margin in margins), "a margin is 1 to 100 percent")
    shifts = _shifts(draft.benefits, current.benefits if current is not None else {})
    won = sorted((one for one in shifts if one.change_minor > 0), key=lambda one: (-one.change_minor, one.member))
    lost = sorted((one for one in shifts if one.change_minor < 0), key=lambda one: (one.change_minor, one.member))
    extra = draft.burden_minor - (current.burden_minor if current is not None else 0)
    return Comparison(
        draft=draft,
        current=current,
        winners=len(won),
        losers=len(lost),
        same=len(shifts) - len(won) - len(lost),
        most_won=tuple(won[:_MEMBERS_NAMED]),
        most_lost=tuple(lost[:_MEMBERS_NAMED]),
        break_even=tuple(_break_even(extra, draft.sales_minor, margin) for margin in margins),
    )


def _shifts(after: Mapping[bytes, Benefit], before: Mapping[bytes, Benefit]) -> list[Shift]:
    return [
        Shift(
            member=member,
            before_minor=before.get(member, _NOBODY).total_minor,
            after_minor=after.get(member, _NOBODY).total_minor,
        )
        for member in sorted({*after, *before})
    ]


def _break_even(extra_minor: int, sales_minor: int, margin: int) -> BreakEven:
    needed = max(0, round_fraction(Fraction(extra_minor * 100, margin), Rounding.CEILING))
    share = round_fraction(Fraction(needed * 1000, sales_minor), Rounding.CEILING) if sales_minor else 0
    return BreakEven(margin_percent=margin, sales_minor=needed, permille=share)
