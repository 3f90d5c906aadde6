"""A multiplier: what other rules award counts so many times, on the goods and under the conditions that it names."""

from dataclasses import dataclass

from loyalty.explain import Message, Names, message
from loyalty.numbers.rates import Rate
from loyalty.parts.policies import Combine
from loyalty.reading.tables import Table
from loyalty.rules.reading import read_head, read_unit
from loyalty.rules.scope import Scope
from loyalty.rules.stages import Head

KIND = "multiply"
_SCALE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiply:
    """Earnings of ``unit`` count ``rate`` times.

    Attributes:
        combine: How it comes together with others; None for as the policy says.
        of_rules: Only what these rules award; empty for all.
        tier: The names of the one tier that it is for, for the explanation.
    """

    head: Head
    unit: str
    rate: Rate
    combine: Combine | None
    of_rules: frozenset[str]
    tier: Names | None

    def explain(self) -> Message:
        """Say that it multiplied, and for whom."""
        if self.tier is not None:
            return message("explain.tier_multiplier", multiplier=self.rate, tier=self.tier)
        if self.head.names is not None:
            return message("explain.named_multiplier", multiplier=self.rate, rule=self.head.names)
        return message("explain.multiplier", multiplier=self.rate)


def read(table: Table, scope: Scope) -> Multiply:
    """Read a ``[[rule]]`` of this kind."""
    head = read_head(table, scope)
    if head.uses.budget is not None:
        table.table("uses").note("budget", "a multiplier draws on the budgets of the rules that it multiplies")
    (tier,) = head.when.tiers if len(head.when.tiers) == 1 else (None,)
    return Multiply(
        head=head,
        unit=read_unit(table, scope).id,
        rate=Rate.of(table.scaled("multiplier", _SCALE, least=1), 10**_SCALE),
        combine=table.choice("combine", Combine) if table.has("combine") else None,
        of_rules=frozenset(table.texts("of_rules", ())),
        tier=scope.tiers.get(tier) if tier is not None else None,
    )
