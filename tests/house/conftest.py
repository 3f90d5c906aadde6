"""The house as the tests of the house see it: its files, its packages, its modules."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("loyalty", "messages", "sync", "drivers", "agent", "hq", "cli")
MADE = {".git", ".venv", "__pycache__", "demo-data", "build", "dist", "node_modules"}


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds start.py."""
    return ROOT


@pytest.fixture(scope="session")
def packages() -> tuple[str, ...]:
    """The top-level packages."""
    return PACKAGES


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """Every file of the source, also what is not committed yet; nothing that git ignores.

    Outside a git checkout (an unpacked archive) it is every file that no tool made.
    """
    listed = _listed_by_git()
    if listed is None:
        listed = [
            path.relative_to(ROOT)
            for path in ROOT.rglob("*")
            if not any(part in MADE or part.endswith("_cache") for part in path.relative_to(ROOT).parts)
        ]
    return sorted(ROOT / path for path in listed if (ROOT / path).is_file())


def _listed_by_git() -> list[Path] | None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return [Path(name) for name in done.stdout.decode().split("\0") if name] if done.returncode == 0 else None


@pytest.fixture(scope="session")
def python_files(project_files: list[Path]) -> list[Path]:
    """Every Python file of the source."""
    return [path for path in project_files if path.suffix == ".py"]
