"""The receipts of one day in every language, as text and as dots, as they were last reviewed.

``UPDATE_GOLDEN=1 pytest tests/agent/receipts/test_golden.py`` writes the files anew; review the change as a diff.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from agent.receipts.finding import receipt_of_entry
from agent.till.requests import Provenance, ReturnRequest, UnmatchedLine, VoidRequest
from agent.till.till import Till
from drivers.printers.document import Document
from drivers.printers.layout import lay_out
from drivers.printers.raster import draw
from drivers.printers.text_preview import preview_text
from messages.languages import LANGUAGES
from tests.agent.shops import LINES, enrolment, open_till, sale, shop

GOLDEN = Path(__file__).parent / "golden"


def agrees(name: str, value: str) -> bool:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(value, encoding="utf-8", newline="\n")
    return path.read_bytes().decode("utf-8") == value


def heard_of_hq(till: Till) -> None:
    """HQ made every member gold and its word is 18 minutes old."""
    with till.context.book.write() as writing:
        writing.connection.exec_driver_sql("UPDATE member SET tier = 'gold'")
        writing.connection.exec_driver_sql("UPDATE sync_state SET as_of = '2026-03-05T07:12:00+00:00'")


def a_day(till: Till, language: str) -> list[Document]:
    """A sale, a return shown as a copy, a sale without a card, its void, a training sale, goods of an unknown sale."""
    till.enrol(enrolment(language=language))
    heard_of_hq(till)
    back = (UnmatchedLine(item="4870009", quantity_milli=2_000, amount_minor=45_000, reason="no_receipt"),)
    sold = till.commit(sale())
    unknown = till.commit(sale("k2", card=None))
    done = [
        (sold, False),
        (
            till.return_goods(
                ReturnRequest(
                    key="r", check_id="9", currency="KZT", sale=sold.values["entry"], lines=((1, 2_000), (3, 1_234))
                )
            ),
            True,
        ),
        (unknown, False),
        (till.void(VoidRequest(key="v", sale=unknown.values["entry"], provenance=Provenance(operator="7"))), False),
        (till.commit(sale("k3", lines=LINES[1:2], training=True)), False),
        (till.return_goods(ReturnRequest(key="u", check_id="10", currency="KZT", unmatched=back)), False),
    ]
    found = [receipt_of_entry(till.context, bytes.fromhex(answer.values["entry"]), copy=copy) for answer, copy in done]
    return [document for document in found if document is not None]


@pytest.fixture(params=LANGUAGES)
def receipts(request: pytest.FixtureRequest, tmp_path: Path) -> list[Document]:
    """The receipts of a day in one language."""
    with open_till(shop(tmp_path, language=request.param)) as till:
        return a_day(till, request.param)


@pytest.mark.parametrize("columns", [48, 32])
def test_the_text_is_as_reviewed(receipts: list[Document], columns: int) -> None:
    value = "".join(preview_text(lay_out(document, columns)) for document in receipts)
    assert len(receipts) == 6
    assert all(len(line) <= columns for line in value.splitlines())
    assert agrees(f"day-{receipts[0].language}-{columns}.txt", value)


@pytest.mark.parametrize("columns", [48, 32])
def test_the_dots_are_as_reviewed(receipts: list[Document], columns: int) -> None:
    rasters = [draw(lay_out(document, columns)) for document in receipts]
    lines = [
        f"{raster.width_dots}x{raster.height_dots} {hashlib.sha256(raster.data).hexdigest()}" for raster in rasters
    ]
    assert agrees(f"day-{receipts[0].language}-{columns}.sha256", "\n".join(lines) + "\n")
