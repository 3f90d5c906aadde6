"""A tier's multiplier: members of one tier earn more of a unit."""

from dataclasses import dataclass, replace

from loyalty.explain import Names, message
from loyalty.numbers.rates import Rate
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.rules.stages import Earning, Scope, Situation

KIND = "tier_multiplier"
_SCALE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TierMultiplier:
    """Earnings of ``unit`` count ``multiplier`` times for members of ``tier``."""

    id: str
    unit: str
    tier: str
    tier_names: Names
    multiplier: Rate

    def multiply(self, earning: Earning, situation: Situation) -> Earning:
        """Multiply the rate of an earning where the member is of the tier."""
        if situation.standing is None or situation.standing.tier != self.tier or earning.unit.id != self.unit:
            return earning
        said = message("explain.tier_multiplier", multiplier=self.multiplier, tier=self.tier_names)
        return replace(earning, rate=earning.rate * self.multiplier, because=(*earning.because, said))


def read(table: Table, scope: Scope) -> TierMultiplier:
    """Read a ``[[rule]]`` of this kind."""
    unit, tier = table.text("unit", "points"), table.text("tier")
    if unit not in scope.units:
        table.note("unit", "names no [[unit]] of this programme", ProblemCode.UNKNOWN_REFERENCE)
    if tier and tier not in scope.tiers:
        table.note("tier", "names no [[tier]] of this programme", ProblemCode.UNKNOWN_REFERENCE)
    steps = table.scaled("multiplier", _SCALE, least=1)
    return TierMultiplier(
        id=table.text("id"),
        unit=unit,
        tier=tier,
        tier_names=scope.tiers.get(tier, Names(by_language=(("en", tier),))),
        multiplier=Rate.of(steps, 10**_SCALE),
    )
