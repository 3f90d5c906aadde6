"""What tests of tills and an HQ share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.together.chains import Chain, Make


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make chains; everything is closed at the end."""
    with ExitStack() as stack:
        yield lambda *args, **more: Chain(tmp_path, stack, *args, **more)
