"""Leases as commands ask for them: listed, recalled and written off by the beginnings of their ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hq.leases.desk import answer
from tests.cli.together.chains import CARD, OTHER, Chain


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """Give a chain whose first till holds one lease for each of two members."""
    with ExitStack() as stack:
        made = Chain(tmp_path, stack)
        for card in (CARD, OTHER):
            made.buy(0, "100.00", card=card)
        made.talk(0, 1, 0, 1)
        yield made


def asked(chain: Chain, do: str, *names: str, **more: Any) -> dict[str, Any]:
    return answer(chain.hq.leases, {"do": do, "leases": list(names), **more})


def listed(chain: Chain, **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = asked(chain, "list", **more)["leases"]
    return rows


def test_the_list_says_who_holds_what_and_until_when(chain: Chain) -> None:
    rows = listed(chain)
    assert {row["account"] for row in rows} == {chain.member(CARD).hex(), chain.member(OTHER).hex()}
    for row in rows:
        assert (row["till"], row["store"], row["unit"], row["epoch"]) == ("till-0", "s1", "points", 1)
        assert (row["granted"], row["left"], row["state"]) == (100, 100, "open")
        assert row["ends"] == "2026-03-09T07:00:00+00:00"


@pytest.mark.parametrize("digits", [6, 7, 32])
def test_the_beginning_of_an_id_recalls_that_lease_alone(chain: Chain, digits: int) -> None:
    first, second = (row["lease"] for row in listed(chain))
    assert asked(chain, "recall", first[:digits].upper()) == {"changed": [first]}
    assert {row["lease"]: row["state"] for row in listed(chain)} == {first: "recalled", second: "open"}
    chain.talk(0, 0)
    assert first not in [row["lease"] for row in listed(chain)]
    states = {row["lease"]: row["state"] for row in listed(chain, all=True)}
    assert (states[first], states[second]) == ("closed", "open")


def test_a_lease_that_is_written_off_counts_no_more(chain: Chain) -> None:
    first, second = (row["lease"] for row in listed(chain))
    assert asked(chain, "write_off", first[:6]) == {"changed": [first]}
    assert [row["lease"] for row in listed(chain)] == [second]
    assert asked(chain, "write_off", first[:6])["refused"] == "bad_request"


@pytest.mark.parametrize("name", ["", "12345", "nothex", "%%%%%%", "0" * 33, "000000"])
@pytest.mark.parametrize("do", ["recall", "write_off"])
def test_what_names_no_lease_changes_nothing(chain: Chain, do: str, name: str) -> None:
    before = listed(chain)
    said = asked(chain, do, before[0]["lease"], name)
    assert said["refused"] == "bad_request"
    assert "hq leases list" in said["lines"][0]
    assert listed(chain) == before


def test_an_unknown_question_is_another_version(chain: Chain) -> None:
    assert asked(chain, "frobnicate")["refused"] == "bad_request"
