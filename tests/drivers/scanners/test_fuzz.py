"""Whatever comes from a device: a reading, nothing raised, and no payment card's number in it."""

from __future__ import annotations

import pytest

from drivers.scanners.decoding.reading import Kind, Reading
from drivers.scanners.gate import Gate
from drivers.scanners.symbols import Symbol
from tests.drivers.scanners import fuzzing
from tests.drivers.scanners.fuzzing import fuzz

INPUTS = 50_000
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_fifty_thousand_random_and_mutated_scans(part: int, seed: int) -> None:
    found = fuzz(INPUTS // PARTS, seed + part)
    assert found.faults == [], f"python -m bench.fuzz_scans --inputs {INPUTS // PARTS} --seed {seed + part}"
    assert found.inputs == INPUTS // PARTS
    reached = {kind.value for kind in Kind}
    assert reached | {"payment_track", "payment_number", "overflow", "cut"} <= set(found.kinds)


def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaking(symbol: Symbol, *_: object) -> Reading:
        return Reading(kind=Kind.UNKNOWN, value=symbol.text)

    monkeypatch.setattr(fuzzing, "classify", leaking)
    monkeypatch.setattr(Gate, "admit", lambda _, symbol: symbol)
    found = fuzz(2_000, 1)
    assert "a payment card's number in a reading of kind unknown" in {fault for _, fault in found.faults}
