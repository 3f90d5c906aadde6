"""Small receipt files for the tests of past receipts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hq.history.mapping import ReceiptMapping
from hq.history.mapping_reader import parse_mapping, shipped_mappings
from hq.history.plan import Plan, build_plan

MAPPING = """
format = 1
name = "Plain"
[columns]
invoice = "invoice"
item = "item"
description = "description"
quantity = "quantity"
timestamp = "at"
unit_price = "price"
customer = "customer"
[time]
format = "%Y-%m-%d %H:%M"
zone = "Europe/London"
[money]
currency = "GBP"
scale = 2
[cancellation]
invoice_prefix = "C"
[not_goods]
items = ["POST"]
"""
HEADER = "invoice,item,description,quantity,at,price,customer"

Write = Callable[..., Path]
MakePlan = Callable[..., Plan]


@pytest.fixture
def mapping() -> ReceiptMapping:
    return parse_mapping(MAPPING, "plain.toml")


@pytest.fixture
def online_retail() -> ReceiptMapping:
    return next(mapping for mapping in shipped_mappings() if mapping.name == "Online Retail II")


@pytest.fixture
def daily() -> ReceiptMapping:
    """The plain mapping of a shop whose invoice numbers begin anew each day."""
    return parse_mapping(MAPPING + '[invoices]\nrestart = "daily"\n', "daily.toml")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows under the plain header and give the file."""

    def write(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "receipts.csv"
        path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8", newline="")
        return path

    return write


@pytest.fixture
def plan(tmp_path: Path, write: Write, mapping: ReceiptMapping) -> MakePlan:
    """Plan the replay of rows under the plain header."""

    def plan(*rows: str) -> Plan:
        return build_plan(write(*rows), mapping, tmp_path / "work")

    return plan
