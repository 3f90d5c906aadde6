"""``loyaltill programme diff``: two versions in, what changes out."""

import json
from pathlib import Path

import pytest

from cli.main import main
from tests.loyalty.authoring.writing import EARN, HEAD


def diff(tmp_path: Path, before: str, after: str, *options: str) -> int:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text(HEAD + before, encoding="utf-8")
    other.write_text((HEAD + after).replace('label = "1"', 'label = "2"'), encoding="utf-8")
    return main(["programme", "diff", str(one), str(other), *options])


def test_changes_and_baskets_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, EARN, EARN.replace('"1.00"', '"0.50"'), "--most", "1") == 0
    head, *rest = capsys.readouterr().out.splitlines()
    assert head.startswith('"1" (')
    assert rest == [
        '  rule "earn": per: 1 -> 0.5',
        "",
        "baskets that are answered differently, the simplest first:",
        "  1 x ₸0.50, a member, at Mon 2026-01-05 12:00",
        "    was: to pay ₸0.50, earns nothing",
        "    is:  to pay ₸0.50, earns 1 points",
    ]


def test_a_label_alone_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, EARN, EARN) == 0
    assert capsys.readouterr().out.endswith("nothing changes\n")


def test_what_no_basket_shows_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, EARN, EARN + 'names.en = "Earn"\n') == 0
    assert capsys.readouterr().out.endswith("no basket at the edges of the two is answered differently\n")


def test_programs_get_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(tmp_path, "", EARN, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    [change] = said["changes"]
    assert (change["way"], change["table"], change["id"], change["after"]) == ("added", "rule", "earn", "per_amount")
    assert said["baskets"][0]["after"]["earned"] == {"points": "1"}


def test_a_version_that_is_no_file_needs_an_hq(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["programme", "diff", "2026-1", "2026-2"]) == 2
    assert "2026-1: there is no such file; to name a version that HQ keeps" in capsys.readouterr().err
