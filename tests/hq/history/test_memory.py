from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from hq.history.mapping import ReceiptMapping
from hq.history.plan import build_plan
from hq.history.report import write_report


def _write(path: Path, count: int) -> None:
    """Receipts of three lines that interleave; every tenth invoice is cancelled, every twentieth row is dirty."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("invoice,item,description,quantity,at,price,customer\n")
        for number in range(count):
            invoice, minute = number % 7 + number // 21 * 7, number // 100
            at = f"2010-{minute // 40320 % 12 + 1:02d}-{minute // 1440 % 28 + 1:02d} {minute // 60 % 24:02d}:{minute % 60:02d}"
            cancelled = invoice % 10 == 9
            quantity = 0 if number % 20 == 0 else -1 if cancelled else 2
            prefix = "C" if cancelled else ""
            file.write(f"{prefix}{invoice},I{number % 50},Item {number},{quantity},{at},1.25,K{invoice % 500}\n")


def _peak(folder: Path, mapping: ReceiptMapping, count: int) -> int:
    folder.mkdir()
    _write(folder / "r.csv", count)
    tracemalloc.start()
    try:
        plan = build_plan(folder / "r.csv", mapping, folder)
        operations = sum(1 for _ in plan.operations())
        report = write_report(plan, folder / "report.csv")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert operations > count // 5
    assert report >= count // 20
    return peak


def test_memory_stays_flat_while_rows_grow_tenfold(
    tmp_path: Path, mapping: ReceiptMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hq.history.intake._RECEIPTS_AT_HAND", 200)  # so that the smaller file fills it as well
    _peak(tmp_path / "warm", mapping, 1_000)
    small = _peak(tmp_path / "small", mapping, 5_000)
    large = _peak(tmp_path / "large", mapping, 50_000)
    # Batches fill up to their bounds, about a megabyte; 45,000 more rows kept as objects would be more than 20.
    assert large - small < 2_500_000
