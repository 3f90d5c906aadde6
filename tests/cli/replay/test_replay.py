"""The replay of a file: its figures are those of an independent computation, and always the same ones."""

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cli.main import main
from hq.history.generator import Day, write_day

YEAR = Path(__file__).parents[4] / "shared" / "data" / "online_retail_2009_2010.csv.gz"
NOT_GOODS = {"POST", "DOT", "C2", "C3", "M", "m", "D", "S", "B", "BANK CHARGES", "ADJUST", "ADJUST2", "AMAZONFEE"}
NOT_GOODS |= {"TEST001", "TEST002", "GIFT"}
SLICE_ROWS = 40_000


@dataclass
class _Line:
    """A sold line of the independent computation: what it cost, and how much of it is left to come back."""

    order: "_Order"
    quantity: int
    base: Decimal
    left: int = 0


@dataclass
class _Order:
    goods: Decimal = Decimal(0)
    lines: list[_Line] = field(default_factory=list)

    def points(self) -> int:
        return int(self.goods)

    def reversed(self) -> int:
        if not self.goods:
            return 0
        back = sum(
            (Fraction(line.base) * (line.quantity - line.left) / line.quantity for line in self.lines), Fraction(0)
        )
        return int(self.points() * back / Fraction(self.goods))


def independent(rows: Iterator[dict[str, str]]) -> dict[str, int]:
    """Compute the points from the CSV in memory, without the product's code: floor per order, newest first back."""
    orders: dict[str, _Order] = {}
    bought: dict[tuple[str, str], list[_Line]] = defaultdict(list)
    members: set[str] = set()
    cancelled: set[str] = set()
    for row in rows:
        quantity, price, customer = int(row["quantity"]), Decimal(row["unit_price"]), row["customer_id"]
        item = row["stock_code"].strip()
        if not customer or price <= 0:
            continue
        if row["invoice"].startswith("C"):
            cancelled.add(row["invoice"])
            wanted = -quantity
            for line in reversed(bought[customer, item]):
                taken = min(line.left, wanted)
                line.left -= taken
                wanted -= taken
        elif quantity > 0:
            order = orders.setdefault(row["invoice"], _Order())
            amount = (quantity * price).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
            goods = item not in NOT_GOODS and not item.startswith("gift_0001_")
            line = _Line(order=order, quantity=quantity, base=amount if goods else Decimal(0), left=quantity)
            order.goods += line.base
            order.lines.append(line)
            bought[customer, item].append(line)
            members.add(customer)
    earned = sum(order.points() for order in orders.values())
    back = sum(order.reversed() for order in orders.values())
    return {
        "orders": len(orders),
        "members": len(members),
        "returns": len(cancelled),
        "earned": earned,
        "reversed": back,
        "outstanding_till": earned - back,
        "outstanding_hq": earned - back,
    }


def replayed(capsys: pytest.CaptureFixture[str], receipts: Path, work_dir: Path) -> dict[str, Any]:
    status = main(["replay", "--json", "--receipts", str(receipts), "--work-dir", str(work_dir)])
    outcome: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert status == 0
    return outcome


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def needs_the_year() -> None:
    if not YEAR.exists():
        pytest.skip("shared: this machine has no ../shared/data/online_retail_2009_2010.csv.gz")


def test_two_runs_of_one_input_give_the_same_outcome(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    receipts = tmp_path / "receipts.csv"
    write_day(receipts, Day(date=date(2026, 3, 14), receipts=300, members=60), Random(seed))

    first, second = (replayed(capsys, receipts, tmp_path / name) for name in ("first", "second"))

    assert {**first, "seconds": 0} == {**second, "seconds": 0}
    assert first["agree"] is True
    assert first["earned"] - first["reversed"] == first["outstanding_till"] == first["outstanding_hq"] > 0
    assert first["refused"] == {}


def test_a_completed_replay_begins_anew(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    receipts = tmp_path / "receipts.csv"
    write_day(receipts, Day(date=date(2026, 3, 14), receipts=50, members=20), Random(seed))

    heads = {replayed(capsys, receipts, tmp_path / "work")["head"] for _ in range(2)}

    assert len(heads) == 1


def test_a_slice_of_the_real_year_equals_an_independent_computation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_the_year()
    receipts = tmp_path / "slice.csv"
    with gzip.open(YEAR, "rt", encoding="utf-8", newline="") as year:
        lines = [line for line, _ in zip(year, range(SLICE_ROWS), strict=False)]
    receipts.write_text("".join(lines), encoding="utf-8")

    outcome = replayed(capsys, receipts, tmp_path / "work")

    expected = independent(csv.DictReader(io.StringIO("".join(lines))))
    assert {name: outcome[name] for name in expected} == expected
    assert sum(outcome["rows"].values()) == SLICE_ROWS - 1


@pytest.mark.campaign
def test_the_whole_real_year_equals_an_independent_computation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_the_year()

    outcome = replayed(capsys, YEAR, tmp_path / "work")

    expected = independent(rows_of(YEAR))
    assert {name: outcome[name] for name in expected} == expected
    assert (expected["orders"], expected["members"], expected["returns"]) == (19_213, 4_312, 4_372)
    assert outcome["agree"] is True
    assert outcome["entries_till"] == outcome["entries_hq"]
    assert sum(outcome["rows"].values()) == 525_461
