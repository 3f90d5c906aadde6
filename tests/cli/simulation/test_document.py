"""docs/SIMULATION.md names fifty faults, and what it says to cover them is there."""

from __future__ import annotations

import re
from pathlib import Path

from cli.simulation.events.every import EVENTS
from cli.simulation.network import Fate, Weather
from cli.simulation.planted import PLANTED

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs/SIMULATION.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")
KNOWN = {
    *(event.name for event in EVENTS),
    *(fate.value for fate in Fate),
    *(weather.value for weather in Weather),
    *(fault.name for fault in PLANTED),
}


def rows() -> list[tuple[int, str, str]]:
    return [(int(number), fault.strip(), covered.strip()) for number, fault, covered in ROW.findall(TEXT)]


def is_there(name: str) -> bool:
    if not name.startswith("tests/"):
        return name in KNOWN
    file, _, test = name.partition("::")
    path = ROOT / file
    return path.is_file() and (not test or f"def {test}(" in path.read_text(encoding="utf-8"))


def test_every_one_of_the_fifty_faults_is_named() -> None:
    assert [number for number, _, _ in rows()] == list(range(1, 51))
    assert len({fault for _, fault, _ in rows()}) == 50


def test_what_covers_a_fault_is_in_the_code() -> None:
    missing = {number: [name for name in NAMED.findall(covered) if not is_there(name)] for number, _, covered in rows()}
    assert {number: names for number, names in missing.items() if names} == {}


def test_a_fault_that_nothing_covers_says_so() -> None:
    silent = [number for number, _, covered in rows() if not NAMED.search(covered) and "not yet" not in covered]
    assert silent == []


def test_names_of_events_are_told_apart() -> None:
    assert len({event.name for event in EVENTS}) == len(EVENTS)
    assert len({fault.name for fault in PLANTED}) == len(PLANTED)
