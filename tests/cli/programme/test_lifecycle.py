"""Publishing, history, rollback and withdrawal at the command line, with HQ running and without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.cli.commands import write_config
from tests.cli.test_hq import served

PROGRAMME = """
[programme]
id = "club"
label = "v1"
names.en = "Club"
[currency]
code = "KZT"
[[rule]]
id = "base"
kind = "per_amount"
units = "1"
per = "20.00"
"""


class Shop:
    """A folder with HQ's config and programmes."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = write_config(folder, "[hq]\nport = 0\n")
        self._folder = folder
        self._capsys = capsys

    def file(self, label: str, text: str = PROGRAMME) -> Path:
        path = self._folder / f"{label}.toml"
        path.write_text(text.replace('"v1"', f'"{label}"'), encoding="utf-8")
        return path

    def run(self, *words: str | Path) -> tuple[int, str, str]:
        self._capsys.readouterr()
        status = main(["programme", *map(str, words), "--config", str(self.config)])
        said = self._capsys.readouterr()
        return status, said.out, said.err

    def said(self, *words: str | Path) -> str:
        status, out, err = self.run(*words)
        assert (status, err) == (0, "")
        return out

    def history(self) -> Any:
        return json.loads(self.said("history", "--json"))


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    return Shop(tmp_path, capsys)


def test_a_programme_is_published_looked_at_rolled_back_and_withdrawn(shop: Shop) -> None:
    assert shop.said("history").startswith("nothing was published yet")
    assert shop.said("publish", shop.file("v1")).startswith('release 1: club "v1" (')
    assert shop.said("publish", shop.file("v1")).startswith("nothing to do: release 1: ")
    shop.said("publish", shop.file("v2"), "--stores", "centre, airport", "--new-store", "--note", "pilot")
    planned = shop.said("publish", shop.file("v3"), "--effective", "2998-12-01")
    assert planned.endswith("begins at midnight of 2998-12-01 in all stores\n")
    shop.said("withdraw", "3")
    assert shop.said("rollback", "--stores", "centre,airport", "--new-store").startswith('release 4: club "v1"')
    shop.said("rollback", "--to", "v2", "--effective", "2998-12-01T06:00+05:00")
    told = [(one["number"], one["label"], one["stage"], one["effective"]) for one in shop.history()["releases"]]
    assert [row[:3] for row in told] == [
        (5, "v2", "planned"),
        (4, "v1", "begun"),
        (3, "v3", "withdrawn"),
        (2, "v2", "begun"),
        (1, "v1", "begun"),
    ]
    assert told[0][3] == "2998-12-01T01:00:00+00:00"
    table = shop.said("history")
    assert "airport, centre" in table
    assert "pilot" in table
    assert "2998-12-01T01:00:00Z" in table


def test_the_hq_that_runs_publishes_too(shop: Shop) -> None:
    with served(shop.config):
        shop.said("publish", shop.file("v1"))
        assert [one["label"] for one in shop.history()["releases"]] == ["v1"]
        status, _, err = shop.run("publish", shop.file("v2", PROGRAMME.replace("KZT", "AZN")))
        assert (status, 'programme "club" counts in KZT' in err) == (2, True)
    assert [one["label"] for one in shop.history()["releases"]] == ["v1"]


def test_a_bad_file_is_told_whole_with_status_2(shop: Shop) -> None:
    bad = shop.file("v1", PROGRAMME.replace('"20.00"', '"0"').replace("units", "unit_s").replace("KZT", "tenge"))
    status, out, err = shop.run("publish", bad)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) >= 3
    assert all(line.startswith(f"loyaltill: {bad}:") for line in err.splitlines())


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("publish", "nowhere.toml"), "cannot be read"),
        (("publish", "huge.toml"), "at most 262,144 bytes"),
        (("publish", "v1.toml", "--stores", "centre"), "no till was paired for store centre"),
        (("publish", "v1.toml", "--effective", "2020-01-01"), "is past"),
        (("rollback",), "no earlier version"),
        (("rollback", "--to", "v7"), "no published version"),
        (("withdraw", "1"), "there is no release 1"),
        (("withdraw", "0"), "number must be a release's"),
    ],
)
def test_what_cannot_be_done_is_said_with_status_2(
    shop: Shop, words: tuple[str, ...], fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.file("v1")
    (tmp_path / "huge.toml").write_text("#" * 300_000, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    status, out, err = shop.run(*words)
    assert (status, out) == (2, "")
    assert fault in err


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("publish",), "the following arguments are required: FILE"),
        (("publish", "x", "--effective", "soon"), "expected a date, as 2026-12-01"),
        (("publish", "x", "--effective", "2026-12-01T06:00"), "expected the offset"),
        (("publish", "x", "--stores", "a,,b"), "expected ids of stores"),
        (("withdraw", "first"), "invalid int value"),
        (("explode",), "invalid choice: 'explode'"),
        ((), "the following arguments are required: ACTION"),
    ],
)
def test_words_that_are_none_are_named(words: tuple[str, ...], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["programme", *words])
    assert ended.value.code == 2
    assert fault in capsys.readouterr().err


def test_a_version_that_hq_keeps_is_compared_with_a_file_by_its_label_or_its_first_digits(shop: Shop) -> None:
    shop.said("publish", shop.file("v1"))
    draft = shop.file("v2", PROGRAMME.replace('"20.00"', '"10.00"'))
    [version] = shop.history()["versions"]
    for named in ("v1", version["version"][:8]):
        assert '  rule "base": per: 20 -> 10\n' in shop.said("diff", named, draft)
    status, _, err = shop.run("diff", "v7", draft)
    assert (status, 'no published version has the label or begins with "v7"' in err) == (2, True)
