"""Sets of pieces: which ones are paid, which ones come for less, and how many sets there are.

Counts pieces in stacks, never one by one, so that a line of a million pieces costs no more than one of three.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from loyalty.rules.rewards.pieces import Picked, Stack, count_of, pick, value_of, without


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """What a reward's sets are made of.

    Attributes:
        times: How many sets.
        paid: Pieces that are paid in full.
        free: Pieces that come for nothing, or for less.
    """

    times: int = 0
    paid: Picked = ()
    free: Picked = ()


NO_SET = Sets()


def joined(one: Sets, other: Sets) -> Sets:
    """Put sets of different pieces together."""
    return Sets(times=one.times + other.times, paid=one.paid + other.paid, free=one.free + other.free)


def paid_alone(buys: Sequence[Stack], buy: int, most: int) -> Sets:
    """Make sets of ``buy`` pieces, the dearest first; what comes for them is not in the basket."""
    times = min(most, count_of(buys) // buy)
    return Sets(times=times, paid=pick(buys[::-1], times * buy)) if times else NO_SET


def by_count(buys: Sequence[Stack], gets: Sequence[Stack], buy: int, get: int, most: int) -> Sets:
    """Make up to ``most`` sets of ``buy`` pieces that are paid and ``get`` that are free; the last may have fewer free.

    Args:
        buys: What may be paid, the cheapest first.
        gets: What may be free, the cheapest first; pieces of the same lines are the same pieces.
        buy: Pieces to pay in a set, >= 0.
        get: Pieces that are free in a set, > 0.
        most: Most sets.

    Returns:
        The dearest pieces are paid, those first that cannot be free; of the others the cheapest are free.
    """
    free_lines, paid_lines = {one.line.line for one in gets}, {one.line.line for one in buys}
    alone = [one for one in buys if one.line.line not in free_lines]
    both = [one for one in buys if one.line.line in free_lines]
    only_free = count_of(one for one in gets if one.line.line not in paid_lines)
    count_alone, count_both = count_of(alone), count_of(both)

    def possible(times: int) -> bool:
        needed = max(0, times * buy - count_alone)
        return needed <= count_both and only_free + count_both - needed > (times - 1) * get

    times = _most(possible, most)
    if not times:
        return NO_SET
    paid = pick(alone[::-1], times * buy)
    paid += pick(both[::-1], times * buy - sum(count for _, count in paid))
    return Sets(times=times, paid=paid, free=pick(without(gets, paid), times * get))


def by_spend(found: Sequence[Stack], least_minor: int, get: int, most: int) -> Sets:
    """Make up to ``most`` sets that come to ``least_minor``: the cheapest pieces, free, and the dearest ones."""
    sets, left = NO_SET, list(found)
    while sets.times < most:
        free = pick(left, get)
        rest = without(left, free)
        paid = _reaching(rest[::-1], least_minor - value_of(free))
        if paid is None or not free:
            break
        sets = joined(sets, Sets(times=1, paid=paid, free=free))
        left = without(rest, paid)
    return sets


def _reaching(found: Sequence[Stack], least: Fraction) -> Picked | None:
    """Take pieces in their order until they come to ``least``; None where all of them do not."""
    picked: list[tuple[Stack, int]] = []
    for one in found:
        if least <= 0:
            break
        count = min(one.count, -(-least // one.price))
        picked.append((one, count))
        least -= one.price * count
    return tuple(picked) if least <= 0 else None


def _most(possible: Callable[[int], bool], most: int) -> int:
    """Find the largest number up to ``most`` that is possible; a smaller one always is."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if possible(middle):
            low = middle
        else:
            high = middle - 1
    return low
