"""``loyaltill programme simulate``: past sales through a draft, from a file and from HQ."""

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cli.main import main
from hq.history.generator import Day, write_day

PROGRAMME = """
[programme]
id = "points"
label = "{label}"
names.en = "Points"
[currency]
code = "KZT"
[[unit]]
id = "points"
value = "1.00"
[[category]]
id = "not-goods"
names.en = "not goods"
[[rule]]
kind = "per_amount"
id = "earn"
units = {units}
per = "100.00"
exclude_categories = ["not-goods"]
"""
SPEND = '[[reward]]\nkind = "points_discount"\nid = "spend"\ncost = 10\ndiscount = "10.00"\n'


@pytest.fixture
def receipts(tmp_path: Path) -> Path:
    """A generated day."""
    path = tmp_path / "day.csv"
    write_day(path, Day(date=date(2026, 3, 2), receipts=80, members=20), Random(7))
    return path


def programme(folder: Path, label: str = "now", units: int = 1, more: str = "") -> Path:
    path = folder / f"{label}.toml"
    path.write_text(PROGRAMME.format(label=label, units=units) + more, encoding="utf-8")
    return path


def simulated(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["programme", "simulate", *map(str, arguments), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_draft_stands_beside_the_programme_that_it_is_compared_with(
    tmp_path: Path, receipts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now, draft = programme(tmp_path), programme(tmp_path, "draft", 2, SPEND)
    found = simulated(capsys, draft, "--against", now, "--receipts", receipts)
    assert (found["draft"]["label"], found["current"]["label"], found["redeeming"]) == ("draft", "now", "eager")
    assert found["draft"]["sales_minor"] == found["current"]["sales_minor"] > 0
    assert found["draft"]["cost_minor"] > found["current"]["cost_minor"] == 0
    assert found["extra_minor"] == sum(
        found["draft"][key] - found["current"][key] for key in ("cost_minor", "liability_minor")
    )
    assert [one["margin_percent"] for one in found["break_even"]] == [20, 30, 40]


def test_what_hq_holds_gives_what_the_till_awarded(
    tmp_path: Path, receipts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = programme(tmp_path)
    work = tmp_path / "work"
    assert (
        main(["replay", "--receipts", str(receipts), "--programme", str(now), "--work-dir", str(work), "--json"]) == 0
    )
    replayed = json.loads(capsys.readouterr().out)
    (hq,) = work.glob("run-*/hq")
    config = tmp_path / "config.toml"
    config.write_text(f'[hq]\ndata_dir = "{hq.as_posix()}"\n', encoding="utf-8")

    from_hq = simulated(capsys, now, "--history", "--redeem", "never", "--config", config)
    (month,) = from_hq["draft"]["months"]
    points = month["units"]["points"]
    assert (points["earned"], points["reversed"], points["outstanding"]) == (
        replayed["earned"],
        replayed["reversed"],
        replayed["outstanding_hq"],
    )
    assert from_hq["draft"]["members"] == replayed["members"]

    from_file = simulated(capsys, now, "--receipts", receipts, "--redeem", "never")
    assert from_file["draft"]["months"] == from_hq["draft"]["months"]
    elsewhere = simulated(capsys, now, "--history", "--stores", "another", "--config", config)
    assert elsewhere["draft"]["sales"] == 0


def test_a_person_reads_tables(tmp_path: Path, receipts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = programme(tmp_path, "draft", 2, SPEND)
    assert main(["programme", "simulate", str(draft), "--receipts", str(receipts), "--margin", "25"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Members are taken to redeem whatever they can at once")
    assert "\n2026-03 " in said
    assert "\nspend " in said
    assert "At a margin of 25 % the draft pays for itself when" in said


def test_pictures_are_drawn_as_their_names_say(
    tmp_path: Path, receipts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vector, dots = tmp_path / "out.svg", tmp_path / "out.png"
    simulated(capsys, programme(tmp_path), "--receipts", receipts, "--picture", vector, "--picture", dots)
    assert vector.read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert "liability, KZT" in vector.read_text(encoding="utf-8") or "<use" in vector.read_text(encoding="utf-8")
    assert dots.read_bytes().startswith(b"\x89PNG")


def test_two_runs_are_the_same(tmp_path: Path, receipts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = programme(tmp_path, "draft", 2, SPEND)
    one, other = (simulated(capsys, draft, "--receipts", receipts) for _ in range(2))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--picture", "out.gif"], "expected a name that ends with .svg or .png"),
        (["--margin", "0"], "expected percents from 1 to 100"),
        (["--margin", "a"], "expected whole percents"),
        (["--redeem", "often"], "invalid"),
    ],
)
def test_a_wrong_option_is_told_with_the_way_out(
    tmp_path: Path, receipts: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    draft = programme(tmp_path)
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main(["programme", "simulate", str(draft), "--receipts", str(receipts), *arguments]))
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_receipts_in_another_currency_are_refused(
    tmp_path: Path, receipts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = programme(tmp_path)
    draft.write_text(draft.read_text(encoding="utf-8").replace("KZT", "GBP"), encoding="utf-8")
    assert main(["programme", "simulate", str(draft), "--receipts", str(receipts)]) == 2
    assert "the receipts are in KZT with 2 decimals, the draft counts in GBP" in capsys.readouterr().err


def test_without_a_book_hq_has_no_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[hq]\ndata_dir = "{(tmp_path / "hq").as_posix()}"\n', encoding="utf-8")
    status = main(["programme", "simulate", str(programme(tmp_path)), "--history", "--config", str(config)])
    assert status != 0
    assert "HQ was never started here" in capsys.readouterr().err


def test_rows_that_are_no_part_of_the_past_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "invoice,item,description,category,quantity,timestamp,unit_price,customer\n"
        "1,a,A,x,1,2026-01-10 10:00:00,500.00,c1\n"
        "2,a,A,x,-1,2026-01-12 10:00:00,500.00,c1\n"
        "R3,b,B,x,-1,2026-01-13 10:00:00,500.00,c1\n",
        encoding="utf-8",
    )
    found = simulated(capsys, programme(tmp_path), "--receipts", path)
    assert found["left_out"] == {"no_earlier_purchase": 1, "quantity_negative_without_cancellation": 1}
    assert main(["programme", "simulate", str(programme(tmp_path)), "--receipts", str(path)]) == 0
    assert "1 of the file's rows are left out: quantity_negative_without_cancellation\n" in capsys.readouterr().out
