"""A document that exists is one that can be laid out."""

from collections.abc import Callable

import pytest

from drivers.printers.document import (
    MAX_BLOCKS,
    MAX_TEXT,
    Barcode,
    Cell,
    Cells,
    Columns,
    Document,
    Feed,
    Line,
    Picture,
    Qr,
    Rule,
)
from drivers.printers.symbology import Symbology


def test_texts_feeds_and_documents_have_an_end() -> None:
    with pytest.raises(ValueError, match="characters"):
        Line(text="x" * (MAX_TEXT + 1))
    with pytest.raises(ValueError, match="characters"):
        Columns(left="", right="x" * (MAX_TEXT + 1))
    with pytest.raises(ValueError, match="feed"):
        Feed(lines=0)
    with pytest.raises(ValueError, match="blocks"):
        Document(blocks=(Rule(),) * (MAX_BLOCKS + 1), language="en")


def test_a_document_has_a_language() -> None:
    with pytest.raises(ValueError, match="language"):
        Document(blocks=(), language="")


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: Cell(text="x", columns=0), "at least 1 column"),
        (lambda: Cell(text="x" * 2001), "at most 2000"),
        (lambda: Cells(cells=()), "1 to 8 cells"),
        (lambda: Cells(cells=(Cell(text="x"),) * 9), "1 to 8 cells"),
        (lambda: Barcode(symbology=Symbology.EAN_8, data="96385075"), "check digit"),
        (lambda: Barcode(symbology=Symbology.EAN_8, data="96385074", height_dots=241), "24 to 240"),
        (lambda: Barcode(symbology=Symbology.EAN_8, data="96385074", height_dots=23), "24 to 240"),
        (lambda: Qr(data=""), "1 to 1000 bytes"),
        (lambda: Qr(data="x", module_dots=1), "2 to 16"),
        (lambda: Picture(width_dots=12, height_dots=1, rows=b"xx"), "in steps of 8"),
        (lambda: Picture(width_dots=8, height_dots=0, rows=b""), "1 to 1200 dots high"),
        (lambda: Picture(width_dots=8, height_dots=2, rows=b"x"), "as many bytes"),
    ],
)
def test_a_block_that_no_printer_could_print_is_never_made(make: Callable[[], object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        make()
