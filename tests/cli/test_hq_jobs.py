"""``loyaltill hq jobs run`` and ``loyaltill hq adjust``, with HQ running and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.main import main
from tests.cli.commands import write_config
from tests.cli.test_hq import said, served

PROGRAMME = '[programme]\nid = "club"\nlabel = "v1"\nnames.en = "Club"\n[currency]\ncode = "KZT"\n'


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    capsys.readouterr()
    assert main([*map(str, words)]) == 2
    return capsys.readouterr().err


def test_jobs_run_beside_hq_and_in_the_one_that_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    alone = said(capsys, "hq", "jobs", "run", "--json", "--config", config)
    assert [one["job"] for one in json.loads(alone)["done"]] == ["leases", "expiry", "tiers", "segments", "offers"]
    with served(config):
        at = "2026-12-01T03:00+05:00"
        line = said(capsys, "hq", "jobs", "run", "--at", at, "--only", "expiry", "--config", config)
        assert line == "expiry: 0 looked at, 0 changed"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--at", "2026-12-01T03:00"], "expected the offset"),
        (["--at", "soon"], "expected an instant"),
        (["--at", "0001-01-01T00:00+05:00"], "expected a year"),
        (["--only", "expiry,taxes"], 'there is no job "taxes"; there are leases, expiry, tiers, segments, offers'),
    ],
)
def test_what_cannot_be_run_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    assert says in refused(capsys, "hq", "jobs", "run", *words, "--config", config)


def test_nobody_is_adjusted_who_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path, "[hq]\nport = 0\n")
    words = ("hq", "adjust", "--card", "29001234", "--amount", "-40", "--reason", "twice", "--config", config)
    assert "card: no member has this card" in refused(capsys, *words)
