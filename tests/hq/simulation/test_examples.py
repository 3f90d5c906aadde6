"""Each example programme, over the year of real receipts, with the engine that tills use."""

from pathlib import Path

import pytest

from hq.history.choice import choose_mapping
from hq.history.plan import Plan, build_plan
from hq.simulation.past import of_receipts, returned_in
from hq.simulation.run import Simulation
from hq.simulation.values import Redeeming
from loyalty.programme.reader import read_programme
from tests.hq.simulation.examples import SHOPS, in_shop

ROOT = Path(__file__).parents[3]
YEAR = ROOT.parent / "shared" / "data" / "online_retail_2009_2010.csv.gz"
AT_WORK = {
    "beauty": {"second-half-price", "evening"},
    "coffee": {"seventh-cup", "cake-with-two-cups"},
    "electronics": {"points-for-discount", "three-accessories"},
    "family": {"fifth-pack", "points-for-discount"},
    "fashion": {"next-visit-ten-percent", "points-for-discount", "welcome-back"},
    "fuel": {"free-car-wash", "points-for-discount"},
    "grocery": {"points-for-discount"},
    "pharmacy": {"pay-with-cashback"},
}
"""What members of the year could have; the rest needs stock, segments or birthdays that the receipts do not tell."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The operations of the year."""
    if not YEAR.exists():
        pytest.skip("shared: this machine has no ../shared/data/online_retail_2009_2010.csv.gz")
    return build_plan(YEAR, choose_mapping(YEAR), tmp_path_factory.mktemp("year"))


def test_there_is_an_example_for_each_kind_of_shop() -> None:
    assert {path.stem for path in (ROOT / "programmes").glob("*.toml")} == {*SHOPS, "default"}


@pytest.fixture(scope="module")
def returned(year: Plan) -> frozenset[str]:
    """The receipts of which something comes back."""
    return returned_in(of_receipts(year.operations()))


@pytest.mark.parametrize("name", sorted(SHOPS))
def test_an_example_holds_over_a_year_of_real_receipts(year: Plan, returned: frozenset[str], name: str) -> None:
    programme = read_programme((ROOT / "programmes" / f"{name}.toml").read_text(encoding="utf-8"), name)
    past = in_shop(of_receipts(year.operations()), SHOPS[name])
    found = Simulation(programme, Redeeming.EAGER).run(past, year.mapping.zone, returned)

    assert found.refused == {}
    assert sum(month.sales for month in found.months) == year.counts.orders + year.counts.anonymous_orders
    assert {reward for reward, (times, _) in found.rewards.items() if times} == AT_WORK[name]
    assert 0 < found.cost_minor < found.sales_minor
    assert all(spent <= most for spent, most in found.budgets.values())
    for unit in found.months[-1].units:
        earned, redeemed, expired, back = (
            found.total(unit, flow) for flow in ("earned", "redeemed", "expired", "reversed")
        )
        assert earned > 0
        assert earned == found.months[-1].units[unit].outstanding + redeemed + expired + back
