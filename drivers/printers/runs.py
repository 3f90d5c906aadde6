"""Splits a row into what the atlas draws and what a font of another script has to. Pure."""

import unicodedata
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from drivers.printers.widths import clusters

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_CONTINUING: Final = _RIGHT_TO_LEFT | {"EN"}
_LEFT_TO_RIGHT: Final = "L"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Characters that are drawn in one go.

    Attributes:
        text: The characters, as they are read.
        missing: The first one that the atlas lacks; empty if it has them all.
    """

    text: str
    missing: str = ""


def split(text: str, known: Container[str]) -> Iterator[Run]:
    """The runs of a row; words of a right-to-left script keep the numbers and spaces between and behind them.

    Args:
        text: A row.
        known: The characters that the atlas has.
    """
    letters = list(clusters(text))
    at = 0
    while at < len(letters):
        end = _end(letters, at, known)
        missing = next((_lacking(letter, known) for letter in letters[at:end] if _foreign(letter, known)), "")
        yield Run(text="".join(letters[at:end]), missing=missing)
        at = end


def _end(letters: Sequence[str], at: int, known: Container[str]) -> int:
    if _direction(letters[at]) in _RIGHT_TO_LEFT:
        return _right_to_left_end(letters, at)
    foreign = _foreign(letters[at], known)
    for end in range(at + 1, len(letters)):
        if _foreign(letters[end], known) is not foreign or _direction(letters[end]) in _RIGHT_TO_LEFT:
            return end
    return len(letters)


def _right_to_left_end(letters: Sequence[str], at: int) -> int:
    """Behind the last right-to-left letter, or a number after one, before a letter of the other direction or a gap."""
    end = at + 1
    for place in range(at + 1, len(letters)):
        direction = _direction(letters[place])
        if direction == _LEFT_TO_RIGHT or letters[place - 1 : place + 1] == [" ", " "]:
            break
        if direction in _CONTINUING:
            end = place + 1
    return end


def _foreign(letter: str, known: Container[str]) -> bool:
    return len(letter) > 1 or letter not in known


def _lacking(letter: str, known: Container[str]) -> str:
    """The character of a letter that the atlas lacks; where it has each, the mark, since it does not stand alone."""
    return next((char for char in letter if char not in known), letter[-1])


def _direction(letter: str) -> str:
    return unicodedata.bidirectional(letter[0])
