"""What is to be printed, before anybody knows on what.

A document is a sequence of blocks: text with emphasis, columns, rules, empty lines, bar codes, QR codes, pictures, cuts,
and the kick that opens a drawer. It holds no width of paper, no fonts and no bytes. Pure values.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from drivers.printers.symbology import QrLevel, Symbology, check_barcode, check_qr

MAX_BLOCKS: Final = 10_000
MAX_TEXT: Final = 2000
MAX_FEED: Final = 50
MAX_CELLS: Final = 8
MAX_PICTURE_DOTS: Final = 1200
MAX_BARCODE_DOTS: Final = 240
MAX_MODULE_DOTS: Final = 16


class Align(StrEnum):
    """Where a line stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Style(StrEnum):
    """How a line is drawn."""

    NORMAL = "normal"
    BOLD = "bold"
    DOUBLE = "double"
    """Bold, twice as wide and twice as high: half as many characters fit on a line."""
    SMALL = "small"
    """The printer's Font B, 9 x 17 dots: a third more characters fit on a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Text, wrapped at words where it is too long; a newline in it breaks it."""

    text: str
    align: Align = Align.LEFT
    style: Style = Style.NORMAL

    def __post_init__(self) -> None:
        _check_text(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A text at the left edge and one at the right edge, such as goods and their price.

    Nothing of either is ever cut off: what does not fit on one row takes several, and the right text stands at the
    end of the last one.
    """

    left: str
    right: str
    style: Style = Style.NORMAL

    def __post_init__(self) -> None:
        _check_text(self.left)
        _check_text(self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a row of several.

    Attributes:
        text: Wrapped at words within the cell.
        columns: Its width in characters of the row's style; None takes an equal share of what the others leave.
        align: Where the text stands in it.
    """

    text: str
    columns: int | None = None
    align: Align = Align.LEFT

    def __post_init__(self) -> None:
        _check_text(self.text)
        if self.columns is not None and self.columns < 1:
            raise ValueError("a cell is at least 1 column wide")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A row of 1 to 8 cells, one space between two; as high as its highest cell, the others are filled up below.

    Where the paper is too narrow for the widths asked for, the cells stand one below the other.
    """

    cells: tuple[Cell, ...]
    style: Style = Style.NORMAL

    def __post_init__(self) -> None:
        if not 1 <= len(self.cells) <= MAX_CELLS:
            raise ValueError(f"a row has 1 to {MAX_CELLS} cells")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Empty lines, 1 to 50."""

    lines: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.lines <= MAX_FEED:
            raise ValueError(f"a feed is 1 to {MAX_FEED} lines")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The paper is cut here, or would be by a printer that can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    """A bar code, as wide as its bars need.

    Attributes:
        symbology: Its kind.
        data: Its whole content, check digit included.
        height_dots: Height of the bars, 24 to 240; eight dots are a millimetre.
        hri: Whether its content stands below in letters.
        align: Where it stands.
    """

    symbology: Symbology
    data: str
    height_dots: int = 80
    hri: bool = True
    align: Align = Align.CENTER

    def __post_init__(self) -> None:
        check_barcode(self.symbology, self.data)
        if not 24 <= self.height_dots <= MAX_BARCODE_DOTS:
            raise ValueError(f"the bars of a code are 24 to {MAX_BARCODE_DOTS} dots high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Qr:
    """A QR code, with an empty row above and below.

    Attributes:
        data: At most 1000 bytes as UTF-8.
        level: How much of it may be damaged.
        module_dots: The side of one of its squares, 2 to 16; None takes what suits the paper.
        align: Where it stands.
    """

    data: str
    level: QrLevel = QrLevel.M
    module_dots: int | None = None
    align: Align = Align.CENTER

    def __post_init__(self) -> None:
        check_qr(self.data)
        if self.module_dots is not None and not 2 <= self.module_dots <= MAX_MODULE_DOTS:
            raise ValueError(f"the squares of a QR code are 2 to {MAX_MODULE_DOTS} dots")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of one bit, such as a logo.

    Attributes:
        width_dots: 8 to 1200, a multiple of 8.
        height_dots: 1 to 1200.
        rows: ``width_dots / 8`` bytes per dot line from the top; the highest bit leftmost; 1 is ink.
        align: Where it stands.
    """

    width_dots: int
    height_dots: int
    rows: bytes
    align: Align = Align.CENTER

    def __post_init__(self) -> None:
        if not 8 <= self.width_dots <= MAX_PICTURE_DOTS or self.width_dots % 8:
            raise ValueError(f"a picture is 8 to {MAX_PICTURE_DOTS} dots wide, in steps of 8")
        if not 1 <= self.height_dots <= MAX_PICTURE_DOTS:
            raise ValueError(f"a picture is 1 to {MAX_PICTURE_DOTS} dots high")
        if len(self.rows) != self.width_dots // 8 * self.height_dots:
            raise ValueError("a picture has as many bytes as its size says")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawerKick:
    """Open the cash drawer on this pin of the printer's drawer connector."""

    pin: Literal[2, 5] = 2


Graphic = Barcode | Qr | Picture
Block = Line | Columns | Cells | Rule | Feed | Cut | Graphic | DrawerKick


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One print job.

    Attributes:
        blocks: At most 10,000, from the top.
        language: BCP 47 tag of what its reader reads, such as ``kk``.
    """

    blocks: tuple[Block, ...]
    language: str

    def __post_init__(self) -> None:
        if len(self.blocks) > MAX_BLOCKS:
            raise ValueError(f"a document has at most {MAX_BLOCKS} blocks")
        if not self.language:
            raise ValueError("a document has a language")


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise ValueError(f"a text of a document has at most {MAX_TEXT} characters")
