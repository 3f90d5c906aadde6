"""ruff, mypy and import-linter run with the tests, under the settings in pyproject.toml."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run()"


def check(root: Path, *arguments: str) -> None:
    done = check_anyway(root, *arguments)
    assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}{done.stderr}"


def check_anyway(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "120", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_ruff_finds_nothing(root: Path) -> None:
    check(root, "-m", "ruff", "check", "--output-format", "concise", ".")


def test_every_file_is_formatted(root: Path) -> None:
    check(root, "-m", "ruff", "format", "--check", ".")


def test_types_hold_on_linux(root: Path) -> None:
    check(root, "-m", "mypy")


def test_types_hold_on_windows(root: Path, packages: tuple[str, ...]) -> None:
    cache = root / ".mypy_cache" / "windows"
    check(root, "-m", "mypy", "--platform", "win32", "--cache-dir", str(cache), *packages, "start.py")


def test_imports_point_inward_and_make_no_cycle(root: Path) -> None:
    check(root, "-c", LINT_IMPORTS, "--no-cache")


FORBIDDEN = {
    "loyalty imports sync": {"loyalty/bad.py": "import sync\n"},
    "messages imports sync": {"messages/bad.py": "import sync\n"},
    "drivers imports loyalty": {"drivers/bad.py": "import loyalty\n"},
    "drivers imports messages": {"drivers/bad.py": "import messages\n"},
    "sync imports agent": {"sync/bad.py": "import agent\n"},
    "agent imports hq": {"agent/bad.py": "import hq\n"},
    "hq imports agent": {"hq/bad.py": "import agent\n"},
    "hq imports drivers": {"hq/bad.py": "import drivers\n"},
    "agent imports cli": {"agent/bad.py": "import cli\n"},
    "rooms in a cycle": {
        "agent/book/__init__.py": "import agent.till\n",
        "agent/till/__init__.py": "import agent.book\n",
    },
}
ALLOWED = {
    "agent/good.py": "import sync\nimport drivers\nimport messages\nimport loyalty\n",
    "hq/good.py": "import sync\nimport messages\nimport loyalty\n",
    "sync/good.py": "import loyalty\n",
    "messages/good.py": "import loyalty\n",
    "cli/good.py": "import agent\nimport hq\nimport drivers\n",
}


@pytest.mark.parametrize("files", [ALLOWED, *FORBIDDEN.values()], ids=["what is allowed", *FORBIDDEN])
def test_the_contracts_tell_allowed_imports_from_forbidden_ones(
    root: Path, packages: tuple[str, ...], tmp_path: Path, files: dict[str, str]
) -> None:
    shutil.copy(root / "pyproject.toml", tmp_path)
    for name, text in {**{f"{package}/__init__.py": "" for package in packages}, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
    done = check_anyway(tmp_path, "-c", LINT_IMPORTS, "--no-cache")
    assert (done.returncode == 0) == (files is ALLOWED), done.stdout + done.stderr
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
