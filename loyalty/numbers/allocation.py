"""Splitting an amount over lines so that the parts sum exactly."""

from collections.abc import Sequence

from loyalty.numbers.limits import require


def allocate(amount: int, weights: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Split ``amount`` over (line, weight) pairs by largest remainder, ties by line number.

    No part exceeds its weight when ``amount`` does not exceed the sum of the weights.

    Args:
        amount: What to split, >= 0.
        weights: (line, weight >= 0) pairs, lines unique; the weights sum to more than 0 unless ``amount`` is 0.

    Returns:
        (line, part) pairs sorted by line, zero parts left out, summing to ``amount``.
    """
    whole = sum(weight for _, weight in weights)
    require(amount >= 0 and (whole > 0 or amount == 0), "nothing to split over")
    if amount == 0:
        return ()
    parts = {line: amount * weight // whole for line, weight in weights}
    rests = sorted(weights, key=lambda pair: (-(amount * pair[1] % whole), pair[0]))
    for line, _ in rests[: amount - sum(parts.values())]:
        parts[line] += 1
    return tuple((line, part) for line, part in sorted(parts.items()) if part)
