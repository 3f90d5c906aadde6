"""What the tests of the till's use cases share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.till.till import Till
from tests.agent.till.cafe import CAFE
from tests.agent.till.world import Clock, Mint, open_till


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def till(tmp_path: Path, clock: Clock) -> Iterator[Till]:
    with open_till(tmp_path, clock=clock, mint=Mint()) as opened:
        yield opened


@pytest.fixture
def cafe(tmp_path: Path, clock: Clock) -> Iterator[Till]:
    with open_till(tmp_path, programme=CAFE, clock=clock, mint=Mint()) as opened:
        yield opened
