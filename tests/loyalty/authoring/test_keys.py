"""Every key of a programme file is explained."""

import pytest

from loyalty.authoring.keys import RULES, keys_of_file, keys_of_kind, meaning
from loyalty.rules.registry import REWARDS


def test_every_key_of_the_file_has_a_meaning() -> None:
    assert [one.path for one in keys_of_file() if not meaning(one.path)] == []


@pytest.mark.parametrize("kind", [*RULES, *REWARDS])
def test_every_key_of_a_kind_has_a_meaning(kind: str) -> None:
    assert [one.path for one in keys_of_kind(kind) if not meaning(one.path, kind)] == []


def test_every_rule_and_reward_has_an_id_that_must_be_written() -> None:
    for kind in (*RULES, *REWARDS):
        assert [one.required for one in keys_of_kind(kind) if one.path == ("id",)] == [True]
