"""``loyaltill hq stock``, ``limits`` and ``coupons``, with HQ running and without."""

from __future__ import annotations

import csv
import io
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from cli.main import main
from hq.config import load_hq_config
from hq.programmes.values import When
from hq.server import open_hq
from tests.cli.commands import write_config
from tests.cli.test_hq import served
from tests.hq.houses import House, SetClock
from tests.hq.tills import FakeTill

PROGRAMME = """
[programme]
id = "club"
label = "v1"
names.en = "The Club"
[currency]
code = "KZT"
[[budget]]
id = "gifts"
most = "500.00"
[[coupon]]
id = "spring"
names.en = "Spring"
lasts = "P30D"
code = { prefix = "S", digits = 10, check = "luhn" }
[[tier]]
id = "blue"
names.en = "Blue"
[tiers]
by = "spend"
[[reward]]
kind = "gift"
id = "mug"
items = ["MUG"]
stock = true
value = "5.00"
uses.budget = "gifts"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An HQ with a programme, a till in the store S1 and two members."""
    path = write_config(tmp_path, "[hq]\nport = 0\n")
    with open_hq(load_hq_config(path)) as hq:
        house = House(hq, SetClock(datetime.now(UTC)), Random(5))
        till: FakeTill = house.till()
        hq.programmes.publish(PROGRAMME, "club.toml", When())
        for number in (1, 2):
            till.enrol(f"700{number}")
        house.take(till)
    return path


def run(capsys: pytest.CaptureFixture[str], config: Path, *words: str, status: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert main(["hq", *words, "--config", str(config)]) == status
    said = capsys.readouterr()
    return said.out, said.err


MUG = ("--reward", "mug", "--item", "MUG", "--store", "S1")


def test_stock_is_set_added_to_and_listed_beside_hq_and_in_the_one_that_runs(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, config, "stock", "set", *MUG, "--quantity", "20")[0] == "done: mug/MUG in S1 has 20, it had 0\n"
    with served(config):
        words = ("stock", "add", *MUG, "--quantity", "-1.5", "--once", "broken 3")
        assert run(capsys, config, *words)[0] == "done: mug/MUG in S1 has 18.5, it had 20\n"
        assert run(capsys, config, *words)[0] == "done before: mug/MUG in S1 has 18.5\n"
        listed = "store  reward  item  left\nS1     mug     MUG   18.5\n"
        assert run(capsys, config, "stock", "list")[0] == listed
    assert run(capsys, config, "stock", "set", *MUG, "--quantity", "18.5")[0].startswith("nothing to do: ")
    row = {"programme": "club", "reward": "mug", "item": "MUG", "store": "S1", "left": "18.5"}
    assert json.loads(run(capsys, config, "stock", "list", "--json")[0]) == {"stock": [row]}
    assert "hands out anything" in run(capsys, config, "stock", "list", "--store", "S2")[0]
    refused = run(capsys, config, "stock", "set", *MUG[:-1], "S2", "--quantity", "1", status=2)[1]
    assert 'store: no till is paired for a store "S2"; there are: S1' in refused


def test_limits_are_listed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, row = run(capsys, config, "limits")[0].splitlines()
    assert head.split() == ["programme", "version", "limit", "id", "where", "used", "most"]
    assert row.split() == ["club", "v1", "budget", "gifts", "0.00", "500.00"]
    with served(config):
        (one,) = json.loads(run(capsys, config, "limits", "--json")[0])["limits"]
        assert (one["kind"], one["used"], one["where"]) == ("budget", "0.00", "")


def test_a_campaign_is_a_table_for_a_mailing_and_the_same_when_it_is_run_again(
    config: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    words = ("coupons", "issue", "--coupon", "spring", "--card", "7001", "--once", "march", "--csv")
    with caplog.at_level(logging.DEBUG):
        out, err = run(capsys, config, *words)
    ((first),) = csv.DictReader(io.StringIO(out))
    assert (first["coupon"], first["card"], first["new"]) == ("spring", "7001", "yes")
    assert err == "1 issued, 0 issued before\n"
    assert first["code"] not in caplog.text
    with served(config):
        out, err = run(capsys, config, *words[:5], "7001", "7002", "7009", *words[6:], status=2)
        rows = list(csv.DictReader(io.StringIO(out)))
        assert [(row["card"], row["new"]) for row in rows] == [("7001", "no"), ("7002", "yes")]
        assert rows[0] == {**first, "new": "no"}
        assert err.splitlines() == ["1 issued, 1 issued before", "loyaltill: no member has the card 7009"]


def test_cards_come_from_a_file_too(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cards = tmp_path / "cards.txt"
    cards.write_text("\ufeff7002\r\n\r\n 7001 \n7002\n", encoding="utf-8")
    words = ("coupons", "issue", "--coupon", "spring", "--cards", str(cards), "--json")
    out, err = run(capsys, config, *words)
    said = json.loads(out)
    assert [one["card"] for one in said["coupons"]] == ["7002", "7001"]
    assert f"run it again with --once {said['once']}" in err
    cards.write_bytes(b"\xff\xfe")
    assert "it is no text in UTF-8" in run(capsys, config, *words, status=2)[1]
    cards.write_text("\n")
    assert "there is no card in it" in run(capsys, config, *words, status=2)[1]
    words = (*words[:5], str(tmp_path / "none"), *words[6:])
    assert "cannot be read" in run(capsys, config, *words, status=2)[1]


def test_a_long_list_of_cards_goes_to_a_running_hq_in_parts(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cards = tmp_path / "cards.txt"
    cards.write_text("\n".join(f"{number:064d}" for number in range(1_203)) + "\n7001\n", encoding="utf-8")
    with served(config):
        words = ("coupons", "issue", "--coupon", "spring", "--cards", str(cards), "--once", "long")
        out, err = run(capsys, config, *words, status=2)
    assert out.split()[1] == "7001"
    assert err.count("no member has the card") == 1_203


def test_a_tier_and_a_pile_of_codes_are_printed_a_line_each(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    issue = ("coupons", "issue", "--coupon", "spring")
    assert len(run(capsys, config, *issue, "--tier", "blue")[0].splitlines()) == 2
    with served(config):
        lines = run(capsys, config, *issue, "--count", "1203")[0].splitlines()
    assert len({line.split()[0] for line in lines}) == 1_203
    assert "there are: blue" in run(capsys, config, *issue, "--tier", "gold", status=2)[1]


def test_a_coupon_is_shown_and_taken_back(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(capsys, config, "coupons", "issue", "--coupon", "spring", "--count", "1")[0].split()[0]
    shown = run(capsys, config, "coupons", "show", f" {code} ")[0].splitlines()
    assert shown[:3] == ["coupon: spring", "state: usable", "uses left: 1"]
    with served(config):
        taken = run(capsys, config, "coupons", "withdraw", code, "--reason", "lost")[0]
        assert "state: withdrawn\nuses left: 0\n" in taken
        assert json.loads(run(capsys, config, "coupons", "show", code, "--json")[0])["state"] == "withdrawn"
        assert "nothing is left" in run(capsys, config, "coupons", "withdraw", code, "--reason", "lost", status=2)[1]
    assert "HQ knows no coupon" in run(capsys, config, "coupons", "show", "S0", status=2)[1]
