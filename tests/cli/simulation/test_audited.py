"""`loyaltill hq audit` has nothing to say of the books that the simulation leaves behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.simulation.events.every import step
from cli.simulation.shop import Templates, scratch_folder
from cli.simulation.trace import Trace
from cli.simulation.world import World
from hq.auditing.service import audit
from hq.auditing.values import Check
from hq.book.looking import book_of

SEEDS = (3, 16, 780, 1036, 50148)


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    folder = scratch_folder()
    yield Templates(folder / "templates")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_simulated_book_is_well_at_rest(seed: int, templates: Templates, tmp_path: Path) -> None:
    world = World(seed, tmp_path, templates, Trace(aloud=False))
    try:
        while world.steps < 120:
            step(world)
        world.rest()
        assert world.hq.hq is not None
        with book_of(world.hq.hq.config) as connection:
            found = audit(connection, world.clock())
        asked = [
            one for one in found.tallies if one.check is not Check.POOLS or not world.auditor.bound.hq_was_restored
        ]
        assert [(one.check, one.examples) for one in asked if one.wrong] == []
        assert min(one.looked_at for one in found.tallies if one.check in {Check.CHAINS, Check.POSTINGS}) > 0
    finally:
        world.close()
