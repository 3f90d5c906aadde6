"""The sample receipt in every language, as text and as dots, as it was last reviewed.

``UPDATE_GOLDEN=1 pytest tests/drivers/printers/test_golden.py`` writes the files anew; review the change as a diff.
"""

import hashlib
import os
from pathlib import Path

import pytest

from drivers.printers.document import Document
from drivers.printers.layout import lay_out
from drivers.printers.raster import draw
from drivers.printers.text_preview import preview_text

GOLDEN = Path(__file__).parent / "golden"


def agrees(name: str, value: str) -> bool:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(value, encoding="utf-8", newline="\n")
    return path.read_bytes().decode("utf-8") == value


@pytest.mark.parametrize("columns", [48, 32])
def test_the_text_is_as_reviewed(document: Document, columns: int) -> None:
    value = preview_text(lay_out(document, columns))
    assert all(len(line) <= columns for line in value.splitlines())
    assert agrees(f"sample-{document.language}-{columns}.txt", value)


@pytest.mark.parametrize("columns", [48, 32])
def test_the_dots_are_as_reviewed(document: Document, columns: int) -> None:
    raster = draw(lay_out(document, columns))
    digest = hashlib.sha256(raster.data).hexdigest()
    value = f"{raster.width_dots}x{raster.height_dots} {digest}\n"
    assert agrees(f"sample-{document.language}-{columns}.sha256", value)
