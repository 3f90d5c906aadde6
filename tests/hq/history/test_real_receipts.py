"""A year of real receipts: Online Retail II, 525,461 lines, beside an independent way to the same figures."""

from __future__ import annotations

import csv
import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from hq.history.choice import choose_mapping
from hq.history.operations import Operation, Parked, Return, Sale
from hq.history.plan import Plan, build_plan
from hq.history.report import write_report

SHARED = Path(__file__).parents[3].parent / "shared"
RECEIPTS = SHARED / "data" / "online_retail_2009_2010.csv.gz"
FIGURES = SHARED / "cases" / "online_retail_2009_2010_kpis.json"

pytestmark = pytest.mark.skipif(
    not (RECEIPTS.exists() and FIGURES.exists()),
    reason="shared: this machine has no ../shared/data/online_retail_2009_2010.csv.gz",
)


class Row(NamedTuple):
    number: int
    invoice: str
    item: str
    quantity: Decimal
    at: str
    price: Decimal
    customer: str


class Naive(NamedTuple):
    """Returns as (cancellation, original, line) -> quantity, parked as (row, reason) -> quantity."""

    returned: dict[tuple[str, str, int], Decimal]
    parked: dict[tuple[int, str], Decimal]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    start = time.process_time()
    plan = build_plan(RECEIPTS, choose_mapping(RECEIPTS), tmp_path_factory.mktemp("work"))
    # About 8 s on the machine this was written on; the bound is against slips of kind, not of degree.
    assert time.process_time() - start < 60
    return plan


@pytest.fixture(scope="module")
def operations(plan: Plan) -> list[Operation]:
    return list(plan.operations())


def _rows() -> Iterator[Row]:
    with gzip.open(RECEIPTS, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            yield Row(
                number,
                row["invoice"],
                row["stock_code"].strip(),
                Decimal(row["quantity"]),
                row["invoice_ts"],
                Decimal(row["unit_price"]),
                row["customer_id"],
            )


class Bought:
    """A purchase and what of it nobody has given back."""

    def __init__(self, row: Row, line: int) -> None:
        self.row, self.line, self.left = row, line, row.quantity


def _naive_matching() -> Naive:
    """Every cancelled line looks back over all the customer bought, newest first, with nothing clever."""
    bought = _bought()
    returned: dict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
    parked: dict[tuple[int, str], Decimal] = {}
    for row in sorted(filter(_is_cancelled_line, _rows()), key=_moment):
        earlier = [one for one in bought[row.customer, row.item] if _moment(one.row) < _moment(row)]
        rest = -row.quantity
        for one in sorted(earlier, key=lambda one: _moment(one.row), reverse=True):
            taken = min(rest, one.left)
            if taken:
                one.left -= taken
                rest -= taken
                returned[row.invoice, one.row.invoice, one.line] += taken
        if rest:
            parked[row.number, "more_than_purchased" if earlier else "no_earlier_purchase"] = rest
    return Naive(dict(returned), parked)


def _bought() -> dict[tuple[str, str], list[Bought]]:
    lines: Counter[str] = Counter()
    bought: dict[tuple[str, str], list[Bought]] = defaultdict(list)
    for row in filter(_is_sale_line, _rows()):
        lines[row.invoice] += 1
        bought[row.customer, row.item].append(Bought(row, lines[row.invoice]))
    return bought


def _moment(row: Row) -> tuple[str, int]:
    return row.at, row.number


def _is_sale_line(row: Row) -> bool:
    return bool(row.customer) and not row.invoice.startswith("C") and row.quantity > 0 and row.price > 0


def _is_cancelled_line(row: Row) -> bool:
    return bool(row.customer) and row.invoice.startswith("C") and row.quantity < 0 and row.price > 0


def test_the_figures_are_those_of_an_independent_engine(plan: Plan) -> None:
    figures, counts = json.loads(FIGURES.read_text(encoding="utf-8")), plan.counts
    assert counts.data_rows == sum(counts.rows.values()) == figures["raw_lines"] == 525_461
    assert counts.rows["sale_line"] == figures["sale_lines"] == 407_664
    assert counts.orders == figures["orders"] == 19_213
    assert counts.members == figures["customers"] == 4_312
    assert counts.cancelled_invoices == figures["cancelled_invoices_with_customer"] == 4_372
    assert counts.mixed_invoices == 0
    exact = sum((row.quantity * row.price for row in _rows() if _is_sale_line(row)), Decimal(0))
    assert exact.quantize(Decimal("0.01")) == Decimal(str(figures["revenue"]))
    assert abs(counts.sale_amount_minor - exact * 100) < 14  # as many lines have a price in tenths of a penny


def test_operations_are_numbered_without_gaps_in_the_order_of_time(plan: Plan, operations: list[Operation]) -> None:
    assert [operation.index for operation in operations] == list(range(1, plan.counts.operations + 1))
    instants = [operation.at for operation in operations]
    assert instants == sorted(instants)


def test_every_good_row_is_in_an_operation(plan: Plan, operations: list[Operation]) -> None:
    lines = Counter(
        operation.customer is None for operation in operations if isinstance(operation, Sale) for _ in operation.lines
    )
    assert lines == {False: plan.counts.rows["sale_line"], True: plan.counts.rows["anonymous_sale_line"]}
    invoices = {operation.cancellation for operation in operations if not isinstance(operation, Sale)}
    assert len(invoices) == plan.counts.cancelled_invoices


def test_matching_agrees_with_a_naive_one(operations: list[Operation]) -> None:
    naive = _naive_matching()
    returned = {
        (operation.cancellation, operation.original_invoice, line.line): Decimal(line.quantity_milli) / 1000
        for operation in operations
        if isinstance(operation, Return)
        for line in operation.lines
    }
    parked = {
        (line.row, str(line.reason)): Decimal(line.quantity_milli) / 1000
        for operation in operations
        if isinstance(operation, Parked)
        for line in operation.lines
    }
    assert returned == naive.returned
    assert parked == naive.parked


def test_a_return_refers_to_a_sale_before_it_of_the_same_customer(operations: list[Operation]) -> None:
    for operation in operations:
        if isinstance(operation, Return):
            original = operations[operation.original_index - 1]
            assert isinstance(original, Sale)
            assert original.index < operation.index
            assert (original.invoice, original.customer) == (operation.original_invoice, operation.customer)


def test_the_report_has_every_unused_row_once(plan: Plan, tmp_path: Path) -> None:
    good = sum(plan.counts.rows[name] for name in ("sale_line", "anonymous_sale_line", "cancelled_line"))
    count = write_report(plan, tmp_path / "report.csv")
    assert count == plan.counts.data_rows - good + sum(plan.counts.parked_lines.values())
