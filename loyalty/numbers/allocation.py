"""Splitting an amount over lines so that the parts sum exactly."""

from collections.abc import Sequence
from enum import StrEnum

from loyalty.numbers.limits import require


class OddMinor(StrEnum):
    """Which parts get the steps that are left when an amount is split."""

    LARGEST_REMAINDER = "largest_remainder"
    FIRST = "first"
    LAST = "last"


def allocate(
    amount: int, weights: Sequence[tuple[int, int]], odd: OddMinor = OddMinor.LARGEST_REMAINDER
) -> tuple[tuple[int, int], ...]:
    """Split ``amount`` over (line, weight) pairs; the odd steps go by largest remainder, ties by line number.

    No part exceeds its weight when ``amount`` does not exceed the sum of the weights.

    Args:
        amount: What to split, >= 0.
        weights: (line, weight >= 0) pairs, lines unique; the weights sum to more than 0 unless ``amount`` is 0.
        odd: Who gets the odd steps otherwise: the first lines, or the last, of those with a remainder.

    Returns:
        (line, part) pairs sorted by line, zero parts left out, summing to ``amount``.
    """
    whole = sum(weight for _, weight in weights)
    require(amount >= 0 and (whole > 0 or amount == 0), "nothing to split over")
    if amount == 0:
        return ()
    parts = {line: amount * weight // whole for line, weight in weights}
    short = amount - sum(parts.values())
    if short:
        for line in _odd_lines(amount, whole, weights, odd)[:short]:
            parts[line] += 1
    return tuple((line, part) for line, part in sorted(parts.items()) if part)


def allocate_within(
    amount: int, shares: Sequence[tuple[int, int, int]], odd: OddMinor = OddMinor.LARGEST_REMAINDER
) -> tuple[tuple[int, int], ...]:
    """Split up to ``amount`` over (line, weight, room) triples; what exceeds a line's room goes to the others.

    Returns:
        (line, part) pairs sorted by line, no part above its room, zero parts left out. They sum to ``amount``, or to
        the room of the lines that have a weight where that is less.
    """
    full: dict[int, int] = {}
    open_shares = [(line, weight, room) for line, weight, room in shares if weight > 0 and room > 0]
    left = min(amount, sum(room for _, _, room in open_shares))
    while True:
        parts = allocate(left, [(line, weight) for line, weight, _ in open_shares], odd) if left else ()
        rooms = {line: room for line, _, room in open_shares}
        over = {line for line, part in parts if part > rooms[line]}
        if not over:
            return tuple(sorted((full | dict(parts)).items()))
        full |= {line: rooms[line] for line in over}
        left -= sum(rooms[line] for line in over)
        open_shares = [share for share in open_shares if share[0] not in over]


def _odd_lines(amount: int, whole: int, weights: Sequence[tuple[int, int]], odd: OddMinor) -> list[int]:
    rests = [(amount * weight % whole, line) for line, weight in weights]
    if odd is OddMinor.LARGEST_REMAINDER:
        return [line for _, line in sorted(rests, key=lambda pair: (-pair[0], pair[1]))]
    return sorted((line for rest, line in rests if rest), reverse=odd is OddMinor.LAST)
