"""A running till and a POS program that calls it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.terminal import Terminal
from drivers.scanners.sources.simulated import SimulatedSource
from tests.agent.callers import Caller
from tests.agent.shops import SCANNER, shop


@pytest.fixture
def scanner() -> SimulatedSource:
    return SimulatedSource(SCANNER)


@pytest.fixture
def terminal(tmp_path: Path, scanner: SimulatedSource) -> Iterator[Terminal]:
    with Terminal(shop(tmp_path, scanner=True), make_source=lambda _: scanner) as running:
        yield running


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One till for a whole module, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("till")
    with Terminal(shop(folder)) as running:
        yield running


@pytest.fixture
def pos(terminal: Terminal) -> Iterator[Caller]:
    with Caller.of(terminal) as caller:
        yield caller
