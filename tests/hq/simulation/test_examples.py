"""Each example programme, over a year of real receipts of some of the customers, with the engine that tills use."""

from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

import pytest

from hq.history.choice import choose_mapping
from hq.history.plan import build_plan
from hq.simulation.past import Past, PastSale, of_receipts, returned_in
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


ONE_IN = 10
"""Of so many customers, and of so many receipts of nobody, one counts: the year of everybody is
`loyaltill programme simulate --receipts FILE`."""


@pytest.fixture(scope="module")
def zone() -> ZoneInfo:
    """The zone of the receipts."""
    return choose_mapping(_year()).zone


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> list[Past]:
    """What some customers bought and brought back in the year."""
    plan = build_plan(_year(), choose_mapping(_year()), tmp_path_factory.mktemp("year"))
    sales, kept = set[str](), list[Past]()
    for one in of_receipts(plan.operations()):
        if isinstance(one, PastSale):
            if crc32((one.member or one.key).encode()) % ONE_IN == 0:
                sales.add(one.key)
                kept.append(one)
        elif one.sale in sales:
            kept.append(one)
    return kept


def _year() -> Path:
    if not YEAR.exists():
        pytest.skip("shared: this machine has no ../shared/data/online_retail_2009_2010.csv.gz")
    return YEAR


def test_there_is_an_example_for_each_kind_of_shop() -> None:
    assert {path.stem for path in (ROOT / "programmes").glob("*.toml")} == {*SHOPS, "default"}


@pytest.mark.parametrize("name", sorted(SHOPS))
def test_an_example_holds_over_a_year_of_real_receipts(past: list[Past], zone: ZoneInfo, name: str) -> None:
    programme = read_programme((ROOT / "programmes" / f"{name}.toml").read_text(encoding="utf-8"), name)
    returned = returned_in(iter(past))
    found = Simulation(programme, Redeeming.EAGER).run(in_shop(iter(past), SHOPS[name]), zone, returned)

    assert found.refused == {}
    assert sum(month.sales for month in found.months) == sum(isinstance(one, PastSale) for one in past) > 1_500
    assert {reward for reward, (times, _) in found.rewards.items() if times} == AT_WORK[name]
    assert 0 < found.cost_minor < found.sales_minor
    assert all(spent <= most for spent, most in found.budgets.values())
    for unit in found.months[-1].units:
        earned, redeemed, expired, back = (
            found.total(unit, flow) for flow in ("earned", "redeemed", "expired", "reversed")
        )
        assert earned > 0
        assert earned == found.months[-1].units[unit].outstanding + redeemed + expired + back
