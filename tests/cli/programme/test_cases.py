"""``loyaltill programme test``: what it prints, and its exit status."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main

LINE = {"item": "A", "price": "10.00"}
EARN = {"rule": [{"kind": "per_amount", "id": "earn", "units": 1, "per": "1.00"}]}


def case(number: int = 1, earned: str = "10", **step: Any) -> dict[str, Any]:
    made = {"do": "sale", "member": "anna", "lines": [LINE], "expect": {"earned": {"points": earned}}, **step}
    return {"id": f"case-{number}", "programme": EARN, "members": [{"id": "anna"}], "steps": [made]}


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def run(*paths: Path) -> int:
    return main(["programme", "test", *map(str, paths)])


def last(said: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def test_cases_of_files_and_folders_are_run_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a" / "deep" / "one.json", case(1))
    write(tmp_path / "a" / "notes.txt", "no case")
    two = write(tmp_path / "two.json", [case(2), case(3)])
    assert run(tmp_path / "a", two) == 0
    assert last(capsys.readouterr().out) == {"cases": 3, "passed": 3, "failed": 0}


def test_a_failure_is_told_with_its_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(write(tmp_path / "f.json", [case(1), case(2, earned="11")])) == 1
    said = capsys.readouterr().out
    assert "case-2: step 1: earned.points: expected 11, got 10" in said.splitlines()
    assert last(said) == {"cases": 2, "passed": 1, "failed": 1}


def test_deferred_steps_are_listed_and_counted_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deferred = case(1, deferred={"to": "ledger", "reason": "two tills at once"})
    assert run(write(tmp_path / "f.json", deferred)) == 0
    said = capsys.readouterr().out
    assert "case-1: step 1: not run, deferred to ledger: two tills at once" in said
    assert "steps that are deferred: 1" in said
    assert last(said) == {"cases": 1, "passed": 1, "failed": 0}


def test_no_case_at_all_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 2
    assert last(capsys.readouterr().out) == {"cases": 0, "passed": 0, "failed": 0}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "f.json:1: not JSON"),
        (case(1, member="nobody"), 'f.json: case-1: step 1: knows no member "nobody"'),
        (case(1, colour="red"), "f.json: steps[1].colour: unknown key"),
        ({**case(1), "zone": "Middle/Earth"}, "f.json: case-1.zone: expected an IANA time zone"),
        ({**case(1), "zone": "../etc"}, "f.json: case-1.zone: expected an IANA time zone"),
        ({**case(1), "programme": {"rule": [{"kind": "alchemy", "id": "x"}]}}, "rule[1].kind: unknown kind"),
    ],
)
def test_a_malformed_case_is_status_2_with_file_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any, said: str
) -> None:
    assert run(write(tmp_path / "f.json", content)) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "f.json" in told


def test_a_path_that_is_not_there_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "nowhere") == 2
    assert "nowhere: there is no such file or folder" in capsys.readouterr().err


def test_bytes_that_are_no_text_are_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.json").write_bytes(b"\xff\xfe\x00")
    assert run(tmp_path / "f.json") == 2
    assert "is not UTF-8 text" in capsys.readouterr().err
