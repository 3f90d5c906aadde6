"""No case of the collection that was given to us is missing, and none of its figures was altered."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.loyalty.cases.figures import expectations, numbers

SHARED = Path(__file__).parents[4] / "shared" / "cases" / "loyalty_cases.json"
FOLDER = Path(__file__).parents[2] / "cases"
pytestmark = pytest.mark.skipif(not SHARED.is_file(), reason="shared: the shared cases are not beside this checkout")


@cache
def given() -> dict[str, dict[str, Any]]:
    if not SHARED.is_file():
        return {}
    return {case["id"]: case for case in json.loads(SHARED.read_text(encoding="utf-8"))["cases"]}


def ours(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{case}.json").read_text(encoding="utf-8"))
    return found


def missing(expected: Any, case: dict[str, Any]) -> Counter[str]:
    """Figures that the source expects and our file does not."""
    wanted, have = set(numbers(expected)), set(numbers(expectations(case)))
    return Counter(str(figure) for figure in wanted - have)


def test_every_case_has_its_file() -> None:
    assert sorted(given()) == sorted(file.stem for file in FOLDER.glob("*.json") if file.stem in given())


@pytest.mark.parametrize("case", sorted(given()))
def test_every_figure_of_the_source_is_expected(case: str) -> None:
    assert not missing(given()[case]["expected"], ours(case))


@pytest.mark.parametrize("case", sorted(given()))
def test_source_and_verdict_are_those_of_the_collection(case: str) -> None:
    theirs, own = given()[case], ours(case)
    assert own["verdict"] == theirs["verdict"]
    said = " ".join(own["source"].values())
    assert all(part in said for part in theirs["source"].values())


@pytest.mark.parametrize("case", sorted(given()))
def test_an_altered_figure_is_noticed(case: str) -> None:
    expected = given()[case]["expected"]
    for figure in set(numbers(expected)):
        altered = json.loads(json.dumps(ours(case)))
        _alter(altered["steps"], figure)
        _alter(altered.get("variants", []), figure)
        altered["set_aside"] = [one for one in altered.get("set_aside", []) if set(numbers(one["figure"])) != {figure}]
        assert missing(expected, altered), f"{figure} could be altered"


def _alter(value: Any, figure: Any) -> None:
    """Change every leaf that is this figure."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        if isinstance(inner, (dict, list)):
            _alter(inner, figure)
        elif figure in set(numbers(inner)):
            value[key] = "98765.43"
