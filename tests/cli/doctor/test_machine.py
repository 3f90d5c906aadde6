"""The doctor and the machine: clock, SQLite, disk, ports, time."""

from __future__ import annotations

import errno
import shutil
import socket
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from cli.doctor import disk
from cli.doctor.bounded import within
from cli.doctor.disk import check_folder
from cli.doctor.findings import Finding, Level, fail, ok, warn
from cli.doctor.machine import check_clock, check_last_entry, check_offset, check_sqlite
from cli.doctor.ports import check_port
from cli.doctor.report import as_json, lines, summary

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ALMATY = ZoneInfo("Asia/Almaty")


def test_the_clock_is_said_in_the_stores_time() -> None:
    assert check_clock(NOW, ALMATY) == ok("clock", "it is 2026-11-22 15:00 in the store's time zone Asia/Almaty")


@pytest.mark.parametrize("year", [1970, 2025, 2100])
def test_a_year_that_cannot_be_is_wrong(year: int) -> None:
    assert check_clock(NOW.replace(year=year), ALMATY).level is Level.FAIL


@pytest.mark.parametrize(
    ("apart", "level", "text"),
    [
        (timedelta(0), Level.OK, "it agrees with HQ's clock"),
        (timedelta(minutes=-5), Level.OK, "it agrees with HQ's clock to 300 s"),
        (timedelta(minutes=5, seconds=1), Level.WARN, "the clock is 5 minutes ahead of HQ's"),
        (timedelta(hours=-3), Level.WARN, "the clock is 3 hours behind HQ's"),
        (timedelta(days=400), Level.WARN, "the clock is 400 days ahead of HQ's"),
    ],
)
def test_a_clock_more_than_five_minutes_off_hqs_is_worth_a_look(apart: timedelta, level: Level, text: str) -> None:
    found = check_offset(NOW + apart, NOW)
    assert (found.level, found.text) == (level, text)


def test_a_journal_from_the_future_says_that_the_clock_went_back() -> None:
    assert check_last_entry(None, NOW) == []
    assert check_last_entry("2026-11-22T15:04:00+05:00", NOW) == []
    (found,) = check_last_entry("2026-11-22T15:06:00+05:00", NOW)
    assert found.level is Level.WARN
    assert "2026-11-22 15:06, which is still to come by the clock" in found.text


def test_an_older_sqlite_is_explained() -> None:
    assert check_sqlite((3, 51, 3)) == ok("sqlite", "SQLite 3.51.3")
    assert "before 3.51.3 two writing connections can damage a book" in check_sqlite((3, 40, 1)).text


def test_a_folder_that_is_to_be_made_is_tried_above_and_not_made(tmp_path: Path) -> None:
    found = check_folder("disk", tmp_path / "a" / "b")
    assert f"{tmp_path / 'a' / 'b'} will be made at the first start" in found[0].text
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (found,) = check_folder("disk", tmp_path / "a" / "b")
    assert found == fail(
        "disk", f"{tmp_path / 'a' / 'b'} cannot be a folder, since {tmp_path / 'a'} is a file", "move the file away"
    )


@pytest.mark.parametrize(
    ("number", "reason", "advice"),
    [
        (errno.ENOSPC, "No space left on device", "free some space on its disk"),
        (errno.EROFS, "Read-only file system", "let its disk be written to"),
        (errno.EACCES, "Permission denied", "let this user write there"),
    ],
)
def test_a_disk_that_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str, advice: str
) -> None:
    def refuse(_folder: Path) -> int:
        raise OSError(number, reason)

    monkeypatch.setattr(disk, "fsync_us", refuse)
    (found,) = check_folder("disk", tmp_path)
    assert (found.level, found.text) == (Level.FAIL, f"{tmp_path} cannot be written to: {reason}")
    assert found.advice.startswith(advice)


@pytest.mark.parametrize(
    ("took_us", "level", "text"),
    [(5, Level.WARN, "takes no time"), (4_250, Level.OK, "in 4.2 ms"), (250_000, Level.WARN, "needs 250.0 ms")],
)
def test_the_time_of_an_fsync_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, took_us: int, level: Level, text: str
) -> None:
    monkeypatch.setattr(disk, "fsync_us", lambda _folder: took_us)
    found = check_folder("disk", tmp_path)[0]
    assert (found.level, text in found.text) == (level, True)


@pytest.mark.parametrize(("free", "level"), [(1, Level.FAIL), (100 * 2**20, Level.WARN), (2**31, Level.OK)])
def test_room_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=free))
    assert check_folder("disk", tmp_path)[1].level is level


def test_a_port_is_free_or_taken_by_its_owner_or_by_another() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        own = check_port("port", "127.0.0.1", port, owner="the agent", owner_runs=True)
        other = check_port("port", "127.0.0.1", port, owner="the agent", owner_runs=False)
    free = check_port("port", "127.0.0.1", port, owner="the agent", owner_runs=False)
    odd = check_port("port", "127.0.0.1", port, owner="the agent", owner_runs=True)
    assert own == ok("port", f"127.0.0.1 port {port} is taken, as it should be while the agent is running")
    assert other.text == f"another program listens on 127.0.0.1 port {port}"
    assert free == ok("port", f"127.0.0.1 port {port} is free")
    assert [found.level for found in (own, other, free, odd)] == [Level.OK, Level.FAIL, Level.OK, Level.WARN]


def test_an_address_of_another_machine_is_told() -> None:
    found = check_port("port", "192.0.2.1", 8471, owner="the agent", owner_runs=False)
    assert (found.level, found.text) == (Level.FAIL, "the agent cannot listen on 192.0.2.1 port 8471")


def test_a_check_that_hangs_or_breaks_costs_only_itself() -> None:
    hangs, done = threading.Event(), ok("a", "b")

    def breaks() -> list[Finding]:
        raise RuntimeError("card 4000000000000002")

    def waits() -> list[Finding]:
        hangs.wait(10)
        return []

    assert within("a", lambda: [done]) == [done]
    assert within("a", waits, longest_s=0.05) == [fail("a", "this did not answer within 0.05 seconds")]
    hangs.set()
    assert within("a", breaks) == [fail("a", "this could not be checked (RuntimeError)", "please report it")]


def test_a_report_is_folded_and_ends_with_what_it_comes_to() -> None:
    findings = [ok("clock", "it is ten"), warn("disk", "it is slow", "buy one"), fail("hq book", "/x/y is gone")]
    assert lines(findings, width=40) == [
        "ok    clock    It is ten.",
        "warn  disk     It is slow. Buy one.",
        "FAIL  hq book  /x/y is gone.",
        "",
        "1 thing is wrong, 1 thing is worth a look.",
    ]
    assert lines([ok("a", "word " * 20)], width=40)[1].startswith("         word")
    assert summary([ok("a", "b")]) == "All is well."
    assert summary([warn("a", "b"), warn("a", "c")]) == "Nothing is wrong, 2 things are worth a look."
    assert '"ok": false' in as_json(findings)
