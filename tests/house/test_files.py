"""What no file of the source may hold, and how long a file may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

MOST_LINES = 500
LOCKS = {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "pdm.lock", "package-lock.json", "yarn.lock"}

# Written so that this file does not find itself.
REGISTRY = re.compile(
    r"py[p]i\.(?:org|python\.org)|pythonhosted\.(?:org)|npmjs\.(?:org|com)|anaconda\.(?:org)|crates\.(?:io)"
    r"|(?:deb|security)\.debian\.(?:org)|archive\.ubuntu\.(?:com)"
)
MACHINE = re.compile(
    r"(?<![\w.~-])/(?:ro[o]t|ho[m]e/[\w.-]+|Us[e]rs/[\w.-]+|wo[r]k)/|[A-Za-z]:\\{1,2}Us[e]rs\\{1,2}[\w.-]+"
)


def found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group() for match in pattern.finditer(text)]


def texts(files: list[Path]) -> list[tuple[Path, str]]:
    """The files that are text, read."""
    read: list[tuple[Path, str]] = []
    for path in files:
        try:
            read.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return read


@pytest.mark.parametrize("pattern", [REGISTRY, MACHINE], ids=["package registry", "machine path"])
def test_no_file_names_a_registry_or_a_path_of_one_machine(project_files: list[Path], pattern: re.Pattern[str]) -> None:
    assert {str(path): bad for path, text in texts(project_files) if (bad := found(pattern, text))} == {}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY, "https://py" + "pi.org/simple"),
        (REGISTRY, "https://files.python" + "hosted.org/packages"),
        (REGISTRY, "registry.npm" + "js.org"),
        (MACHINE, "/ro" + "ot/project"),
        (MACHINE, "see /ho" + "me/asel/till.toml"),
        (MACHINE, "file:///Us" + "ers/asel/till.toml"),
        (MACHINE, "C:\\Us" + "ers\\asel"),
    ],
)
def test_a_planted_registry_or_machine_path_is_found(pattern: re.Pattern[str], text: str) -> None:
    assert len(found(pattern, text)) == 1


@pytest.mark.parametrize(
    "text", ["GET /members/homes/", "/var/lib/loyaltill", "./home/page", "https://example.org/work"]
)
def test_other_paths_are_no_fault(text: str) -> None:
    assert found(REGISTRY, text) + found(MACHINE, text) == []


def test_there_is_no_lock_that_records_a_registry(project_files: list[Path]) -> None:
    assert [path for path in project_files if path.name in LOCKS] == []


def test_no_python_file_is_longer_than_a_reader_can_hold(python_files: list[Path]) -> None:
    lines = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_test_folders_are_not_packages(root: Path) -> None:
    # file names repeat between tests/agent and tests/hq, which only works without packages
    assert list((root / "tests").rglob("__init__.py")) == []


def test_every_package_and_room_says_what_it_knows(root: Path, packages: tuple[str, ...]) -> None:
    silent = [
        str(path.relative_to(root))
        for package in packages
        for path in (root / package).rglob("__init__.py")
        if not path.read_text(encoding="utf-8").lstrip().startswith(('"""', 'r"""'))
    ]
    assert silent == []
