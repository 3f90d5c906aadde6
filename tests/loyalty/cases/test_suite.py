"""The published suite: every case of tests/cases comes out as it says."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from loyalty.cases.case import Case
from loyalty.cases.reading import read_cases
from loyalty.cases.run import run_case
from loyalty.cases.values import Verdict

FOLDER = Path(__file__).parents[2] / "cases"
FILES = sorted(FOLDER.rglob("*.json"))


def cases(file: Path) -> tuple[Case, ...]:
    return read_cases(file.read_text(encoding="utf-8"), file.name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_comes_out_as_it_says(file: Path) -> None:
    outcomes = [outcome for case in cases(file) for outcome in run_case(case, ZoneInfo(case.zone))]
    assert outcomes
    assert [difference for outcome in outcomes for difference in outcome.differences] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_case_says_where_it_comes_from_and_what_it_shows(file: Path) -> None:
    for case in cases(file):
        assert case.id == file.stem
        assert case.about
        assert (case.source.repo and case.source.path) or case.source.document


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_a_matter_of_policy_is_shown_both_ways_or_names_its_switch(file: Path) -> None:
    for case in cases(file):
        if case.verdict is Verdict.POLICY_CHOICE:
            assert case.variants


def test_only_steps_that_need_two_tills_are_deferred() -> None:
    deferred = {
        (case.id, step.deferred.to)
        for file in FILES
        for case in cases(file)
        for step in case.steps
        if step.deferred is not None
    }
    assert deferred == {("OSP-006", "ledger")}


def test_the_files_are_plain_json_without_numbers_that_have_a_point() -> None:
    for file in FILES:
        json.loads(file.read_text(encoding="utf-8"), parse_float=pytest.fail)
