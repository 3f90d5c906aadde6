"""Rows for a printer that belongs to the host: text in the host's letters, pictures of rows, or a refusal by name. Pure.

The host says how wide its paper is and which letters it prints. A text with other letters goes, in this order: by the
shop's approved table of substitutes, if that covers all of it; as a picture of one bit, if the host prints pictures; or
the row is refused and its letters named. Nothing is replaced that the shop has not approved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from drivers.character_sets import is_character_set
from drivers.printers.document import Align, Block, Cells, Columns, Document, DrawerKick, Graphic, Line, Rule, Style
from drivers.printers.graphics import TooWide
from drivers.printers.layout import RULE_CHARACTER, CutMark, Page, PageRow, Row, lay_out
from drivers.printers.picture import png
from drivers.printers.raster import MissingGlyph, OtherScripts, Raster, draw_block
from drivers.printers.widths import plainly_spaced
from drivers.printers.wrapping import cleaned

CELL_DOTS: Final = 12
MAX_SUBSTITUTES: Final = 1000
MAX_SUBSTITUTE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPaper:
    """What a host's printer can do.

    Attributes:
        columns: Its width in characters; even, 16 to 96.
        codec: Python's name of its letters, such as ``cp866``; ``utf-8`` for all.
        pictures: Whether it prints PNG pictures, 12 dots for each column.
        substitutes: What the shop lets a character be written as, at most 8 characters each.
    """

    columns: int
    codec: str = "utf-8"
    pictures: bool = True
    substitutes: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not is_character_set(self.codec):
            raise ValueError(f"{self.codec!r} is no character set that Python knows")
        for char, text in (self.substitutes or {}).items():
            if len(char) != 1 or len(text) > MAX_SUBSTITUTE or not text.isprintable():
                raise ValueError(f"a substitute is 0 to {MAX_SUBSTITUTE} printable characters for one character")
        if len(self.substitutes or {}) > MAX_SUBSTITUTES:
            raise ValueError(f"a table has at most {MAX_SUBSTITUTES} substitutes")

    def lacks(self, text: str) -> str:
        """The characters of ``text`` that it does not print, each once, in their order."""
        return "".join(dict.fromkeys(char for char in plainly_spaced(text) if not self._prints(char)))

    def written(self, text: str) -> str:
        """``text`` with substitutes, if that is all it takes; else as it was."""
        table = self.substitutes or {}
        lacking = self.lacks(cleaned(text).replace("\n", ""))
        if not lacking or any(char not in table or self.lacks(table[char]) for char in lacking):
            return text
        return "".join(table[char] if char in lacking else char for char in cleaned(text))

    def _prints(self, char: str) -> bool:
        try:
            char.encode(self.codec)
        except UnicodeEncodeError:
            return False
        return char.isprintable()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """Characters that the host prints; every space is a plain one."""

    text: str
    align: Align
    style: Style


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """A picture as wide as the paper.

    Attributes:
        png: One bit, black on white.
        width_dots: 12 for each column.
        height_dots: As it is.
        text: What it shows, for a log or a screen; empty for a code or a logo.
    """

    png: bytes
    width_dots: int
    height_dots: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """What the host's printer cannot print.

    Attributes:
        characters: Those that it lacks, each once; empty where it is a code or a logo.
        reason: Why, in a stable word: ``letters``, ``pictures`` or ``width``.
    """

    characters: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRow:
    """The paper is cut here."""


HostRow = TextRow | PictureRow | RefusedRow | CutRow


def host_rows(document: Document, paper: HostPaper, other: OtherScripts | None = None) -> tuple[HostRow, ...]:
    """The rows of a document for a host's printer; a drawer's kick is the host's own business and left out.

    Raises:
        ValueError: ``paper.columns`` is no width of paper.
    """
    blocks = tuple(_written(block, paper) for block in document.blocks)
    page = lay_out(replace(document, blocks=blocks), paper.columns)
    return tuple(row for laid in page.rows for row in _rows(laid, page, paper, other))


def _written(block: Block, paper: HostPaper) -> Block:
    """A block in the host's letters and sizes, as far as the shop approved; small letters are the host's normal ones."""
    match block:
        case Line(text=text, style=style):
            return replace(block, text=paper.written(text), style=_hosts(style))
        case Columns(left=left, right=right, style=style):
            return replace(block, left=paper.written(left), right=paper.written(right), style=_hosts(style))
        case Cells(cells=cells, style=style):
            written = tuple(replace(cell, text=paper.written(cell.text)) for cell in cells)
            return replace(block, cells=written, style=_hosts(style))
        case Rule() if paper.lacks(RULE_CHARACTER):
            return Line(text=_rule(paper))
        case _:
            return block


def _hosts(style: Style) -> Style:
    return Style.NORMAL if style is Style.SMALL else style


def _rule(paper: HostPaper) -> str:
    """A rule of what the host has: it is no letter, so that nobody needs to approve of another line."""
    approved = paper.written(RULE_CHARACTER)
    mark = approved if approved.strip() and not paper.lacks(approved) else "-"
    return (mark * paper.columns)[: paper.columns]


def _rows(row: PageRow, page: Page, paper: HostPaper, other: OtherScripts | None) -> Iterator[HostRow]:
    match row:
        case CutMark():
            yield CutRow()
        case DrawerKick():
            return
        case Row(text=text, align=align, style=style) if not paper.lacks(text):
            yield TextRow(text=plainly_spaced(text), align=align, style=style)
        case Row(text=text):
            yield _picture(row, page, paper, other, plainly_spaced(text))
        case _:
            yield _picture(row, page, paper, other, "")


def _picture(
    row: Row | Graphic, page: Page, paper: HostPaper, other: OtherScripts | None, text: str
) -> PictureRow | RefusedRow:
    if not paper.pictures:
        return RefusedRow(characters=paper.lacks(text), reason="letters" if text else "pictures")
    width = page.columns * CELL_DOTS
    try:
        raster = Raster(width_dots=width, data=draw_block(row, page.columns, other))
    except MissingGlyph as missing:
        return RefusedRow(characters=missing.character, reason="letters")
    except TooWide:
        return RefusedRow(characters="", reason="width")
    return PictureRow(png=png(raster), width_dots=width, height_dots=raster.height_dots, text=text)
