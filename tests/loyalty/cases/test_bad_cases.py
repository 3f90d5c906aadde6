"""Cases that somebody broke: refused with a key or run, never a crash. Values of the wrong kind, size or place."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.cases.reading import read_cases
from loyalty.cases.run import run_case
from loyalty.cases.world import CaseFault
from loyalty.reading.problems import BadFile
from tests.loyalty.cases.figures import put

FOLDER = Path(__file__).parents[2] / "cases"
FILES = sorted(FOLDER.rglob("*.json"))
VALUES: list[Any] = [
    *(None, True, 0, 1, -1, 2**70, "", "x", "0", "-1", "0.001", "7", "12.34", "999999999999999", "2026-01-05"),
    *("2020-01-01", "P1D", "max", [], {}, ["x"], {"a": "1"}, "anna", "points", "15% excl", "\x00", "é" * 300, "none"),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


@pytest.mark.parametrize("seed", range(300))
def test_a_broken_case_is_refused_or_runs(seed: int) -> None:
    random = Random(seed)
    case = json.loads(random.choice(FILES).read_text(encoding="utf-8"))
    where = random.choice([path for path in places(case) if path[0] != "zone"])
    broken = copy.deepcopy(case)
    put(broken, where, random.choice(VALUES))
    with suppress(BadFile, CaseFault):
        for read in read_cases(json.dumps(broken), "broken.json"):
            run_case(read, ZoneInfo(read.zone))
