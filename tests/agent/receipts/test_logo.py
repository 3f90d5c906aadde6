"""The shop's logo on paper: as many dots as fit, read once, and nothing at all where its file is broken."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from agent.receipts.logo import Logo, logo_fault
from agent.receipts.render import Templates
from drivers.printers.document import Document, Line, Picture
from drivers.printers.host_rows import HostPaper, PictureRow, host_rows
from drivers.printers.picture_file import MAX_SIDE, BadPicture, read_picture
from tests.agent.receipts.papers import paper, written

BLACK, WHITE = 0, 255


def drawn(path: Path, width: int, height: int, grey: int = BLACK) -> Path:
    Image.new("L", (width, height), grey).save(path)
    return path


def pictures(document: Document) -> list[Picture]:
    return [block for block in document.blocks if isinstance(block, Picture)]


def test_a_picture_that_fits_is_printed_dot_for_dot(tmp_path: Path) -> None:
    dots = Image.new("1", (8, 2), 1)
    dots.putpixel((0, 0), 0)
    dots.putpixel((7, 1), 0)
    dots.save(tmp_path / "logo.png")
    assert read_picture(tmp_path / "logo.png", 576) == Picture(width_dots=8, height_dots=2, rows=b"\x80\x01")


def test_one_that_is_no_whole_number_of_bytes_wide_has_paper_on_both_sides(tmp_path: Path) -> None:
    assert read_picture(drawn(tmp_path / "logo.png", 4, 1), 576).rows == bytes([0b00111100])


def test_one_that_is_too_wide_or_too_high_is_made_smaller_in_both_directions(tmp_path: Path) -> None:
    wide = read_picture(drawn(tmp_path / "wide.png", 1152, 100), 576)
    high = read_picture(drawn(tmp_path / "high.png", 100, 1200), 576)
    assert (wide.width_dots, wide.height_dots) == (576, 50)
    assert (high.width_dots, high.height_dots) == (56, 600)


def test_what_is_transparent_or_light_is_paper_and_what_is_dark_is_ink(tmp_path: Path) -> None:
    shown = Image.new("RGBA", (8, 3), (0, 0, 0, 0))
    shown.paste((200, 180, 160, 255), (0, 1, 8, 2))
    shown.paste((90, 20, 20, 255), (0, 2, 8, 3))
    shown.save(tmp_path / "logo.png")
    assert read_picture(tmp_path / "logo.png", 576).rows == b"\x00\x00\xff"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"", "cannot be read (it is no picture)"),
        (b"<svg/>", "cannot be read (it is no picture)"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, ""),
        (b"\0" * 4_000_001, "is larger than 4 MB"),
    ],
)
def test_a_file_that_is_no_picture_is_named_by_what_is_wrong(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "logo.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadPicture) as caught:
        read_picture(path, 576)
    assert said in str(caught.value)
    assert logo_fault(path, 576) == str(caught.value)


def test_a_picture_that_would_fill_the_memory_is_not_unpacked(tmp_path: Path) -> None:
    drawn(tmp_path / "logo.png", MAX_SIDE + 1, 1)
    with pytest.raises(BadPicture, match="is more than 5000 pixels wide or high"):
        read_picture(tmp_path / "logo.png", 576)


def test_a_picture_that_is_cut_short_is_no_picture(tmp_path: Path) -> None:
    whole = drawn(tmp_path / "whole.png", 500, 500).read_bytes()
    (tmp_path / "logo.png").write_bytes(whole[: len(whole) // 2])
    assert logo_fault(tmp_path / "logo.png", 576)


@pytest.mark.parametrize("template", ["slip", "coupon", "gift_card", "invitation"])
def test_papers_for_customers_have_it_above_the_shops_name(tmp_path: Path, template: str) -> None:
    document = written(Templates(None, drawn(tmp_path / "logo.png", 80, 40)), template, paper(template))
    assert (document.blocks[0], len(pictures(document))) == (read_picture(tmp_path / "logo.png", 576), 1)


def test_a_host_gets_it_as_a_picture(tmp_path: Path) -> None:
    document = written(Templates(None, drawn(tmp_path / "logo.png", 80, 40)), "slip", paper("slip"))
    first = host_rows(document, HostPaper(columns=48))[0]
    assert isinstance(first, PictureRow)
    assert first.height_dots == 40


def test_a_broken_one_prints_nothing_and_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "logo.png").write_bytes(b"broken")
    templates = Templates(None, tmp_path / "logo.png")
    with caplog.at_level(logging.ERROR):
        documents = [written(templates, "slip", paper("slip")) for _ in range(3)]
    assert documents == [written(Templates(None), "slip", paper("slip"))] * 3
    assert [one.getMessage() for one in caplog.records] == [
        f"{tmp_path / 'logo.png'}: cannot be read (it is no picture); receipts have no logo"
    ]


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    logo = Logo(drawn(tmp_path / "logo.png", 80, 40))
    first = logo.picture(576)
    assert logo.picture(576) is first
    drawn(tmp_path / "logo.png", 80, 48)
    second = logo.picture(576)
    assert second is not None
    assert second.height_dots == 48


def test_a_template_of_the_shops_own_may_print_it_where_it_wants(tmp_path: Path) -> None:
    (tmp_path / "slip.jinja").write_text("first\n{{ logo() }}\nlast", encoding="utf-8")
    templates = Templates(tmp_path, drawn(tmp_path / "logo.png", 80, 40))
    document = written(templates, "slip", paper("slip"))
    assert [type(block) for block in document.blocks] == [Line, Picture, Line]
    without = replace(document, blocks=(document.blocks[0], document.blocks[2]))
    assert written(Templates(tmp_path), "slip", paper("slip")) == without
