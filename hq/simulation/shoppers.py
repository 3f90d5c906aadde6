"""The members of a simulation: who they are so far, and what they bought."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from hq.simulation.past import PastSale
from loyalty.due.segmenting import Figures
from loyalty.holding.ledger import Ledger
from loyalty.holding.periods import Period
from loyalty.holding.standing import Standing
from loyalty.quote import Quote
from loyalty.quote.posting import IssuedCoupon


@dataclass(slots=True, kw_only=True)
class Shopper:
    """A member as a simulation knows them; changes as the past goes by."""

    account: bytes
    joined_on: date
    last_visit_on: date | None = None
    tier: str | None = None
    tier_until: datetime | None = None
    coupons: list[IssuedCoupon] = field(default_factory=list)
    segments: tuple[str, ...] = ()
    bought: dict[str, tuple[date, Counter[str]]] = field(default_factory=dict)
    """What each receipt came to after rewards, by category, less what came back; kept where the programme has segments."""

    def standing(self, ledger: Ledger) -> Standing:
        """Give what a till would know of the member."""
        held = ledger.holdings(self.account)
        return Standing(
            member=self.account,
            balances=held.balances,
            lots=held.lots,
            tier=self.tier,
            tier_until=self.tier_until,
            joined_on=self.joined_on,
            last_visit_on=self.last_visit_on,
            segments=self.segments,
        )


def figures(member: Shopper, window: Period | None, today: date) -> Figures:
    """Give what segments are counted from, within a window that ends with ``today``."""
    since = window.before(today) if window is not None else date.min
    within = [parts for day, parts in member.bought.values() if since < day <= today]
    by_category: Counter[str] = Counter()
    for parts in within:
        by_category.update(parts)
    return Figures(
        spend_minor=by_category.total(),
        visits=len(within),
        spend_by_category=by_category,
        last_visit_on=member.last_visit_on,
        joined_on=member.joined_on,
    )


def by_category(sale: PastSale, quoted: Quote) -> Counter[str]:
    """Give what a receipt came to after rewards, by category."""
    categories = {line.line: line.category or "" for line in sale.lines}
    sums: Counter[str] = Counter()
    for total in quoted.lines:
        sums[categories[total.line]] += total.amount_minor
    return sums
