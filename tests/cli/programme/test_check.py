"""``loyaltill programme check``: what it prints, and its exit status."""

import json
from pathlib import Path

import pytest

from cli.main import main
from tests.loyalty.authoring.writing import EARN, HEAD

UNIT = '[[unit]]\nid = "points"\nexpires = "P12M"\nvalue = "0.01"\n'


def check(tmp_path: Path, text: str, *options: str) -> int:
    path = tmp_path / "club.toml"
    path.write_text(text, encoding="utf-8")
    return main(["programme", "check", str(path), *options])


def test_a_good_programme_is_no_matter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, HEAD + UNIT + EARN, "--strict") == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith("1 rule, 0 rewards: no problems, 0 warnings")


def test_a_warning_names_line_key_and_code_and_fails_only_a_strict_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = HEAD + UNIT + EARN + "when.until = 2026-03-03\n"
    assert check(tmp_path, text, "--at", "2026-03-03", "--strict") == 0
    capsys.readouterr()
    assert check(tmp_path, text, "--at", "2026-03-04") == 0
    warning, total = capsys.readouterr().out.splitlines()
    assert warning.endswith(
        "club.toml:17: rule[1].when.until: its time is over; take it out, or move when.until [window_over]"
    )
    assert total.endswith("no problems, 1 warning")
    assert check(tmp_path, text, "--at", "2026-03-04", "--strict") == 1


def test_every_problem_is_told_at_once_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, HEAD + EARN.replace('"1.00"', "0") + "untis = 2\n") == 2
    first, second, total = capsys.readouterr().out.splitlines()
    assert first.endswith("club.toml:12: rule[1].per: must be more than zero [rate_zero]")
    assert "club.toml:13: rule[1].untis: unknown key" in second
    assert total.endswith("club.toml: 2 problems; it cannot be used")


@pytest.mark.parametrize(("text", "status", "problems", "warnings"), [(HEAD + EARN, 0, 0, 2), (HEAD + "x", 2, 1, 0)])
def test_programs_get_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, status: int, problems: int, warnings: int
) -> None:
    assert check(tmp_path, text, "--json") == status
    said = json.loads(capsys.readouterr().out)
    assert (len(said["problems"]), len(said["warnings"])) == (problems, warnings)
    assert all(one.keys() == {"line", "key", "code", "text"} for one in (*said["problems"], *said["warnings"]))


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programme", "check", str(tmp_path / "none.toml"), "--json"]) == 2
    [problem] = json.loads(capsys.readouterr().out)["problems"]
    assert problem["code"] == "not_readable"
