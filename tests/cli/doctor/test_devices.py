"""The doctor and what is plugged in, the programme, and HQ's own side."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.config.scanners import ScannerConfig, ScannerKind, ScannerMode
from cli.doctor import devices
from cli.doctor.devices import check_scanners
from cli.doctor.findings import Level, fail, ok
from cli.doctor.hq_side import check_hq
from cli.doctor.programme import check_programme
from cli.shipped import shipped_programme
from drivers.errors import DeviceBusy
from drivers.scanners.sources.simulated import SimulatedSource
from hq.book.sqlite import BOOK_FILE
from hq.config import HqConfig
from hq.server import open_hq


class _Busy(SimulatedSource):
    def open(self) -> None:
        raise DeviceBusy(self.name, "another program has the port")


def own(device: str, **more: object) -> ScannerConfig:
    return ScannerConfig(name="counter", mode=ScannerMode.OWN, device=device, **more)  # type: ignore[arg-type]


def test_the_hosts_devices_are_not_touched() -> None:
    theirs = [ScannerConfig(name="pos", device="/dev/no-such-scanner")]
    assert check_scanners(theirs, agent_runs=False) == check_scanners([], agent_runs=True)
    (found,) = check_scanners([], agent_runs=True)
    assert found == ok("scanner", "the POS program has the scanner and passes its scans on")


def test_each_scanner_that_is_not_there_is_told_with_what_to_do() -> None:
    scanners = [own("/dev/no-such-scanner"), own("", kind=ScannerKind.SIMULATED), own("/dev/nor-this-one")]
    found = check_scanners(scanners, agent_runs=False)
    assert [finding.level for finding in found] == [Level.FAIL, Level.OK, Level.FAIL]
    assert found[0].text.startswith("counter: no such port now")
    assert found[0].advice.startswith("plug it in, see what `loyaltill devices` lists")


def test_a_scanner_in_use_is_well_while_the_agent_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "make_source", lambda config: _Busy(config.name))
    (running,) = check_scanners([own("COM5")], agent_runs=True)
    assert running == ok("scanner", "counter (COM5) is in use, as it should be while the agent is running")
    (stopped,) = check_scanners([own("COM5")], agent_runs=False)
    assert (stopped.level, stopped.text) == (Level.FAIL, "counter: another program has the port")


def test_a_scanner_that_opens_is_released_and_ought_not_to_open_beside_the_agent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = SimulatedSource("counter")
    monkeypatch.setattr(devices, "make_source", lambda _: source)
    assert check_scanners([own("COM5")], agent_runs=False) == [ok("scanner", "counter (COM5) opens")]
    (beside,) = check_scanners([own("COM5")], agent_runs=True)
    assert (beside.level, beside.text) == (Level.WARN, "counter (COM5) is free although the agent is running")


def test_a_card_reader_opens_beside_the_agent_too(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SimulatedSource("counter")
    monkeypatch.setattr(devices, "make_source", lambda _: source)
    found = check_scanners([own("", kind=ScannerKind.PCSC)], agent_runs=True)
    assert found == [ok("scanner", "counter (pcsc) opens")]


def test_a_programme_is_named_with_its_currency_or_its_faults(tmp_path: Path) -> None:
    (good,) = check_programme(shipped_programme("grocery.toml"))
    assert (good.level, good.text.endswith("counts sales in KZT and refuses other currencies")) == (Level.OK, True)
    broken = tmp_path / "ours.toml"
    broken.write_text("[programme\n", encoding="utf-8")
    (wrong,) = check_programme(broken)
    assert (wrong.level, wrong.text.startswith(f"{broken}:1: not TOML")) == (Level.FAIL, True)


def test_hqs_own_side_is_read_and_left_alone(tmp_path: Path) -> None:
    config = HqConfig(data_dir=tmp_path / "hq", port=0)
    assert [found.level for found in check_hq(config)] == [Level.OK] * 4
    assert not config.data_dir.exists()
    with open_hq(config):
        running = check_hq(config)
    assert ok("hq book", f"HQ is running on {config.data_dir}") in running
    assert ok("hq book", f"{config.data_dir / BOOK_FILE} opens") in running
    closed = sorted(path.name for path in config.data_dir.iterdir())
    assert ok("hq book", f"{config.data_dir / BOOK_FILE} opens") in check_hq(config)
    assert sorted(path.name for path in config.data_dir.iterdir()) == closed


def test_a_newer_or_damaged_hq_book_is_told(tmp_path: Path) -> None:
    config = HqConfig(data_dir=tmp_path / "hq", port=0)
    open_hq(config).close()
    book = config.data_dir / BOOK_FILE
    with closing(sqlite3.connect(book)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9999'")
    newer = fail("hq book", f"{book} was written by a newer HQ than this one", "install that version or a later one")
    assert newer in check_hq(config)
    book.write_bytes(b"no database at all" * 100)
    assert f"{book} cannot be read as HQ's book: " in " ".join(found.text for found in check_hq(config))


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://hq:hunter2@127.0.0.1:1/hq?connect_timeout=2"
    found = check_hq(HqConfig(data_dir=tmp_path, port=0, database_url=url))[0]
    assert found.level is Level.FAIL
    assert "hunter2" not in found.text
