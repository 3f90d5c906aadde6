"""Ctrl-C, wherever a command is: it ends soon, with a status that says so, and no traceback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.main import main
from hq.control.channel import CONTROL_FILE
from tests.cli.commands import interrupt, start, wait_for, write_config, write_receipts

if sys.platform == "win32":
    pytest.skip("platform: on Windows Ctrl-C reaches every process of a console", allow_module_level=True)


def ended(process: subprocess.Popen[str], status: int, says: str = "") -> None:
    found, out, err = interrupt(process)
    assert found == status, err
    assert "Traceback" not in err
    assert says in out + err


def test_a_till_ends_with_ctrl_c_and_hq_too(tmp_path: Path) -> None:
    config = write_config(tmp_path, "[till]\nport = 0\n[hq]\nport = 0\n")
    both = [
        start(name, action, "--config", config, cwd=tmp_path) for name, action in (("till", "run"), ("hq", "serve"))
    ]
    for process, says in zip(both, ("the till has stopped", "HQ has stopped"), strict=True):
        wait_for(process, "Ctrl-C ends it")
        ended(process, 0, says)


def test_a_replay_ends_with_ctrl_c_and_goes_on_where_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    receipts, work = write_receipts(tmp_path, receipts=2_000, members=100), tmp_path / "work"
    process = start("replay", "--json", "--receipts", receipts, "--work-dir", work, cwd=tmp_path)
    deadline = time.monotonic() + 30
    while not list(work.glob("run-*/till/till.db-wal")) and time.monotonic() < deadline:
        time.sleep(0.02)
    ended(process, 130, "loyaltill: interrupted")
    assert main(["replay", "--json", "--receipts", str(receipts), "--work-dir", str(work)]) == 0
    assert json.loads(capsys.readouterr().out)["agree"] is True


def test_a_demo_ends_with_ctrl_c_in_the_middle_of_its_day(tmp_path: Path) -> None:
    process = start("demo", cwd=tmp_path)
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob("demo-data/receipts/*.txt")) and time.monotonic() < deadline:
        time.sleep(0.02)
    ended(process, 130, "loyaltill: interrupted")


@pytest.mark.parametrize("times", [1, 5])
def test_a_demo_that_stays_up_ends_well_with_ctrl_c_however_often(tmp_path: Path, times: int) -> None:
    receipts = write_receipts(tmp_path, receipts=5, members=3)
    process = start("demo", "--receipts", receipts, cwd=tmp_path)
    assert "/sign-in?link=" in wait_for(process, "HQ's page")
    wait_for(process, "Ctrl-C ends the demo")
    for _ in range(times - 1):
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    ended(process, 0, "The demo has ended.\n")


@pytest.mark.parametrize(("name", "action", "says"), [("till", "run", "the till"), ("hq", "serve", "HQ")])
def test_a_request_to_end_from_the_system_ends_like_ctrl_c(tmp_path: Path, name: str, action: str, says: str) -> None:
    config = write_config(tmp_path, "[till]\nport = 0\n[hq]\nport = 0\n")
    process = start(name, action, "--config", config, cwd=tmp_path)
    wait_for(process, "Ctrl-C ends it")
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, "Traceback" in err) == (0, f"{says} has stopped\n", False), err
    left = {path.name for path in tmp_path.glob("*-data/*")}
    assert (CONTROL_FILE in left, [file for file in left if file.endswith("-wal")]) == (False, [])


def test_a_request_to_end_is_heard_where_a_shell_made_ctrl_c_deaf(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as for a command that a script runs in the background
    try:
        process = start("hq", "serve", "--config", write_config(tmp_path, "[hq]\nport = 0\n"), cwd=tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    wait_for(process, "Ctrl-C ends it")
    ended(process, 0, "HQ has stopped")
