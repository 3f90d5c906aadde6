"""Stage 4 of a quote: by how much each line of an earning is multiplied, and by whom.

Groups, exclusiveness and combining are settled line by line: a member gets on every line the best that the rules give.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from loyalty.explain import Message
from loyalty.numbers.rates import Rate
from loyalty.policies import Combine
from loyalty.quote.rounding import Factors
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Earning, Multiplier, Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiplied:
    """What multipliers make of an earning.

    Attributes:
        factors: For each line that any of them reaches.
        used: Those that count on one of its lines, by priority, then id.
        because: What they say.
    """

    factors: Factors = field(default_factory=dict)
    used: tuple[Multiplier, ...] = ()
    because: tuple[Message, ...] = ()


_NOT_AT_ALL = Multiplied()


def multiplied(earning: Earning, working: Sequence[Multiplier], combine: Combine, situation: Situation) -> Multiplied:
    """Find what multiplies an earning.

    Args:
        earning: As its rule found it.
        working: Every multiplier whose conditions hold, by priority, then id.
        combine: How those come together that do not say so themselves.
        situation: What the lines are looked up in.
    """
    found = [one for one in working if one.applies_to(earning)] if earning.multiplied else []
    if not found:
        return _NOT_AT_ALL
    known = situation.once(("multipliers", *[one.head.id for one in found]), lambda: _lines(found, combine, situation))
    by_line, rates, said = known
    reached = {line: by_line[line] for line, _ in earning.bases if line in by_line}
    if not reached:
        return _NOT_AT_ALL
    used = sorted(set().union(*set(reached.values())))
    return Multiplied(
        factors={line: rates[places] for line, places in reached.items()},
        used=tuple([found[place] for place in used]),
        because=tuple([said[place] for place in used]),
    )


def _lines(
    found: Sequence[Multiplier], combine: Combine, situation: Situation
) -> tuple[Mapping[int, tuple[int, ...]], Mapping[tuple[int, ...], Rate], Sequence[Message]]:
    """Give for each line that any reaches the places in ``found`` of those that count there, and the rate of each set."""
    reaching: dict[int, list[int]] = {}
    for place, one in enumerate(found):
        for line in situation.select(one.head.goods):
            reaching.setdefault(line.line, []).append(place)
    kept: dict[tuple[int, ...], tuple[int, ...]] = {}
    by_line = {}
    for number, places in reaching.items():
        at = tuple(places)
        if at not in kept:
            kept[at] = _kept(at, found)
        by_line[number] = kept[at]
    rates = {places: _combined([found[place] for place in places], combine) for places in kept.values()}
    return by_line, rates, [one.explain() for one in found]


def _kept(places: tuple[int, ...], found: Sequence[Multiplier]) -> tuple[int, ...]:
    """Keep of each group the one that it is for, and nothing that comes after an exclusive one."""
    groups: dict[str, int] = {}
    for place in places:
        group = found[place].head.group
        if group is not None and _replaces(found[place], found[groups.setdefault(group, place)]):
            groups[group] = place
    kept = []
    for place in places:
        head = found[place].head
        if head.group is None or groups[head.group] == place:
            kept.append(place)
            if head.exclusive:
                break
    return tuple(kept)


def _replaces(one: Multiplier, before: Multiplier) -> bool:
    if one.head.pick is Pick.BEST:
        return one.rate.numerator * before.rate.denominator > before.rate.numerator * one.rate.denominator
    return one.head.pick is Pick.LAST


def _combined(kept: Sequence[Multiplier], usual: Combine) -> Rate:
    """Multiply what compounds with one and all that is added, so that no order matters."""
    added = compounded = Fraction(1)
    for one in kept:
        if (one.combine or usual) is Combine.ADDITIVE:
            added += one.rate.fraction - 1
        else:
            compounded *= one.rate.fraction
    whole = max(Fraction(0), added) * compounded
    return Rate.of(whole.numerator, whole.denominator)
