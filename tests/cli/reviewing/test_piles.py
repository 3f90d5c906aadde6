"""``loyaltill hq exceptions`` and ``parked``, with HQ running and without."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from hq.attention.parking import ExceptionReason, raise_exception
from hq.config import load_hq_config
from hq.server import open_hq
from loyalty.journal.entry import Posting
from tests.cli.commands import write_config
from tests.cli.giving.test_giving import run
from tests.cli.test_hq import served
from tests.hq.houses import House, SetClock

CARD = "9700123456789012"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An HQ with a fork, a return without a sale, and an entry that waits for a member."""
    path = write_config(tmp_path, "[hq]\nport = 0\n")
    with open_hq(load_hq_config(path)) as hq:
        house = House(hq, SetClock(datetime.now(UTC)), Random(5))
        till, other = house.till(), house.till("Till 2")
        member = other.enrol(CARD)
        till.add("sale", Posting(account=member, unit="points", amount=31), identifier=CARD)
        till.add("return")
        till.add("teleport", Posting(account=member, unit="points", amount=9))
        house.take(till)
        with hq.book.write() as connection:
            raise_exception(connection, ExceptionReason.FORK, place=(till.id, 1, 3), at_ms=0, note="HQ holds 3 entries")
    return path


def test_parked_entries_are_listed_shown_and_replayed_beside_hq_and_in_the_one_that_runs(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *rows = run(capsys, config, "parked", "list")[0].splitlines()
    assert head.split() == ["which", "reason", "till", "store", "state", "when", "(UTC)"]
    assert [row.split()[1] for row in rows] == ["unknown_kind", "unknown_original", "unknown_account"]
    which = rows[2].split()[0]
    beside, _ = run(capsys, config, "parked", "show", which)
    for said in (
        f"{which}: unknown_account, open",
        "It is posted by itself once the till that enrolled the member has sent",
        "  +31 points to ",
        "(unknown to HQ)",
        "changed: nothing",
        "  identifier: •••• 9012",
    ):
        assert said in beside
    assert CARD not in beside
    with served(config):
        assert run(capsys, config, "parked", "show", which)[0] == beside
        (one,) = json.loads(run(capsys, config, "parked", "list", "--reason", "unknown_kind", "--json")[0])["rows"]
        assert (one["till"], one["epoch"], one["sequence"], one["state"]) == ("Till 1", 1, 3, "open")
        out = run(capsys, config, "parked", "replay", "--all")[0].splitlines()
        assert [line.split("  ")[1][:30] for line in out[:3]] == [
            "still parked, unknown_account:",
            "still parked, unknown_original",
            "still parked, unknown_kind: Th",
        ]
        assert out[3] == "0 posted, 3 still parked"
    said = json.loads(run(capsys, config, "parked", "replay", which, "--json")[0])
    assert (said["posted"], said["still_parked"], len(said["tried"])) == (0, {"unknown_account": 1}, 1)


def test_one_is_settled_with_a_note_and_by_whom(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    which = run(capsys, config, "exceptions", "list")[0].splitlines()[1].split()[0]
    assert which.endswith("/1/3/fork")
    words = ("exceptions", "settle", which, "--note", "the copy was wiped")
    with served(config):
        assert run(capsys, config, *words)[0] == f"settled: {which}\n"
    assert run(capsys, config, *words)[0] == f"settled before: {which}\n"
    assert run(capsys, config, "exceptions", "list")[0] == "there is nothing\n"
    assert " settled " in run(capsys, config, "exceptions", "list", "--state", "all")[0]
    shown = run(capsys, config, "exceptions", "show", which)[0]
    assert "noted: HQ holds 3 entries" in shown
    assert ": the copy was wiped" in shown
    parked = run(capsys, config, "parked", "list", "--reason", "unknown_original")[0].splitlines()[1].split()[0]
    assert run(capsys, config, "parked", "settle", parked, "--note", "given by hand")[0].startswith("settled: ")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("parked", "replay"), "say what to post: WHICH, or --reason or --till, or --all"),
        (("parked", "replay", "--all", "--till", "Till 1"), "say what to post"),
        (("parked", "list", "--till", "Till 9"), 'no till with the name "Till 9"'),
        (("parked", "show", "x/1/1"), 'no till with the name "x"'),
        (("exceptions", "settle", "Till 1/1/3", "--note", " "), "note: expected a text"),
        (("exceptions", "show", "Till 1/1/1"), "there is no such one"),
    ],
)
def test_what_cannot_be_done_is_said_with_status_2(
    config: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], fault: str
) -> None:
    assert fault in run(capsys, config, *words, status=2)[1]
