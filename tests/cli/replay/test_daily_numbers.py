"""The replay of a shop whose invoice numbers begin anew each day."""

import json
from pathlib import Path

import pytest

from cli.main import main

MAPPING = """
format = 1
name = "Daily"
[columns]
invoice = "invoice"
item = "item"
quantity = "quantity"
timestamp = "at"
unit_price = "price"
customer = "customer"
[invoices]
restart = "daily"
[time]
format = "%Y-%m-%d %H:%M"
zone = "Asia/Baku"
[money]
currency = "AZN"
scale = 2
[cancellation]
negative_quantity = true
"""
ROWS = """\
invoice,item,quantity,at,price,customer
1,A,2,2026-03-14 10:00,1.00,K1
1,A,2,2026-03-15 10:00,3.00,K1
1,B,1,2026-03-15 10:00,3.00,K2
2,A,-3,2026-03-15 11:00,3.00,K1
1,A,1,2026-03-16 10:00,5.00,K2
2,A,-1,2026-03-16 11:00,5.00,K2
"""


def test_one_number_on_three_days_is_three_sales_and_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "receipts.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "daily.toml").write_text(MAPPING, encoding="utf-8")
    files = ["--receipts", str(tmp_path / "receipts.csv"), "--mapping", str(tmp_path / "daily.toml")]

    status = main(["replay", "--json", *files, "--work-dir", str(tmp_path / "work")])

    outcome = json.loads(capsys.readouterr().out)
    figures = {name: outcome[name] for name in ("orders", "returns", "return_entries", "refused", "earned", "reversed")}
    assert status == 0
    assert figures == {
        "orders": 3,
        "returns": 2,
        "return_entries": 3,
        "refused": {},
        "earned": 2 + 6 + 5,
        "reversed": 6 + 1 + 5,
    }
    assert outcome["rows"]["invoice_of_another_customer"] == 1
