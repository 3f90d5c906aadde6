"""The project's shared scan vectors, and a scanner that sends one of them."""

import json
from collections.abc import Container
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from drivers.scanners.framing import Framer
from drivers.scanners.symbols import Symbol, read_symbol

FILE = Path(__file__).resolve().parents[4] / "shared" / "cases" / "scan_vectors.json"

Vector = dict[str, Any]


@cache
def vectors() -> tuple[Vector, ...]:
    """All of them; the module that asks is skipped where the file is missing."""
    if not FILE.exists():
        pytest.skip("shared: the scan vectors are not beside this checkout", allow_module_level=True)
    return tuple(json.loads(FILE.read_text(encoding="utf-8"))["vectors"])


def of(*groups: str, test: str = "", expect: str = "", but: Container[str] = ()) -> list[Any]:
    """Vectors as parameters.

    Args:
        groups: Their groups.
        test: How the name of the other program's test begins that they come from.
        expect: ``ok`` or ``error``; both if empty.
        but: Ids of vectors, and names of tests, that are left out.
    """
    return [
        pytest.param(vector, id=vector["id"])
        for vector in vectors()
        if vector["group"] in groups
        and vector["interpretation"].get("test", "").startswith(test)
        and expect in {"", vector["expect"]}
        and vector["id"] not in but
        and vector["interpretation"].get("test", "") not in but
    ]


def scanned(text: str) -> Symbol | str:
    """The symbol that comes out of the framer when a scanner sends ``text`` and CR; else why not."""
    frames = Framer().feed(text.encode("latin-1") + b"\r", 0)
    assert len(frames) == 1
    outcome = read_symbol(frames[0])
    return outcome if isinstance(outcome, Symbol) else outcome.value


def engine(vector: Vector) -> Vector:
    """What GS1's own program said to the same input; empty if it was not asked."""
    verdict: Vector = vector["verdicts"].get("gs1_syntax_engine", {})
    return verdict
