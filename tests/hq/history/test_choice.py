from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from hq.history.choice import choose_mapping
from hq.history.errors import ReceiptFileError
from hq.history.generator import Day, write_day


def test_online_retail_is_known_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(
        "country,invoice,stock_code,description,quantity,invoice_ts,unit_price,customer_id\n", encoding="utf-8"
    )
    assert choose_mapping(path).name == "Online Retail II"


def test_generated_receipts_are_known_by_their_header(tmp_path: Path) -> None:
    write_day(tmp_path / "day.csv", Day(date=date(2026, 3, 20), receipts=1), Random(1))
    assert choose_mapping(tmp_path / "day.csv").name == "Generated receipts"


def test_a_header_that_fits_none_says_what_each_mapping_misses(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("invoice,stock_code,description,quantity,invoice_ts,price,customer_id\n", encoding="utf-8")
    with pytest.raises(ReceiptFileError) as caught:
        choose_mapping(path)
    assert str(caught.value) == (
        f"{path}:1: no shipped mapping fits: "
        'for "Generated receipts" the header lacks item, timestamp, customer, unit_price, category; '
        'for "Online Retail II" the header lacks unit_price; expected those columns, or --mapping FILE'
    )
