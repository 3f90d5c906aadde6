"""Stage 4 of a quote: by how much each line of an earning is multiplied, and by whom.

Groups, exclusiveness and combining are settled line by line: a member gets on every line the best that the rules give.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from loyalty.explain import Message
from loyalty.numbers.rates import ONE, Rate
from loyalty.parts.policies import Combine
from loyalty.quote.rounding import Factors, Sums
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Earning, Multiplier, Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiplied:
    """What multipliers make of an earning.

    Attributes:
        factors: For each line of the basket that any of them reaches.
        sums: (factor, the sum of the bases that it is for); there are few, however many lines there are.
        used: Those that count on a line of the earning, by priority, then id.
        parts: The sum of the bases that each of ``used`` is for.
        because: What they say.
    """

    factors: Factors
    sums: Sums
    used: tuple[Multiplier, ...] = ()
    parts: tuple[int, ...] = ()
    because: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """Where some multipliers count: the places in ``found`` of those that count on a line, and the rate of each set."""

    found: Sequence[Multiplier]
    places: Mapping[int, tuple[int, ...]]
    rates: Mapping[tuple[int, ...], Rate]
    factors: Factors
    said: Sequence[Message]


class Working:
    """The multipliers whose conditions hold in a quote, by priority, then id; each unit's are found once."""

    __slots__ = ("_combine", "_of_some", "_of_units", "_situation")

    def __init__(self, found: Sequence[Multiplier], combine: Combine, situation: Situation) -> None:
        """Begin; ``combine`` is how those come together that do not say so themselves."""
        self._combine, self._situation = combine, situation
        self._of_units: dict[str, list[Multiplier]] = {}
        for one in found:
            self._of_units.setdefault(one.unit, []).append(one)
        self._of_some = {one.unit for one in found if one.of_rules}

    def multiplied(self, earning: Earning) -> Multiplied:
        """Find what multiplies an earning, as its rule found it."""
        found = self._of_units.get(earning.unit.id)
        if not found or not earning.multiplied:
            return Multiplied(factors={}, sums=((ONE, earning.base),))
        key: tuple[str, ...] = (earning.unit.id,)
        if earning.unit.id in self._of_some:
            found = [one for one in found if not one.of_rules or earning.rule in one.of_rules]
            key = (earning.unit.id, *[one.head.id for one in found if one.of_rules])
        situation = self._situation
        reach = situation.once(("multipliers", key), lambda: _reach(found, self._combine, situation))
        return situation.once(("multiplied", key, earning.bases), lambda: _of_bases(earning.bases, reach))


def _of_bases(bases: Sequence[tuple[int, int]], reach: _Reach) -> Multiplied:
    sums: dict[tuple[int, ...], int] = {}
    for line, base in bases:
        at = reach.places.get(line, ())
        sums[at] = sums.get(at, 0) + base
    used = sorted(set().union(*sums))
    return Multiplied(
        factors=reach.factors,
        sums=tuple([(reach.rates[places], base) for places, base in sums.items()]),
        used=tuple([reach.found[place] for place in used]),
        parts=tuple([sum([base for places, base in sums.items() if place in places]) for place in used]),
        because=tuple([reach.said[place] for place in used]),
    )


def _reach(found: Sequence[Multiplier], combine: Combine, situation: Situation) -> _Reach:
    reaching: dict[int, list[int]] = {}
    for place, one in enumerate(found):
        for line in situation.select(one.head.goods):
            reaching.setdefault(line.line, []).append(place)
    kept: dict[tuple[int, ...], tuple[int, ...]] = {}
    places = {}
    for number, at_line in reaching.items():
        at = tuple(at_line)
        if at not in kept:
            kept[at] = _kept(at, found)
        places[number] = kept[at]
    rates = {at: _combined([found[place] for place in at], combine) for at in kept.values()} | {(): ONE}
    factors = {number: rates[at] for number, at in places.items()}
    return _Reach(found=found, places=places, rates=rates, factors=factors, said=[one.explain() for one in found])


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
