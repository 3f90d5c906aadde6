"""What a template writes on: each tag puts a block down and leaves a mark in the text, so that both keep their order.

Knows the tags (docs/RECEIPTS.md describes them for shops) and the limits of a paper; refuses to know Jinja.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar

from agent.receipts.allowance import Allowance
from agent.receipts.faults import EndlessTemplate, SheetFault
from agent.receipts.logo import Logo
from agent.receipts.speech import BETWEEN, Speech, bare
from drivers.printers.atlas.glyphs import WIDTH as CELL_DOTS
from drivers.printers.document import (
    MAX_BLOCKS,
    Align,
    Barcode,
    Block,
    Cell,
    Cells,
    Columns,
    Cut,
    Document,
    DrawerKick,
    Feed,
    Line,
    Picture,
    Qr,
    Rule,
    Style,
)
from drivers.printers.graphics import TooWide, narrow_dots
from drivers.printers.layout import cells_in
from drivers.printers.symbology import QrLevel, Symbology
from drivers.printers.widths import cells_of
from loyalty.explain import Message, Money, Names, Units
from loyalty.numbers.rates import Rate
from messages.catalogue import TextArgument

_MARK: Final = "\ue001"
_MARKS: Final = re.compile("\ue001(\\d+)\ue001")
BAR: Final = "|"
NO_LOGO: Final = Logo(None)
_KEPT_BAR: Final = "\ue000"
"""A bar that a value holds, until rows are divided at those that the template has."""
MAX_ROWS: Final = 30_000
"""Of one paper, counted generously; the longest basket takes some 10,000."""
_ROW: Final = 48
MAX_CODES: Final = 200
"""Bar codes, QR codes and pictures of one paper, each of which takes a while to draw."""
_Choice = TypeVar("_Choice", bound=StrEnum)


class Mark(str):
    """What a tag leaves in the text: the place of its block."""

    __slots__ = ()


class Sheet:
    """One paper being written.

    Args:
        speech: Its words.
        columns: Characters in a line of it, which bar codes have to fit.
        logo: The shop's.

    Attributes:
        allowance: What the paper may still cost.
    """

    def __init__(self, speech: Speech, columns: int, logo: Logo = NO_LOGO) -> None:
        self._speech = speech
        self._width_dots = columns * CELL_DOTS
        self._logo = logo
        self._blocks: list[Block] = []
        self._rows_taken = 0
        self._codes = 0
        self._placed: set[int] = set()
        self.allowance = Allowance()

    def tags(self) -> dict[str, Callable[..., str]]:
        """Give everything that a template may call, by name."""
        said = self._speech
        words = {name: getattr(said, name) for name in ("say", "label", "money", "units", "amount", "quantity", "name")}
        return words | {
            "t": self._t,
            "line": self._line,
            "center": self._center,
            "row": self._row,
            "cells": self._cells,
            "rule": self._rule,
            "feed": self._feed,
            "cut": self._cut,
            "barcode": self._barcode,
            "qr": self._qr,
            "logo": self._shops_logo,
            "drawer": self._drawer,
            "bare": bare,
            "_line": self._line_of,
            "_row": self._row_of,
        }

    def printed(self, value: object) -> str:
        """Write a value that stands in the text of a template; its bars divide no row."""
        if isinstance(value, Mark):
            return value
        return self._speech.write(value).replace(BAR, _KEPT_BAR)

    def write(self, value: object) -> str:
        """Write a value that becomes part of a text."""
        return self._speech.write(value)

    def document(self, text: str) -> Document:
        """Give the document: the blocks of the marks, and the lines of text between them that are not empty."""
        blocks: list[Block] = []
        for place, piece in enumerate(_MARKS.split(text)):
            if place % 2:
                blocks.append(self._at(int(piece)))
            else:
                lines = (_own(line.strip()) for line in piece.splitlines())
                blocks += [_made(partial(Line, text=line)) for line in lines if line]
        if len(blocks) > MAX_BLOCKS:
            raise EndlessTemplate(_TOO_LONG)
        return Document(blocks=tuple(blocks), language=self._speech.language)

    def _at(self, place: int) -> Block:
        if place >= len(self._blocks):
            raise SheetFault("a control character stands in the text")
        block = self._blocks[place]
        if place in self._placed:
            self._again(block)
        self._placed.add(place)
        return block

    def _again(self, block: Block) -> None:
        """Count a block that stands in the text once more."""
        match block:
            case Line(text=text):
                self._rows(_rows_of(text))
            case Columns(left=left, right=right):
                self._rows(_rows_of(left) + _rows_of(right))
            case Cells(cells=cells):
                self._rows(sum(_rows_of(cell.text) for cell in cells))
            case Feed(lines=lines):
                self._rows(lines)
            case Barcode() | Qr() | Picture():
                self._code()

    def _put(self, make: Callable[[], Block]) -> Mark:
        if len(self._blocks) >= MAX_BLOCKS:
            raise EndlessTemplate(_TOO_LONG)
        self._blocks.append(_made(make))
        return Mark(f"{_MARK}{len(self._blocks) - 1}{_MARK}\n")

    def _rows(self, rows: int) -> None:
        """Count rows of the paper, more or less.

        Raises:
            EndlessTemplate: It is too long.
        """
        self._rows_taken += rows
        if self._rows_taken > MAX_ROWS:
            raise EndlessTemplate(_TOO_LONG)

    def _code(self) -> None:
        """Count a code, or a picture.

        Raises:
            EndlessTemplate: There are too many.
        """
        self._codes += 1
        if self._codes > MAX_CODES:
            raise EndlessTemplate(f"more than {MAX_CODES} codes and pictures: does it loop for ever?")

    def _t(self, message_id: str, /, **arguments: object) -> str:
        given: dict[str, TextArgument | Message] = {}
        for name, value in arguments.items():
            if not isinstance(value, _SAID):
                what = "nothing" if value is None else f"a {type(value).__name__}"
                raise SheetFault(f"{message_id} was given {what} for {name}")
            given[name] = value
        return self._speech.t(message_id, **given)

    def _text(self, value: object) -> str:
        text = self._speech.write(value)
        if _MARK in text:
            raise SheetFault("a row, a line or a cell holds text, not another tag")
        self._rows(_rows_of(text))
        return _own(self.allowance.text(text))

    def _line(self, text: object, align: str = "left", style: str = "normal") -> Mark:
        words, stands, drawn = self._text(text), _choice("align", align, Align), _choice("style", style, Style)
        return self._put(lambda: Line(text=words, align=stands, style=drawn))

    def _center(self, text: object, style: str = "normal") -> Mark:
        return self._line(text, "center", style)

    def _row(self, left: object, right: object, style: str = "normal") -> Mark:
        one, other, drawn = self._text(left), self._text(right), _choice("style", style, Style)
        room = cells_in(self._width_dots // CELL_DOTS, drawn)
        if self._speech.is_double and cells_of(one) + 1 + cells_of(other) > room:
            one = one.replace(BETWEEN, "\n")
        return self._put(lambda: Columns(left=one, right=other, style=drawn))

    def _cells(self, *cells: object, style: str = "normal") -> Mark:
        made, drawn = tuple(map(self._cell, cells)), _choice("style", style, Style)
        return self._put(lambda: Cells(cells=made, style=drawn))

    def _cell(self, given: object) -> Cell:
        text, columns, align = (*given, *_CELL[len(given) :]) if isinstance(given, tuple) else (given, *_CELL[1:])
        if columns is not None and type(columns) is not int:
            raise SheetFault('a cell is a text, or (text, columns), or (text, columns, "right")')
        words, stands = self._text(text), _choice("align", align, Align)
        return _made(lambda: Cell(text=words, columns=columns, align=stands))

    def _rule(self) -> Mark:
        return self._put(Rule)

    def _feed(self, lines: int = 1) -> Mark:
        fed = _made(lambda: Feed(lines=lines))
        self._rows(lines)
        return self._put(lambda: fed)

    def _cut(self) -> Mark:
        return self._put(Cut)

    def _barcode(self, data: object, kind: str = "code-128", height: int = 80) -> Mark:
        self._code()
        text, symbology = self._text(data), _choice("kind", kind, Symbology)
        code = _made(lambda: Barcode(symbology=symbology, data=text, height_dots=height))
        try:
            narrow_dots(code, self._width_dots)
        except (
            TooWide
        ):  # a receipt must not be refused for it: most scanners read the other kind, and people read the text
            return Mark(self._qr(text) + self._center(text, "bold"))
        return self._put(lambda: code)

    def _qr(self, data: object, level: str = "M", dots: int | None = None) -> Mark:
        self._code()
        text, held = self._text(data), _choice("level", level, QrLevel)
        return self._put(lambda: Qr(data=text, level=held, module_dots=dots))

    def _shops_logo(self) -> str:
        picture = self._logo.picture(self._width_dots)
        if picture is None:
            return ""
        self._code()
        return self._put(lambda: picture)

    def _drawer(self, pin: int = 2) -> Mark:
        if pin not in {2, 5}:
            raise SheetFault("a drawer is on pin 2 or 5")
        return self._put(lambda: DrawerKick(pin=2 if pin == 2 else 5))

    def _line_of(self, align: str, style: str, *, caller: Callable[[], str]) -> Mark:
        """Print the body of a tag ``{% line %}`` or ``{% center %}``."""
        text = "\n".join(line.strip() for line in caller().strip().splitlines())
        return self._line(text, align, style)

    def _row_of(self, style: str, *, caller: Callable[[], str]) -> Mark:
        """Print the body of a tag ``{% row %}``, divided at its bars."""
        parts = [" ".join(part.split(" ")).strip() for part in caller().strip().split(BAR)]
        if len(parts) == 1:
            raise SheetFault("a row has a bar between its left and its right text: {% row %}left | right{% endrow %}")
        if len(parts) == 2:
            return self._row(parts[0], parts[1], style)
        last = len(parts) - 1
        return self._cells(
            *((part, None, "right" if at == last else "left") for at, part in enumerate(parts)), style=style
        )


_SAID: Final = (str, int, Units, Money, Names, Rate, date, Message)
_CELL: Final = ("", None, "left")
_TOO_LONG: Final = f"more than {MAX_BLOCKS:,} tags or {MAX_ROWS:,} rows: does it loop for ever?"
_Block = TypeVar("_Block")


def _rows_of(text: str) -> int:
    return 1 + text.count("\n") + len(text) // _ROW


def _made(make: Callable[[], _Block]) -> _Block:
    """Make a block; what it cannot hold is the template's fault."""
    try:
        return make()
    except (ValueError, TypeError) as fault:
        raise SheetFault(str(fault)) from fault


def _choice(what: str, given: str, among: type[_Choice]) -> _Choice:
    try:
        return among(given)
    except ValueError:
        raise SheetFault(f"{what} is one of {', '.join(one.value for one in among)}") from None


def _own(text: str) -> str:
    return text.replace(_KEPT_BAR, BAR) if _KEPT_BAR in text else text
