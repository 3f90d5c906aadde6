"""The doctor as a command: what it looks at, what it leaves alone, how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.till.till import Till
from cli.doctor.findings import Finding, Level
from cli.main import main
from tests.cli.commands import write_config
from tests.cli.doctor.conftest import CARDS, TILL
from tests.cli.doctor.looking import about, failures


def everything(folder: Path) -> dict[str, bytes | None]:
    """Every file of a folder with what is in it."""
    found = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in found}


def test_a_new_machine_is_well_and_stays_as_it_is(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(tmp_path)
    assert main(["doctor", "--config", str(config)]) == 0
    said = capsys.readouterr()
    assert everything(tmp_path) == before
    assert said.err == ""
    told = " ".join(said.out.split())
    assert f"There is no book in {tmp_path / 'till-data'} yet; the first start makes it." in told
    assert "There are no keys yet" in told
    assert told.endswith(("All is well.", "worth a look."))


def test_every_path_is_said_as_it_is_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_config(tmp_path, '[till]\nport = 0\ndata_dir = "d"\n', CARDS).rename(tmp_path / "c")
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--config", "c", "--json"]) == 0
    said = {check["about"]: check["text"] for check in reversed(json.loads(capsys.readouterr().out)["checks"])}
    assert said["config"].startswith(f"{tmp_path / 'c'} is valid")
    assert said["disk"].startswith(f"{tmp_path / 'd'} will be made")
    assert said["book"].startswith(f"there is no book in {tmp_path / 'd'} yet")


def test_a_till_that_has_sold_is_left_as_it_is(
    config: Path, till: Till, sell: Callable[[Till, int], None], tmp_path: Path
) -> None:
    sell(till, 5)
    till.close()
    before = everything(tmp_path / "till-data")
    assert main(["doctor", "--config", str(config)]) == 0
    assert everything(tmp_path / "till-data") == before


def test_a_till_is_examined_while_it_runs(
    config: Path,
    till: Till,
    sell: Callable[[Till, int], None],
    examined: Callable[[Path], list[Finding]],
) -> None:
    sell(till, 3)
    found = examined(config)
    assert failures(found) == []
    assert about(found, "agent") == [(Level.OK, f"an agent is running on {till.context.config.data_dir}")]
    entries = till.context.book.head.sequence
    (book,) = about(found, "book")
    assert f"its {entries} entries hold together up to head " in book[1]
    sell(till, 6)  # and the till can go on
    assert till.context.book.head.sequence > entries


def test_json_is_one_object_with_every_check(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--config", str(config), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert said["ok"] is True
    assert {
        "config",
        "cards",
        "sqlite",
        "disk",
        "book",
        "keys",
        "clock",
        "programme",
        "scanner",
        "printer",
        "port",
        "hq",
    } == {check["about"] for check in said["checks"]}
    assert {frozenset(check) for check in said["checks"]} == {frozenset({"level", "about", "text", "advice"})}


def test_what_is_wrong_is_said_with_what_to_do_and_the_status_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scanner = '[[scanner]]\nname = "counter"\nmode = "own"\ndevice = "/dev/no-such-scanner"\n'
    assert main(["doctor", "--config", str(write_config(tmp_path, TILL, CARDS, scanner))]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "FAIL scanner counter: no such port now" in said
    assert "Plug it in, see what `loyaltill devices` lists" in said
    assert "1 thing is wrong" in said


def test_a_machine_with_only_hq_needs_no_store(tmp_path: Path, examined: Callable[[Path], list[Finding]]) -> None:
    found = examined(write_config(tmp_path, "[hq]\nport = 0\n", store=""))
    assert failures(found) == []
    assert {finding.about for finding in found} == {"config", "sqlite", "hq folder", "hq book", "hq port"}


def test_a_till_that_knows_no_cards_is_worth_a_look(tmp_path: Path, examined: Callable[[Path], list[Finding]]) -> None:
    (found,) = about(examined(write_config(tmp_path, TILL)), "cards")
    assert found == (Level.WARN, "no [[cards.range]] is set, so no card enrols by being used")


def test_a_range_that_payment_cards_fit_is_a_warning(tmp_path: Path, examined: Callable[[Path], list[Finding]]) -> None:
    own = '[[cards.range]]\nprefix = "6003"\nmin_length = 16\npayment_numbers_are_ours = true\n'
    (found,) = about(examined(write_config(tmp_path, TILL, own)), "cards")
    text = "your own cards begin with 6003...; payment cards can begin with 6003 too, and would get in"
    assert found == (Level.WARN, text)


def test_a_machine_may_be_both(tmp_path: Path, examined: Callable[[Path], list[Finding]]) -> None:
    found = examined(write_config(tmp_path, TILL, '[hq]\nport = 0\nmerchant = "Dastarkhan"\n'))
    assert about(found, "config") == [
        (
            Level.OK,
            f'{tmp_path / "config.toml"} is valid; it sets up till "till 1" of store "Shop" and the HQ of "Dastarkhan"',
        )
    ]
    assert about(found, "hq book") == [
        (Level.OK, f"there is no book in {tmp_path / 'hq-data'} yet; the first start makes it")
    ]


def test_no_secret_is_ever_said(config: Path, till: Till, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    till.context.keys.keep_token("a-token-of-hq-that-nobody-may-see")
    till.close()
    write_config(tmp_path, TILL, '[sync]\nhq_url = "http://127.0.0.1:9"\n')
    assert main(["doctor", "--config", str(config)]) == 1
    said = capsys.readouterr().out
    keys = [path.read_bytes() for path in (tmp_path / "till-data" / "keys").iterdir()]
    assert [key for key in keys if key.hex() in said or key.decode("latin-1").strip() in said] == []
    assert "nobody-may-see" not in said


def test_an_unusable_config_lists_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_config(tmp_path, "[till]\nport = -1\n[hq]\nport = 99999\n", store="")
    assert main(["doctor", "--config", str(path)]) == 2
    assert [line.split(": ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "store.id",
        "store.name",
        "store.time_zone",
        "programme.file",
        "till.port",
        "hq.port",
    ]
