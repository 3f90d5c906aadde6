"""Rows for a host that prints itself: in its width and letters, as pictures, or refused by name; also with a commit's answer."""

from __future__ import annotations

import struct
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.config.printers import PrinterConfig, PrinterMode
from agent.terminal import Terminal
from tests.agent.callers import Caller, check
from tests.agent.shops import enrolment, shop

TABLE = '"Ә" = "А"\n"ә" = "а"\n"₸" = "T"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "letters.toml").write_text(TABLE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    """A till whose printer is a fiscal register with Russian letters and 42 columns."""
    register = PrinterConfig(
        mode=PrinterMode.HOST, width_columns=42, character_set="cp866", substitutions=folder / "letters.toml"
    )
    settings = replace(shop(folder / "till", language="kk"), printers=(register,))
    with Terminal(settings) as running:
        running.till.enrol(enrolment(language="kk"))
        yield running


@pytest.fixture
def pos(terminal: Terminal) -> Iterator[Caller]:
    with Caller.of(terminal) as caller:
        yield caller


def entry_of(pos: Caller, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = pos.post("commit", check(), key="c").json()
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found: dict[str, Any] = pos.get(f"/v1/receipt/{answer['entry']}?{asked}").json()
    return found


def test_the_settings_say_what_the_hosts_printer_can_do(pos: Caller) -> None:
    found = entry_of(pos)
    assert (found["width"], found["character_set"], found["language"]) == (42, "cp866", "kk")
    assert "unprintable" not in found
    texts = [row["text"] for row in found["rows"] if "align" in row]
    assert "Алия" in texts[0]
    assert all(len(text) <= 42 and text.encode("cp866").decode("cp866") == text for text in texts)
    assert found["rows"][-1] == {"cut": True}


def test_a_row_whose_letters_nobody_approved_is_a_picture(pos: Caller) -> None:
    pictures = [row for row in entry_of(pos)["rows"] if "png" in row]
    assert any("Барлығы" in row["text"] for row in pictures)
    for row in pictures:
        png = b64decode(row["png"])
        assert struct.unpack(">II", png[16:24]) == (row["width_dots"], row["height_dots"])
        assert row["width_dots"] == 42 * 12


def test_without_pictures_such_a_row_is_refused_by_its_letters(pos: Caller) -> None:
    found = entry_of(pos, pictures="0")
    refused = [row for row in found["rows"] if "refused" in row]
    assert {"refused": "letters", "characters": "ғ"} in refused
    assert set("ғқ") <= set(found["unprintable"])
    assert "?" not in "".join(row.get("text", "") for row in found["rows"])


def test_the_host_may_say_another_width_and_other_letters(pos: Caller) -> None:
    found = entry_of(pos, width="32", character_set="utf-8")
    assert (found["width"], found["character_set"]) == (32, "utf-8")
    assert all("text" in row or "cut" in row for row in found["rows"])
    assert all(len(row["text"]) <= 32 for row in found["rows"] if "text" in row)


@pytest.mark.parametrize(
    "query", ["character_set=klingon", f"character_set={'x' * 50}", "pictures=yes", "width=33", "template=shift"]
)
def test_what_cannot_be_asked_for_is_refused(pos: Caller, query: str) -> None:
    entry = pos.post("commit", check(), key="c").json()["entry"]
    assert pos.get(f"/v1/receipt/{entry}?{query}").status_code == 400


def test_a_commit_answers_with_the_rows_that_are_asked_for(pos: Caller) -> None:
    plain = pos.post("commit", check(), key="c").json()
    again = pos.post("commit?rows=appended&width=32", check(), key="c").json()
    rows = again.pop("receipt")
    assert again == plain
    assert rows == {
        key: value
        for key, value in pos.get(f"/v1/receipt/{plain['entry']}?template=appended&width=32").json().items()
        if key != "entry"
    }


def test_rows_that_cannot_be_asked_for_leave_the_sale_unrecorded(pos: Caller, terminal: Terminal) -> None:
    before = terminal.till.context.book.head.sequence
    sets = (f"rows=slip&character_set={name}" for name in ("klingon", "idna", "%00"))
    for query in ("rows=everything", "rows=slip&width=33", *sets):
        assert pos.post(f"commit?{query}", check(), key="c").status_code == 400
    assert terminal.till.context.book.head.sequence == before


def test_a_refused_commit_has_no_rows(pos: Caller) -> None:
    refused = pos.post("commit?rows=slip", check(currency="EUR"), key="c").json()
    assert refused["refused"] == "currency_mismatch"
    assert "receipt" not in refused


@pytest.mark.parametrize("table", [b"not toml", '"Ә" = 7'.encode(), '"ӘӘ" = "A"'.encode(), b"\xff", None])
def test_no_sale_waits_for_a_table_of_letters_that_cannot_be_used(
    folder: Path, pos: Caller, table: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = folder / "letters.toml"
    if table is None:
        file.unlink()
    else:
        file.write_bytes(table)
    sold = pos.post("commit?rows=slip&pictures=0", check(), key="c")
    assert sold.status_code == 200
    assert "₸" in sold.json()["receipt"]["unprintable"]
    assert pos.get(f"/v1/receipt/{sold.json()['entry']}").status_code == 200
    assert [record.message.startswith(f"{file}: ") for record in caplog.records if record.levelname == "ERROR"] == [
        True
    ]
    file.write_text(TABLE, encoding="utf-8")
    mended = pos.get(f"/v1/receipt/{sold.json()['entry']}").json()
    assert "Алия" in mended["rows"][0]["text"]
