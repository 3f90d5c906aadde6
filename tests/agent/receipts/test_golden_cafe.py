"""A café's receipts in every language: rewards, tenders, coupons, gift cards, tiers, returns; as they were last reviewed.

``UPDATE_GOLDEN=1 pytest tests/agent/receipts/test_golden_cafe.py`` writes the files anew; review the change as a diff.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from drivers.printers.document import Document
from drivers.printers.layout import lay_out
from drivers.printers.raster import draw
from drivers.printers.text_preview import preview_text
from messages.languages import LANGUAGES
from tests.agent.receipts.cafe import Day, a_day
from tests.agent.receipts.test_golden import agrees


@pytest.fixture(params=LANGUAGES)
def receipts(request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> list[Document]:
    """The receipts of a day in one language; every one of them explains itself."""
    with Day(tmp_path, request.param) as day, caplog.at_level(logging.WARNING):
        documents = a_day(day)
    assert "cannot be computed again" not in caplog.text
    return documents


@pytest.mark.parametrize("columns", [48, 32])
def test_the_text_is_as_reviewed(receipts: list[Document], columns: int) -> None:
    value = "".join(preview_text(lay_out(document, columns)) for document in receipts)
    assert all(len(line) <= columns for line in value.splitlines())
    assert agrees(f"cafe-{receipts[0].language}-{columns}.txt", value)


def test_every_letter_is_printed(receipts: list[Document]) -> None:
    assert all(draw(lay_out(document, 48)).height_dots for document in receipts)
