"""What the packages import is what pyproject.toml declares: nothing that only the tests install."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Tools of this repository that live beside what they make; nobody imports them at run time.
TOOLS = {"messages/compile.py": {"babel"}, "drivers/printers/atlas/generate.py": {"PIL"}}
# What a declared library hands out as its own way of saying things.
PARTS = {"jinja2": {"markupsafe"}, "fastapi": {"pydantic", "starlette"}}


# Packages for another system, which are declared and not installed here: module and package.
ELSEWHERE = {"hid": "hidapi", "win32print": "pywin32"}


def declared(root: Path) -> set[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(
            line
            for extra in ("hid-windows", "pictures", "postgres")
            for line in project["optional-dependencies"][extra]
        ),
    ]
    names = {canonicalize_name(Requirement(line).name) for line in lines}
    return names.union(*(parts for whole, parts in PARTS.items() if whole in names))


def imported(source: str) -> set[str]:
    """The top-level modules that this source imports, at its top or inside a function."""
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and node.level == 0]
    return {name.partition(".")[0] for name in names}


@cache
def providers_of_modules() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def undeclared(source: str, ours: Iterable[str], distributions: set[str]) -> set[str]:
    providers = providers_of_modules()
    foreign = imported(source) - set(ours) - sys.stdlib_module_names
    return {
        name
        for name in foreign
        if not distributions
        & {canonicalize_name(provider) for provider in providers.get(name, [ELSEWHERE.get(name, "")])}
    }


def test_every_import_is_declared(root: Path, packages: tuple[str, ...], python_files: list[Path]) -> None:
    distributions = declared(root)
    found = {}
    for path in python_files:
        name = path.relative_to(root).as_posix()
        if name.partition("/")[0] in packages:
            bad = undeclared(path.read_text(encoding="utf-8"), packages, distributions) - TOOLS.get(name, set())
            found.update({name: bad} if bad else {})
    assert found == {}


def test_a_planted_import_of_a_test_library_is_found(root: Path, packages: tuple[str, ...]) -> None:
    source = "import json\nimport serial.tools\nfrom hypothesis import given\ndef f():\n    from pytest import raises\n"
    assert undeclared(source, packages, declared(root)) == {"hypothesis", "pytest"}
