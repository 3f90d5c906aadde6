"""What holds of the engine as a whole, whatever a programme says and whatever a till meets.

`python -m bench.fuzz_engine --seconds 3600 --seed 1` asks the same for as long as one likes.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loyalty.whole import checks, properties
from tests.loyalty.whole.mutations import mutated
from tests.loyalty.whole.visits import a_visit

SHIPPED = sorted((Path(__file__).parents[3] / "programmes").glob("*.toml"))
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much)
chance = given(st.randoms(use_true_random=False))


def times(count: int) -> settings:
    return settings(max_examples=count, suppress_health_check=SLOW)


@times(120)
@chance
def test_every_question_has_an_answer_that_can_be_said_in_every_language(rng: Random) -> None:
    properties.words(rng)


@times(120)
@chance
def test_no_order_of_tables_lines_or_wishes_changes_an_answer(rng: Random) -> None:
    properties.order(rng)


@times(120)
@chance
def test_charges_limits_and_postings_are_what_the_quote_says(rng: Random) -> None:
    properties.figures(rng)


@times(120)
@chance
def test_two_pieces_on_one_line_are_one_piece_on_each_of_two(rng: Random) -> None:
    properties.pieces(rng)


@times(60)
@chance
def test_units_are_conserved_and_limits_hold_over_a_whole_life_that_the_journal_gives_again(rng: Random) -> None:
    properties.lives(rng)


@times(80)
@chance
def test_a_void_leaves_nothing_of_a_sale(rng: Random) -> None:
    properties.voids(rng)


@times(80)
@chance
def test_what_comes_back_whole_leaves_only_what_policies_let_stand(rng: Random) -> None:
    properties.returns(rng)


@times(100)
@chance
def test_a_programme_with_faults_is_refused_or_answers(rng: Random) -> None:
    properties.faults(rng)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_programme_with_faults_is_refused_or_answers(path: Path, seed: int) -> None:
    rng = Random(seed)
    text = path.read_text(encoding="utf-8")
    for _ in range(30):
        programme = properties.read(mutated(text, rng))
        if programme is not None:
            checks.said(a_visit(programme, rng).quoted(programme))


@pytest.mark.parametrize("name", properties.PROPERTIES)
def test_each_property_holds_of_large_programmes_by_plain_chance(name: str, seed: int) -> None:
    for number in range(60):
        try:
            properties.PROPERTIES[name](properties.drawn(name, seed, number))
        except Exception as fault:
            fault.add_note(f"python -m bench.fuzz_engine --only {name} --seed {seed} --first {number} --tries 1")
            raise
