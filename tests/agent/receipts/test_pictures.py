"""The pictures in the documentation are what the templates print: `loyaltill receipt pictures docs/pictures/receipts`."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from agent.receipts.names import TEMPLATES
from agent.receipts.render import Templates
from drivers.printers.layout import lay_out
from drivers.printers.picture import png
from drivers.printers.raster import draw
from messages.languages import PAPER_LANGUAGES
from tests.agent.receipts.papers import paper, written

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "docs" / "pictures" / "receipts"
MOST_BYTES = 60_000


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_pictures_are_those_of_the_templates(template: str) -> None:
    for language in PAPER_LANGUAGES:
        page = lay_out(written(Templates(None), template, paper(template, language), language), 48)
        file = PICTURES / f"{template}-{language}.png"
        with Image.open(file) as shown, Image.open(BytesIO(png(draw(page), margin_bytes=2))) as drawn:
            assert shown.tobytes() == drawn.tobytes(), f"run: loyaltill receipt pictures {PICTURES.relative_to(ROOT)}"
        assert file.stat().st_size < MOST_BYTES


def test_the_documentation_shows_every_picture_and_no_other() -> None:
    shown = set(re.findall(r"\(pictures/receipts/(\S+?\.png)\)", (ROOT / "docs" / "RECEIPTS.md").read_text("utf-8")))
    assert (
        shown
        == {path.name for path in PICTURES.iterdir()}
        == {f"{a}-{b}.png" for a in TEMPLATES for b in PAPER_LANGUAGES}
    )
