"""What tests/conftest.py gives every test: one seed for a whole run, loopback only, no quiet skips in CI."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def run_pytest(root: Path, folder: Path, test: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one file of tests in a folder of its own that shares our conftest and settings."""
    (folder / "conftest.py").write_bytes((root / "tests" / "conftest.py").read_bytes())
    (folder / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    (folder / "test_planted.py").write_text(test, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "LOYALTILL_SEED"}}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_planted.py"],
        cwd=folder,
        env={**environment, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


DRAWS = """
from hypothesis import given, strategies

def test_seed(seed):
    assert seed == 4711

@given(strategies.integers())
def test_draws(number):
    with open("drawn", "a") as file:
        print(number, file=file)
"""


def test_the_header_prints_the_seed_and_the_same_seed_draws_the_same_examples(root: Path, tmp_path: Path) -> None:
    drawn = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        done = run_pytest(root, folder, DRAWS, LOYALTILL_SEED="4711")
        assert done.returncode == 0, done.stdout
        assert "seed: 4711 (LOYALTILL_SEED=4711 repeats this run)" in done.stdout
        drawn.append((folder / "drawn").read_text(encoding="utf-8"))
    assert drawn[0] == drawn[1]
    assert len(drawn[0].splitlines()) > 1


@pytest.mark.parametrize(
    ("reason", "ci", "status"),
    [
        ("too slow", "", 0),
        ("too slow", "true", 1),
        ("hardware: a receipt printer", "true", 0),
        ("platform: COM ports", "true", 0),
    ],
)
def test_a_skip_in_ci_needs_a_reason_that_counts(root: Path, tmp_path: Path, reason: str, ci: str, status: int) -> None:
    skip = f"import pytest\ndef test_skipped():\n    pytest.skip({reason!r})"
    done = run_pytest(root, tmp_path, skip, CI=ci)
    assert done.returncode == status, done.stdout


def test_a_whole_file_skipped_in_ci_is_an_error(root: Path, tmp_path: Path) -> None:
    done = run_pytest(root, tmp_path, "import pytest\npytest.importorskip('no_such_module')", CI="true")
    assert "no_such_module" in done.stdout
    assert "skipped in CI" in done.stdout


def test_no_test_can_leave_this_machine() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match="leave this machine"):
        outside.connect(("192.0.2.1", 80))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
