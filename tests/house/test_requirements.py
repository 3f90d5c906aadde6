"""The pinned lists under requirements/ are whole: every package, one version, its hashes, no index."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAMES = ("runtime", "postgres", "test", "build")


def pins(root: Path, name: str) -> dict[str, Requirement]:
    text = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split("--hash")[0] for line in text.splitlines() if line.strip() and not line.startswith("#")]
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def version_of(requirement: Requirement) -> str:
    (only,) = requirement.specifier
    assert only.operator == "=="
    return only.version


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def asked_for(project: dict[str, Any], name: str) -> list[Requirement]:
    table = project["project"]
    extras = {"runtime": [], "postgres": ["postgres"], "test": ["postgres", "test"], "build": []}[name]
    lines = project["build-system"]["requires"] if name == "build" else list(table["dependencies"])
    lines += [line for extra in extras for line in table["optional-dependencies"][extra]]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_a_pin_with_hashes_and_nothing_names_an_index(root: Path, name: str) -> None:
    text = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    pin = re.compile(r"[\w.-]+==[\w.]+ +(?:; [^-]+ )?(?: *--hash=sha256:[0-9a-f]{64})+ *")
    assert [line for line in lines if not pin.fullmatch(line)] == []
    assert lines


@pytest.mark.parametrize("name", NAMES)
def test_each_list_holds_what_the_project_asks_for(root: Path, project: dict[str, Any], name: str) -> None:
    pinned = pins(root, name)
    missing = [
        str(wanted)
        for wanted in asked_for(project, name)
        if (pin := pinned.get(canonicalize_name(wanted.name))) is None or version_of(pin) not in wanted.specifier
    ]
    assert missing == []


def test_all_lists_agree_on_every_version(root: Path) -> None:
    versions: dict[str, set[str]] = {}
    for name in NAMES:
        for package, pin in pins(root, name).items():
            versions.setdefault(package, set()).add(version_of(pin))
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_a_smaller_list_is_part_of_a_larger_one(root: Path) -> None:
    # start.py relies on it: whoever has installed "test" has "runtime"
    runtime, postgres, test = (set(pins(root, name)) for name in ("runtime", "postgres", "test"))
    assert runtime < postgres < test


def test_the_build_backend_is_pinned_exactly(project: dict[str, Any]) -> None:
    assert [version_of(requirement) for requirement in asked_for(project, "build")]


def test_the_wheel_holds_every_file_of_the_packages(
    root: Path, packages: tuple[str, ...], project_files: list[Path], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {path.relative_to(root).as_posix() for path in project_files if path.relative_to(root).parts[0] in packages}
    examples = {f"cli/programmes/{path.name}" for path in project_files if path.parent == root / "programmes"}
    assert shipped == ours | examples
