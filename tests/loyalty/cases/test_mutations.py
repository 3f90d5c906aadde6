"""A wrong figure fails: every expectation of every case is changed, one at a time, and the case must notice."""

import copy
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.cases.reading import read_cases
from loyalty.cases.run import run_case
from tests.loyalty.cases.figures import mutations, put

FOLDER = Path(__file__).parents[2] / "cases"
FILES = sorted(FOLDER.rglob("*.json"))


def passes(case: dict[str, Any]) -> bool:
    [read] = read_cases(json.dumps(case), "mutant.json")
    return all(outcome.passed for outcome in run_case(read, ZoneInfo(read.zone)))


def mutants(case: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for place, step in enumerate(case["steps"]):
        if "deferred" in step:
            continue
        for path, value in mutations(step.get("expect", {})):
            mutant = copy.deepcopy(case)
            mutant.pop("variants", None)
            put(mutant["steps"][place]["expect"], path, value)
            found.append((f"step {place + 1} {path}", mutant))
    for place, variant in enumerate(case.get("variants", [])):
        for path, value in mutations(variant.get("expect", {})):
            mutant = copy.deepcopy(case)
            mutant["variants"] = [mutant["variants"][place]]
            put(mutant["variants"][0]["expect"], path, value)
            found.append((f"variant {place + 1} {path}", mutant))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_figure_of_a_case_is_looked_at(file: Path) -> None:
    case = json.loads(file.read_text(encoding="utf-8"))
    assert passes(case)
    survived = [name for name, mutant in mutants(case) if not _subtotal_lines(name) and passes(mutant)]
    assert survived == []


def _subtotal_lines(name: str) -> bool:
    """The numbers of a subtotal's lines say which lines, and are no expectation."""
    return "'subtotals'" in name and "'lines'" in name
