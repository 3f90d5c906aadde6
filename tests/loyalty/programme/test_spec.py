"""docs/SPEC-programme.md says what the code does."""

import re
from pathlib import Path

import pytest

from loyalty.numbers.rates import Rounding
from loyalty.policies import TaxBasis
from loyalty.programme.reader import read_programme
from loyalty.reading.problems import BadFile
from loyalty.rules.earning.per_amount import RemainderPolicy
from loyalty.rules.registry import EARN_RULES, MULTIPLIERS, REWARDS
from tests.loyalty.shop import HEAD, earned, earning, standing

SPEC = (Path(__file__).parents[3] / "docs" / "SPEC-programme.md").read_text(encoding="utf-8")
WHOLE = re.findall(r"```toml programme\n(.*?)```", SPEC, re.DOTALL)
RULES = re.findall(r"```toml rule\n(.*?)```", SPEC, re.DOTALL)
GOLD = '[[tier]]\nid = "gold"\nnames.en = "Gold"\n'
KINDS = {**EARN_RULES, **MULTIPLIERS, **REWARDS}


def section(kind: str) -> str:
    return SPEC[SPEC.index(f"### `{kind}`") :].split("\n#")[0]


def keys(text: str) -> set[str]:
    return set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE))


def test_every_block_of_toml_is_one_of_the_tested_ones() -> None:
    assert SPEC.count("```toml") == len(WHOLE) + len(RULES)
    assert len(WHOLE) == 1


@pytest.mark.parametrize("text", WHOLE + [HEAD + GOLD + rule for rule in RULES])
def test_every_example_is_a_programme(text: str) -> None:
    programme = read_programme(text, "SPEC-programme.md")
    assert programme.earn_rules or programme.multipliers or programme.rewards


def test_the_kinds_of_the_page_are_those_of_the_registry() -> None:
    assert set(re.findall(r"^### `([a-z_]+)`", SPEC, re.MULTILINE)) == KINDS.keys()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_keys_of_the_page_are_those_that_the_reader_knows(kind: str) -> None:
    table = "reward" if kind in REWARDS else "rule"
    with pytest.raises(BadFile) as caught:
        read_programme(HEAD + f'[[{table}]]\nkind = "{kind}"\nid = "x"\nzzzzzzzzzz = 1\n', "p")
    [told] = [line for line in caught.value.lines() if "zzzzzzzzzz" in line]
    known = told.partition("known here: ")[2].removesuffix(" [unknown_key]").split(", ")
    assert set(known) == keys(section(kind)) | {"kind"}


def test_every_choice_is_on_the_page() -> None:
    text = section("per_amount")
    for kind in (Rounding, TaxBasis, RemainderPolicy):
        assert ", ".join(f"`{choice}`" for choice in kind) in text


def test_the_worked_examples_are_right() -> None:
    assert earned(earning(per="20.00"), 24_600) == 12
    assert earned(earning(), 150, 150) == 3
    gold = GOLD + '[[rule]]\nkind = "tier_multiplier"\nid = "g"\ntier = "gold"\nmultiplier = "1.5"\n'
    assert earned(earning(gold), 399, member=standing("gold")) == 5
