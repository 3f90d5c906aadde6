"""Tills and configs for the doctor to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.config.read import load_till_config
from agent.till.till import Till
from cli.doctor.command import examine, read_machine
from cli.doctor.findings import Finding
from cli.replay.operations import sale_request
from hq.history.mapping_reader import shipped_mappings
from hq.history.operations import Sale
from hq.history.plan import build_plan
from tests.cli.commands import write_config, write_receipts

TILL = "[till]\nport = 0\n"
CARDS = '[[cards.range]]\nprefix = "RC"\nmin_length = 3\nmax_length = 64\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config of a till that has not started yet."""
    return write_config(tmp_path, TILL, CARDS)


@pytest.fixture
def till(config: Path) -> Iterator[Till]:
    """That till, running."""
    settings = load_till_config(config)
    with Till(settings) as opened:
        yield opened


@pytest.fixture
def sell(tmp_path: Path) -> Callable[[Till, int], None]:
    """Sells the first sales of a made-up day."""
    receipts = write_receipts(tmp_path, receipts=30)
    mapping = next(mapping for mapping in shipped_mappings() if mapping.currency.code == "KZT")
    plan = build_plan(receipts, mapping, tmp_path / "plan")
    sales = [operation for operation in plan.operations() if isinstance(operation, Sale)]

    def sell_some(till: Till, count: int) -> None:
        for sale in sales[:count]:
            recorded = till.commit(sale_request(sale, mapping.currency.code))
            assert recorded.refused is None

    return sell_some


@pytest.fixture
def examined() -> Callable[[Path], list[Finding]]:
    """Everything that the doctor finds by a config."""
    return lambda config: list(examine(read_machine(config)))
