"""What is to be printed, before anybody knows on what.

A document is a sequence of blocks: text with emphasis, two columns, rules, empty lines, cuts. It holds no widths, no
fonts and no bytes. Pure values.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_BLOCKS: Final = 10_000
MAX_TEXT: Final = 2000
MAX_FEED: Final = 50


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


Block = Line | Columns | Rule | Feed | Cut


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
