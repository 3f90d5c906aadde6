"""Adding up a simulation, month by month and member by member, as it goes."""

from collections import Counter, defaultdict

from hq.simulation.values import Benefit, Month, Simulated, UnitFlow
from loyalty.holding.ledger import Ledger
from loyalty.holding.units import is_hidden
from loyalty.programme.model import Programme
from loyalty.quote import Quote


class Tally:
    """What one programme came to so far."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._months: list[Month] = []
        self._flows: dict[str, Counter[str]] = defaultdict(Counter)
        self._moves: Counter[tuple[str, str]] = Counter()
        self._sums: Counter[str] = Counter()
        self._rewards: dict[str, Counter[str]] = defaultdict(Counter)
        self._received: Counter[bytes] = Counter()
        self._outstanding: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def sale(self, amount_minor: int, member: bytes | None) -> None:
        """Count a receipt."""
        self._sums["sales"] += 1
        self._sums["sales_minor"] += amount_minor
        if member is not None:
            self._sums["member_sales"] += 1
            self._sums["member_sales_minor"] += amount_minor

    def quoted(self, quoted: Quote, member: bytes | None) -> None:
        """Count what a receipt cost, and what it earned and spent."""
        for one in quoted.redemptions:
            cost = max(one.worth_minor, one.discount_minor)
            self._cost(cost, member)
            self._rewards[one.reward]["times"] += one.times
            self._rewards[one.reward]["cost_minor"] += cost
            if one.unit is not None and one.payer is not None:
                self.flow(one.unit.id, "redeemed", one.units)
        if member is not None:
            for award in quoted.awards:
                self.flow(award.unit.id, "earned", award.amount)

    def given_back(self, cost_minor: int, member: bytes | None) -> None:
        """Take a discount back that a return undid."""
        self._cost(-cost_minor, member)

    def flow(self, unit: str, flow: str, amount: int) -> None:
        """Count units that were earned, redeemed, expired or reversed (units that come back are redeemed below zero)."""
        if is_hidden(unit):
            return
        self._flows[unit][flow] += amount
        self._outstanding[unit] += amount if flow == "earned" else -amount

    def refused(self, code: str) -> None:
        """Count a receipt that the programme refuses."""
        self._refused[code] += 1

    def moved(self, before: str | None, after: str | None) -> None:
        """Count a member who changed tiers."""
        if before != after:
            self._moves[before or "", after or ""] += 1

    def end_month(self, month: str) -> None:
        """Close a month."""
        units = {unit: self._unit_flow(unit) for unit in sorted({*self._flows, *self._outstanding})}
        moves = dict(sorted(self._moves.items()))
        self._months.append(Month(month=month, units=units, tier_moves=moves, **self._sums))
        self._flows.clear()
        self._moves.clear()
        self._sums.clear()

    def finish(self, ledger: Ledger, members: dict[bytes, str | None], budgets: dict[str, int]) -> Simulated:
        """Give the whole.

        Args:
            ledger: What every account holds at the end.
            members: Member to tier at the end.
            budgets: Budget id to the most that one of its pools has spent.
        """
        most = {budget.id: budget.most_minor for budget in self._programme.budgets}
        return Simulated(
            label=self._programme.label,
            version=self._programme.version,
            months=tuple(self._months),
            rewards={reward: (sums["times"], sums["cost_minor"]) for reward, sums in sorted(self._rewards.items())},
            tiers=dict(sorted(Counter(tier or "" for tier in members.values()).items())),
            budgets={budget: (budgets.get(budget, 0), most[budget]) for budget in sorted(most)},
            refused=dict(sorted(self._refused.items())),
            benefits={
                member: Benefit(received_minor=self._received[member], held_minor=self._held(ledger, member))
                for member in members
            },
            unvalued=tuple(sorted(unit.id for unit in self._programme.units if unit.value is None)),
        )

    def _cost(self, cost_minor: int, member: bytes | None) -> None:
        self._sums["cost_minor"] += cost_minor
        if member is not None:
            self._received[member] += cost_minor

    def _unit_flow(self, unit_id: str) -> UnitFlow:
        outstanding = self._outstanding[unit_id]
        flows = self._flows[unit_id]
        return UnitFlow(
            earned=flows["earned"],
            redeemed=flows["redeemed"],
            expired=flows["expired"],
            reversed=flows["reversed"],
            outstanding=outstanding,
            liability_minor=self._worth_minor(unit_id, outstanding),
        )

    def _worth_minor(self, unit_id: str, amount: int) -> int:
        unit = self._programme.unit(unit_id)
        return unit.worth_minor(amount) if unit is not None else 0

    def _held(self, ledger: Ledger, member: bytes) -> int:
        held = dict(ledger.holdings(member).balances)
        return sum(self._worth_minor(unit, amount) for unit, amount in held.items())
