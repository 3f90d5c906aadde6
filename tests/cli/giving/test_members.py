"""``loyaltill hq member``, with HQ running and without."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from cli.main import main
from hq.config import load_hq_config
from hq.server import open_hq
from tests.cli.commands import write_config
from tests.cli.test_hq import served
from tests.hq.houses import House, SetClock


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An HQ with three members."""
    path = write_config(tmp_path, "[hq]\nport = 0\n")
    with open_hq(load_hq_config(path)) as hq:
        house = House(hq, SetClock(datetime.now(UTC)), Random(5))
        till = house.till()
        for card in ("7001", "7002", "7003"):
            till.sale(till.enrol(card), 5)
        house.take(till)
    return path


def run(capsys: pytest.CaptureFixture[str], config: Path, *words: str, status: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert main(["hq", "member", *words, "--config", str(config)]) == status
    said = capsys.readouterr()
    return said.out, said.err


def test_members_are_merged_whether_hq_runs_or_not(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("merge", "--card", "7001", "--into", "7002", "--reason", "twice", "--once", "c1")
    assert run(capsys, config, *words) == (
        "done; 1 cards lead to the other member now, 0 leases were called back\n",
        "",
    )
    with served(config):
        assert run(capsys, config, *words)[0] == "done before\n"
        said = json.loads(run(capsys, config, *words[:2], "7002", "--into", "7003", *words[5:7], "--json")[0])
    assert (said["cards"], said["known"], len(said["entries"])) == (2, False, 1)
    with open_hq(load_hq_config(config)) as hq:
        assert [hq.totals().members, hq.overview.member_balance("7001").of("points")] == [1, 15]  # type: ignore[union-attr]


def test_what_cannot_be_is_told_with_the_option_and_names_no_card(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = run(capsys, config, "merge", "--card", "7009", "--into", "7002", "--reason", "twice", status=2)
    assert (out, err) == ("", "loyaltill: card: no member has this card\n")


def test_a_member_is_forgotten_whether_hq_runs_or_not(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("erase", "--card", "7001", "--reason", "request 17")
    assert run(capsys, config, *words) == ("done; the details of 1 entries are erased\n", "")
    with served(config):
        assert run(capsys, config, *words)[0] == "done before; the details of 1 entries are erased\n"
        said = json.loads(run(capsys, config, "erase", "--card", "7002", "--reason", "request 18", "--json")[0])
    assert (said["entries"], said["known"]) == (1, False)
