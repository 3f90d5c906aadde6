"""The SVG holds the dots of the raster, each once."""

import re
from xml.etree import ElementTree as ET

import pytest

from drivers.printers.document import Document
from drivers.printers.layout import lay_out
from drivers.printers.raster import Raster, draw
from drivers.printers.svg import svg

STROKE = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def dots(text: str) -> tuple[int, int, list[str]]:
    root = ET.fromstring(text)
    width, height = int(root.attrib["width"]), int(root.attrib["height"])
    drawn = [["0"] * width for _ in range(height)]
    path = root[1].attrib["d"]
    for x, y, across, back in ((int(n) for n in stroke) for stroke in STROKE.findall(path)):
        assert across == back
        assert drawn[y][x : x + across] == ["0"] * across
        drawn[y][x : x + across] = ["1"] * across
    assert STROKE.sub("", path) == ""
    return width, height, ["".join(line) for line in drawn]


@pytest.mark.parametrize("margin", [0, 16])
def test_the_drawing_is_the_raster_dot_for_dot(english: Document, margin: int) -> None:
    raster = draw(lay_out(english, 32))
    line = raster.width_dots // 8
    width, height, drawn = dots(svg(raster, margin_dots=margin))
    assert (width, height) == (384 + 2 * margin, raster.height_dots + 2 * margin)
    inner = [row[margin : margin + 384] for row in drawn[margin : margin + raster.height_dots]]
    assert inner == [
        f"{int.from_bytes(raster.data[at : at + line], 'big'):0384b}" for at in range(0, len(raster.data), line)
    ]
    assert "".join(drawn).count("1") == "".join(inner).count("1")


def test_paper_without_ink_is_a_drawing_too() -> None:
    assert dots(svg(Raster(width_dots=8, data=b"\0\0"))) == (8, 2, ["0" * 8] * 2)
