"""Reading cases: strict, every problem at once, each with its key."""

import json
from typing import Any

import pytest

from loyalty.cases.reading import read_cases
from loyalty.reading.problems import BadFile

LINE = {"item": "A", "price": "1.00"}


def case(**changes: Any) -> dict[str, Any]:
    return {"id": "x", "steps": [{"do": "sale", "lines": [LINE]}], **changes}


def sale(**changes: Any) -> dict[str, Any]:
    return case(steps=[{"do": "sale", "lines": [LINE], **changes}])


def problems(value: Any) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value)
    with pytest.raises(BadFile) as raised:
        read_cases(text, "f.json")
    return [f"{problem.key}: {problem.code}" for problem in raised.value.problems]


def test_a_file_holds_one_case_or_a_list() -> None:
    assert [one.id for one in read_cases(json.dumps(case()), "f")] == ["x"]
    assert [one.id for one in read_cases(json.dumps([case(), case(id="y")]), "f")] == ["x", "y"]
    assert read_cases("[]", "f") == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (case(stepz=[]), ["stepz: unknown_key"]),
        (case(zz=1, mm=2, aa=3), ["aa: unknown_key", "mm: unknown_key", "zz: unknown_key"]),
        ({"about": ""}, ["id: missing", "steps: missing"]),
        ({"id": "x"}, ["steps: missing"]),
        (case(steps=[]), ["x.steps: wrong_value"]),
        (case(format=2), ["x.format: wrong_value"]),
        (case(verdict="perhaps"), ["verdict: wrong_value"]),
        (case(steps=[{"do": "dance"}]), ["steps[1].do: unknown_kind"]),
        (case(steps=[{"lines": []}]), ["steps[1].do: unknown_kind"]),
        (case(steps={"do": "sale"}), ["steps: wrong_value"]),
        (case(steps=["sale"]), ["steps[1]: wrong_value"]),
        (case(steps=[{"do": ["sale"]}]), ["steps[1].do: unknown_kind"]),
        (sale(expect={"totals": "1"}), ["steps[1].expect.totals: unknown_key"]),
        (sale(expect={"total": 1}), ["steps[1].expect.total: wrong_value"]),
        (sale(expect={"total": "1,00"}), ["steps[1].expect.total: wrong_value"]),
        (sale(expect={"total": "1e3"}), ["steps[1].expect.total: wrong_value"]),
        (sale(expect={"total": "\u0661"}), ["steps[1].expect.total: wrong_value"]),
        (sale(expect={"total": None}), ["steps[1].expect.total: wrong_value"]),
        (sale(expect={"entries": True}), ["steps[1].expect.entries: wrong_value"]),
        (sale(expect={"recorded": 1}), ["steps[1].expect.recorded: wrong_value"]),
        (sale(expect={"earned": {"points": 3}}), ["steps[1].expect.earned.points: wrong_value"]),
        (sale(expect={"lines": {"1": {"price": "1"}}}), ["steps[1].expect.lines.1.price: unknown_key"]),
        (sale(lines=[{"item": "A", "price": "1", "tax": "15%"}]), ["steps[1].lines[1].tax: wrong_value"]),
        (sale(lines=[{"item": "A", "price": "1", "tax": "15% incl + "}]), ["steps[1].lines[1].tax: wrong_value"]),
        (sale(repeat=10**15), ["steps[1].repeat: too_large"]),
        (sale(at="tomorrow"), ["steps[1].at: wrong_value"]),
        (sale(at="2026-01-01T10:00+05:00"), ["steps[1].at: wrong_value"]),
        (sale(at=5), ["steps[1].at: wrong_value"]),
        (sale(at="2026-02-01", after="P1D"), ["x.steps[1].after: wrong_value"]),
        (sale(repeat=0), ["x.steps[1].repeat: wrong_value"]),
        (sale(lines=[{"item": "A", "price": 1}]), ["steps[1].lines[1].price: wrong_value"]),
        (sale(lines=[{"price": "1"}]), ["steps[1].lines[1].item: missing"]),
        (case(steps=[{"do": "void", "of": "gone"}]), ["x.steps[1].of: unknown_reference"]),
        (case(steps=[{"do": "report", "of": ["a", "b"]}]), ["x.steps[1].of: unknown_reference"] * 2),
        (case(variants=[{"id": "v", "expect": {"9": {}}}]), ["x.variants.v.9: unknown_reference"]),
        (
            case(steps=[{"do": "look", "id": "a"}, {"do": "look", "id": "a"}]),
            ["x.steps[2].id: repeated"],
        ),
        ([case(), case(nope=1)], ["[2].nope: unknown_key"]),
        ("{", [": wrong_value"]),
        ("[1.5]", [": wrong_value"]),
        ('{"id": "x", "id": "y"}', [": wrong_value"]),
        ('{"id": NaN}', [": wrong_value"]),
        ("[" * 100_000, [": wrong_value"]),
        ("3", [": wrong_value"]),
    ],
)
def test_every_fault_is_told_with_its_key(value: Any, expected: list[str]) -> None:
    assert problems(value) == expected


def test_all_faults_of_a_file_are_told_at_once() -> None:
    assert len(problems(sale(expect={"total": 1, "tax": 2}, lines=[{"item": "A", "price": 1, "colour": "red"}]))) == 4


def test_a_problem_says_which_key_was_meant() -> None:
    with pytest.raises(BadFile, match='did you mean "quantity"'):
        read_cases(json.dumps(sale(lines=[{**LINE, "quantty": "2"}])), "f.json")
