"""A small past, and programmes to replay it through."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hq.simulation.past import Past, PastReturn, PastSale
from hq.simulation.run import Simulation
from hq.simulation.values import Redeeming, Simulated
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.sale.basket import BasketLine

HEAD = """
[programme]
id = "p"
label = "{label}"
names.en = "P"
[currency]
code = "GBP"
[[unit]]
id = "points"
value = "0.01"
{unit}
"""
EARN = """
[[rule]]
kind = "per_amount"
id = "earn"
units = 1
per = "1.00"
"""
SPEND = """
[[reward]]
kind = "points_discount"
id = "spend"
cost = 100
discount = "1.00"
"""


def programme(tables: str = EARN, *, label: str = "draft", unit: str = "") -> Programme:
    """A programme in pounds; a point is worth a penny."""
    return read_programme(HEAD.format(label=label, unit=unit) + tables, "p.toml")


def sale(key: str, day: str, amount: str, member: str | None = "ann", store: str = "") -> PastSale:
    """A receipt of one line at noon, ``amount`` in pounds."""
    at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    minor = int(amount.replace(".", ""))
    line = BasketLine(line=1, item="a", quantity_milli=2000, amount_minor=minor)
    return PastSale(key=key, at=at, business_date=at.date(), store=store, member=member, lines=(line,))


def back(key: str, day: str, milli: int = 2000) -> PastReturn:
    """Thousandths of the only line of a receipt come back."""
    at = datetime.fromisoformat(f"{day}T13:00:00").replace(tzinfo=UTC)
    return PastReturn(sale=key, at=at, business_date=at.date(), lines=((1, milli),))


def simulated(
    rules: Programme,
    past: Sequence[Past],
    redeeming: Redeeming = Redeeming.EAGER,
    stores: frozenset[str] = frozenset(),
) -> Simulated:
    """Replay a past; months end in UTC."""
    return Simulation(rules, redeeming, stores).run(past, UTC)
