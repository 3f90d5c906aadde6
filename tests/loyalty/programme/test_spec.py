"""docs/SPEC-programme.md says what the code does."""

import re
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import pytest

from loyalty.numbers.rates import Rounding
from loyalty.policies import DEFAULT_POLICIES, Combine, Policies, TaxBasis
from loyalty.programme.reader import read_programme
from loyalty.reading.problems import BadFile
from loyalty.rules.earning.issue_coupon import Per
from loyalty.rules.earning.per_amount import RemainderPolicy, RoundAt
from loyalty.rules.earning.per_item import Pieces
from loyalty.rules.registry import EARN_RULES, ISSUERS, MULTIPLIERS, REWARDS
from loyalty.rules.stages import Offline, Pick
from tests.loyalty.shop import HEAD, earned, earning, standing

SPEC = (Path(__file__).parents[3] / "docs" / "SPEC-programme.md").read_text(encoding="utf-8")
WHOLE = re.findall(r"```toml programme\n(.*?)```", SPEC, re.DOTALL)
RULES = re.findall(r"```toml rule\n(.*?)```", SPEC, re.DOTALL)
GOLD = '[[tier]]\nid = "gold"\nnames.en = "Gold"\n'
KINDS = {**EARN_RULES, **MULTIPLIERS, **ISSUERS, **REWARDS}


def section(title: str) -> str:
    return SPEC[SPEC.index(f"### {title}") :].split("\n#")[0]


def keys(text: str) -> set[str]:
    return set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE))


def keys_of(kind: str) -> set[str]:
    """The keys of a kind's own table, and of those that it names besides."""
    text = section(f"`{kind}`")
    [named] = re.findall(r"^Besides: the keys of (.*)\.$", text, re.MULTILINE)
    shared = (keys(section(f"Keys of {group}")) for group in named.split(", of "))
    return keys(text).union(*shared)


def test_every_block_of_toml_is_one_of_the_tested_ones() -> None:
    assert SPEC.count("```toml") == len(WHOLE) + len(RULES)
    assert len(WHOLE) == 1


@pytest.mark.parametrize("text", WHOLE + [HEAD + GOLD + rule for rule in RULES])
def test_every_example_is_a_programme(text: str) -> None:
    programme = read_programme(text, "SPEC-programme.md")
    assert programme.heads


def test_the_kinds_of_the_page_are_those_of_the_registry() -> None:
    assert set(re.findall(r"^### `([a-z_]+)`", SPEC, re.MULTILINE)) == KINDS.keys()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_keys_of_the_page_are_those_that_the_reader_knows(kind: str) -> None:
    table = "reward" if kind in REWARDS else "rule"
    with pytest.raises(BadFile) as caught:
        read_programme(HEAD + f'[[{table}]]\nkind = "{kind}"\nid = "x"\nzzzzzzzzzz = 1\n', "p")
    [told] = [line for line in caught.value.lines() if "zzzzzzzzzz" in line]
    known = told.partition("known here: ")[2].removesuffix(" [unknown_key]").split(", ")
    assert set(known) == {key for key in keys_of(kind) if "." not in key} | {"kind"}


@pytest.mark.parametrize(("table", "group"), [("when", "everything"), ("uses", "everything"), ("cap", "earn rules")])
def test_the_keys_of_inner_tables_are_those_that_the_reader_knows(table: str, group: str) -> None:
    rule = f'[[rule]]\nkind = "per_visit"\nid = "x"\nunits = 1\n{table}.zzzzzzzzzz = 1\n'
    with pytest.raises(BadFile) as caught:
        read_programme(HEAD + rule, "p")
    [told] = [line for line in caught.value.lines() if "zzzzzzzzzz" in line]
    known = told.partition("known here: ")[2].removesuffix(" [unknown_key]").split(", ")
    assert {f"{table}.{key}" for key in known} == {
        key for key in keys(section(f"Keys of {group}")) if key.startswith(f"{table}.")
    }


@pytest.mark.parametrize("kind", [Rounding, TaxBasis, RemainderPolicy, RoundAt, Combine, Pieces, Per, Pick, Offline])
def test_every_choice_is_on_the_page(kind: type[StrEnum]) -> None:
    assert f"| {', '.join(f'`{choice}`' for choice in kind)} |" in SPEC


def test_every_policy_is_on_the_page_with_its_default() -> None:
    told = re.findall(r"^\| `policies\.([a-z_]+)` \| .* \| `?([^|`]*)`? \| ", SPEC, re.MULTILINE)
    read = {
        field.name.replace("line_floor_minor", "line_floor"): getattr(DEFAULT_POLICIES, field.name)
        for field in fields(Policies)
    }
    assert dict(told) == {name: str(value).lower() for name, value in read.items()}


def test_the_worked_examples_are_right() -> None:
    assert earned(earning(per="20.00"), 24_600) == 12
    assert earned(earning(), 150, 150) == 3
    assert earned(earning('round_at = "line"'), 150, 150) == 2
    gold = GOLD + '[[rule]]\nkind = "multiply"\nid = "g"\nwhen.tiers = ["gold"]\nmultiplier = "1.5"\n'
    assert earned(earning(gold), 399, member=standing("gold")) == 5
