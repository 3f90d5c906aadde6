"""docs/SPEC-case.md: its examples run, and it names every key of the format."""

import re
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from loyalty.cases import expected, steps, values
from loyalty.cases.case import Case, Variant
from loyalty.cases.reading import read_cases
from loyalty.cases.run import run_case

PAGE = (Path(__file__).parents[3] / "docs" / "SPEC-case.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json case\n(.*?)```", PAGE, re.DOTALL)
TYPES = [
    Case,
    Variant,
    *steps.STEPS.values(),
    *(values.Source, values.SetAside, values.Deferred, values.LotHeld, values.Member, values.CouponHeld),
    *(values.GiftCardHeld, values.PoolHeld, values.Line, values.HostDiscount, values.Redeem, values.PayWithCard),
    *(values.Load, expected.Expect, expected.LineExpect, expected.GroupExpect, expected.RewardExpect),
    *(expected.OfferExpect, expected.SubtotalExpect, expected.LotExpect, expected.MemberExpect, expected.ReportExpect),
]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_page_pass(text: str) -> None:
    for case in read_cases(text, "SPEC-case.md"):
        for outcome in run_case(case, ZoneInfo(case.zone)):
            assert outcome.differences == ()


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
def test_the_page_names_every_key(kind: type) -> None:
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    words = {word for code in re.findall(r"`([^`]+)`", prose) for word in re.findall(r"[a-z_]+", code)}
    assert {one.name for one in fields(kind)} - words == set()


def test_the_page_names_every_kind_of_step() -> None:
    table = PAGE.partition("## 4. Steps")[2].partition("## 5.")[0]
    assert {kind for kind in steps.STEPS if f"| `{kind}` |" in table} == set(steps.STEPS)
