"""What the doctor says of the customer's display."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from serial import Serial

from agent.config.printers import DisplayConfig
from cli.doctor.display import check_display
from cli.doctor.findings import Finding, Level
from tests.cli.commands import write_config
from tests.cli.doctor.looking import about

Examined = Callable[[Path], list[Finding]]
linux = pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no pseudo terminals")


@pytest.fixture
def pole() -> Iterator[tuple[int, str]]:
    ours, theirs = os.openpty()
    yield ours, os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_without_one_nothing_is_said(config: Path, examined: Examined) -> None:
    assert about(examined(config), "display") == []


@linux
def test_one_that_is_there_opens_and_gets_no_byte(tmp_path: Path, examined: Examined, pole: tuple[int, str]) -> None:
    ours, port = pole
    config = write_config(tmp_path, f'[display]\nport = "{port}"\n')
    said = f"the customer's display on {port} opens; whether it shows the right letters, a sale shows"
    assert about(examined(config), "display") == [(Level.OK, said)]
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)


@pytest.mark.parametrize("agent_runs", [True, False])
@linux
def test_one_that_is_not_there_is_a_fault(*, agent_runs: bool) -> None:
    found = check_display(DisplayConfig(port="/dev/no-such-display"), agent_runs=agent_runs)
    assert (found.level, found.text[:46]) == (Level.FAIL, "the customer's display on /dev/no-such-display"[:46])


@linux
def test_a_running_till_has_it(pole: tuple[int, str]) -> None:
    _, port = pole
    found = check_display(DisplayConfig(port=port), agent_runs=True)
    assert found.level is Level.OK
    assert "is the running till's" in found.text


@linux
def test_another_program_has_it(pole: tuple[int, str]) -> None:
    _, port = pole
    with Serial(port, exclusive=True):
        found = check_display(DisplayConfig(port=port), agent_runs=False)
    assert (found.level, found.text) == (
        Level.FAIL,
        f"the customer's display on {port}: another program has the port",
    )
