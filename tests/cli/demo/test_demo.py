"""The demo from its first scan to its last line: what it shows, how it ends, and what it never does."""

from __future__ import annotations

import gzip
import re
import socket
from contextlib import closing, suppress
from pathlib import Path

import pytest

from agent.sync_worker import SyncMode
from agent.till.till import Till
from cli.demo import command, day, ending, shop
from cli.main import main
from cli.replay import operations
from hq.config import DEFAULT_PORT
from hq.history import mapping_reader
from hq.ingest.service import Ingest
from hq.overview.service import Overview
from sync.protocol.values import Acknowledged
from tests.cli.commands import run_it, write_receipts

YEAR = Path(__file__).parents[4] / "shared" / "data" / "online_retail_2009_2010.csv.gz"
SLICE_ROWS = 500


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A day of a few receipts, in a folder of the test's own, and a scanner that reads a card twice at once."""
    monkeypatch.setattr(shop, "_RECEIPTS", 25)
    monkeypatch.setattr(shop, "_MEMBERS", 12)
    monkeypatch.chdir(tmp_path)


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[int, int]]:
    """The rows of the comparison: what is counted, at the till and at HQ."""
    rows = re.findall(r"^(\S.*?) +till +([\d,-]+) +HQ +([\d,-]+)$", capsys.readouterr().out, re.MULTILINE)
    return {name: (int(till.replace(",", "")), int(hq.replace(",", ""))) for name, till, hq in rows}


def test_a_whole_day_ends_in_agreement(tmp_path: Path) -> None:
    done = run_it("demo", "--exit", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.endswith("till and HQ agree\n")
    assert re.search(r"Earned +\d+ points", done.stdout)
    picture = re.search(r"^the same as a picture: (.*)$", done.stdout, re.MULTILINE)
    assert picture is not None
    assert Path(picture.group(1)).read_bytes().startswith(b"\x89PNG")


def test_two_demos_in_a_row_begin_anew_and_show_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["demo", "--exit"]) == 0
    (tmp_path / "demo-data" / "left-over").touch()
    first = shown(capsys)
    assert main(["demo", "--exit"]) == 0
    assert shown(capsys) == first
    assert all(till == hq for till, hq in first.values())
    assert first["points outstanding"][0] > 0
    assert not (tmp_path / "demo-data" / "left-over").exists()


@pytest.mark.parametrize(("language", "letters"), [("kk", "[әғқңөұүі]"), ("hy", "[ա-ֆ]")])
def test_the_receipt_is_in_the_language_that_was_asked_for(
    language: str, letters: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--exit", "--language", language]) == 0
    assert re.search(letters, capsys.readouterr().out.partition("the same as a picture")[0])


def test_real_receipts_go_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not YEAR.exists():
        pytest.skip("platform: this machine has no ../shared/data/online_retail_2009_2010.csv.gz")
    receipts = tmp_path / "slice.csv"
    with gzip.open(YEAR, "rt", encoding="utf-8", newline="") as year:
        receipts.write_text("".join(line for line, _ in zip(year, range(SLICE_ROWS), strict=False)), encoding="utf-8")
    assert main(["demo", "--exit", "--receipts", str(receipts)]) == 0
    rows = shown(capsys)
    assert rows["points outstanding"][0] > 1_000
    assert all(till == hq for till, hq in rows.values())
    assert receipts.exists()


def test_a_mapping_in_another_currency_brings_the_default_programme(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (Path(mapping_reader.__file__).parent / "mappings" / "generated.toml").read_text(encoding="utf-8")
    mapping = tmp_path / "azn.toml"
    mapping.write_text(source.replace('"KZT"', '"AZN"'), encoding="utf-8")
    given = write_receipts(tmp_path, receipts=12, members=5)
    assert main(["demo", "--exit", "--receipts", str(given), "--mapping", str(mapping)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"1 point per \D*1\.00", said)
    assert 'code = "AZN"' in (tmp_path / "demo-data" / "programme.toml").read_text(encoding="utf-8")


def test_a_port_that_is_taken_is_no_hindrance(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.socket()) as taken:
        with suppress(OSError):  # in use already: as good
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", DEFAULT_PORT))
            taken.listen()
        assert main(["demo", "--exit"]) == 0
    assert capsys.readouterr().out.endswith("till and HQ agree\n")


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo-data"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert main(["demo", "--exit"]) == 1
    assert capsys.readouterr().err == (
        f"loyaltill: {folder} is not a demo's folder; move it away or give --data-dir another\n"
    )
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_file_where_the_folder_should_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "demo-data").write_text("mine", encoding="utf-8")
    assert main(["demo", "--exit"]) == 1
    assert "is a file; give --data-dir another name" in capsys.readouterr().err
    assert (tmp_path / "demo-data").read_text(encoding="utf-8") == "mine"


def test_receipts_inside_the_demos_folder_are_not_emptied_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--exit"]) == 0
    made_up = tmp_path / "demo-data" / "day.csv"
    assert main(["demo", "--exit", "--receipts", str(made_up)]) == 2
    assert "lies in the demo's own folder" in capsys.readouterr().err
    assert made_up.exists()


def test_a_demo_that_is_running_is_not_emptied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found: list[int] = []

    def second(_demo: object) -> list[str]:
        found.append(main(["demo", "--exit"]))
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "settle", second)
        main(["demo", "--exit"])
    assert found == [1]
    assert f"a demo is running in {tmp_path / 'demo-data'}; end it" in capsys.readouterr().err


def test_a_balance_that_differs_at_hq_is_no_agreement(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:

    def tampered(demo: ending.Demo) -> list[str]:
        left = ending.settle(demo)
        with demo.hq.book.write() as connection:
            connection.exec_driver_sql(
                "UPDATE balance SET amount = amount + 1 WHERE account_id = (SELECT min(account_id) FROM balance)"
            )
        return left

    monkeypatch.setattr(command, "settle", tampered)
    assert main(["demo", "--exit"]) == 1
    assert capsys.readouterr().out.endswith("till and HQ DISAGREE\n")


def test_an_entry_that_hq_lost_is_no_agreement(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Overview, "head_of", lambda *_: bytes(32))
    assert main(["demo", "--exit"]) == 1
    assert capsys.readouterr().out.endswith("till and HQ DISAGREE\n")


def test_what_is_not_settled_in_time_is_said_and_is_no_success(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_ingest: Ingest, _terminal: object, batch: object) -> Acknowledged:
        return Acknowledged(acked=0, durable=0)

    monkeypatch.setattr(Ingest, "batch", deaf)
    monkeypatch.setattr(command, "settle", lambda demo: ending.settle(demo, within_s=1))
    assert main(["demo", "--exit"]) == 1
    said = capsys.readouterr().out
    assert "left undone: " in said
    assert "entries were not sent to HQ" in said


def test_a_sync_without_hope_is_not_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Till, "unsent", lambda _till: 3)
    monkeypatch.setattr("agent.terminal.Terminal.sync_mode", SyncMode.REFUSED)
    assert main(["demo", "--exit"]) == 1
    assert "left undone: 3 entries were not sent to HQ" in capsys.readouterr().out


def test_a_receipt_that_the_till_refuses_is_counted_and_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(sale: object, currency: str) -> object:
        return operations.sale_request(sale, "USD" if getattr(sale, "index", 0) % 3 == 0 else currency)  # type: ignore[arg-type]

    monkeypatch.setattr(day, "sale_request", wrong)
    assert main(["demo", "--exit"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"the till refused \d+ with currency_mismatch", said)
    assert said.endswith("till and HQ agree\n")
