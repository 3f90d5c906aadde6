"""The doctor asks printers how they are, and prints nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from cli.doctor.findings import Level, ok
from cli.doctor.printers import check_printer
from tests.drivers.printers.fake_printer import Mood, on_network

OWN = PrinterConfig(mode=PrinterMode.OWN, kind=PrinterKind.PREVIEW)


def test_the_hosts_printer_is_not_touched() -> None:
    assert check_printer(PrinterConfig()) == ok("printer", "the POS program prints what the agent returns")


def test_a_folder_for_receipts_is_tried_and_not_made(tmp_path: Path) -> None:
    found = check_printer(replace(OWN, address=str(tmp_path / "receipts")))
    assert found.level is Level.OK
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    assert check_printer(replace(OWN, address=str(tmp_path / "file"))).level is Level.FAIL


def test_a_file_with_the_last_receipt_is_not_emptied(tmp_path: Path) -> None:
    last = tmp_path / "last.bin"
    last.write_bytes(b"the last receipt")
    assert check_printer(replace(OWN, kind=PrinterKind.FILE, address=str(last))).level is Level.OK
    assert last.read_bytes() == b"the last receipt"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = replace(OWN, kind=PrinterKind.FILE)
    (tmp_path / "dev").mkdir()
    monkeypatch.setattr("drivers.printers.transports.file.DEVICES", tmp_path / "dev")
    for address in (tmp_path, tmp_path / "none" / "last.bin", tmp_path / "dev" / "lp0"):
        found = check_printer(replace(file, address=str(address)))
        assert found.level is Level.FAIL
        assert "the printer cannot be reached" in found.text
    assert list(tmp_path.rglob("*")) == [tmp_path / "dev"]


@pytest.mark.parametrize(
    ("mood", "profile", "level", "said"),
    [
        (Mood(), "", Level.OK, "is there and says how it is, but not when it has printed"),
        (Mood(), "TM-T20III", Level.OK, "is there and says how it is, and when it has printed"),
        (Mood(answers=False), "", Level.WARN, "so its receipts are known to be sent and never to be printed"),
        (Mood(paper="near_end"), "", Level.WARN, "prints, and says: paper near end"),
        (Mood(paper="out", cover_open=True), "", Level.FAIL, "says that it cannot print: paper out, cover open"),
    ],
)
def test_a_network_printer_says_how_it_is(mood: Mood, profile: str, level: Level, said: str) -> None:
    with on_network(mood) as (fake, port):
        there = replace(OWN, kind=PrinterKind.NETWORK, address=f"127.0.0.1:{port}", profile=profile)
        found = check_printer(there)
        assert (found.level, said in found.text) == (level, True), found
        assert found.text.startswith(f"receipts (network 127.0.0.1:{port}) ")
    assert fake.papers == []
    gone = check_printer(there)
    assert (gone.level, "cannot be reached" in gone.text) == (Level.FAIL, True)
    assert gone.advice.startswith("switch it on")


def test_a_printer_that_the_running_till_keeps_open_is_left_alone() -> None:
    there = replace(OWN, kind=PrinterKind.NETWORK, address="127.0.0.1:1")
    found = check_printer(there, agent_runs=True)
    assert (found.level, "is the running till's own" in found.text) == (Level.OK, True)


def test_a_profile_that_nobody_knows_is_told() -> None:
    found = check_printer(replace(OWN, kind=PrinterKind.NETWORK, address="127.0.0.1:1", profile="TM-T999"))
    assert (found.level, 'no printer "TM-T999" is known' in found.text) == (Level.FAIL, True)
