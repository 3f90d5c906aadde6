"""Spells a row of text in a printer's own letters, with pictures of those that it lacks. Pure.

Only verified code pages are used. The letters that every page shares are those of ASCII, so a row of them needs no page;
a page is changed only where the next letter needs it, and chosen so that it lasts longest.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from drivers.printers.atlas.glyphs import Face
from drivers.printers.encoders import commands
from drivers.printers.profiles.profile import CodePage
from drivers.printers.raster import bits
from drivers.printers.widths import plainly_spaced


@dataclass(frozen=True, slots=True)
class Spelled:
    """A row in bytes, without its end.

    Attributes:
        data: Letters, changes of the page, pictures.
        page: The page that is selected afterwards.
    """

    data: bytes
    page: CodePage | None


def spell(text: str, pages: tuple[CodePage, ...], page: CodePage | None, drawn: Face | None) -> Spelled | None:
    """One row.

    Args:
        text: One printable character per cell.
        pages: The verified ones of the printer.
        page: The one that is selected; None if that is not known.
        drawn: The face for pictures of letters that no page has; None if there may be none.

    Returns:
        The bytes, or None if a letter is in no page and may not be drawn.
    """
    text = plainly_spaced(text)
    if text.isascii():
        return Spelled(text.encode("ascii"), page)
    needed = set(text)
    for candidate in (page, *pages):
        if candidate is not None and needed <= letters_of(candidate):
            change = b"" if candidate == page else commands.page(candidate.number)
            return Spelled(change + text.encode(candidate.codec), candidate)
    if drawn is None and not needed <= letters_of_all(pages):
        return None
    return _mixed(text, pages, page, drawn or Face.REGULAR)


@lru_cache(maxsize=256)
def letters_of(page: CodePage) -> frozenset[str]:
    """The printable characters of a page, those of ASCII included."""
    decoded = (bytes((code,)).decode(page.codec, errors="ignore") for code in range(0x80, 0x100))
    return _ASCII | {char for char in decoded if len(char) == 1 and char.isprintable()}


@lru_cache(maxsize=64)
def letters_of_all(pages: tuple[CodePage, ...]) -> frozenset[str]:
    """Every character that one of the pages has; those of ASCII without any."""
    return _ASCII.union(*map(letters_of, pages))


_ASCII: Final = frozenset(map(chr, range(0x20, 0x7F)))


def _mixed(text: str, pages: tuple[CodePage, ...], page: CodePage | None, face: Face) -> Spelled:
    known = letters_of_all(pages)
    parts: list[bytes] = []
    at = 0
    while at < len(text):
        if text[at] not in known:
            end = _end(_without(known), text, at)
            parts.append(commands.inline([_columns(char, face) for char in text[at:end]]))
        else:
            if text[at] not in _letters(page):
                page = max(pages, key=lambda one: _end(_lasting(one, known), text, at))
                parts.append(commands.page(page.number))
            end = _end(_run(_letters(page)), text, at)
            parts.append(text[at:end].encode(page.codec if page is not None else "ascii"))
        at = end
    return Spelled(b"".join(parts), page)


def _letters(page: CodePage | None) -> frozenset[str]:
    return _ASCII if page is None else letters_of(page)


def _end(run: re.Pattern[str], text: str, at: int) -> int:
    """Where a run that may begin at ``at`` ends."""
    found = run.match(text, at)
    return at if found is None else found.end()


@lru_cache(maxsize=256)
def _run(letters: frozenset[str]) -> re.Pattern[str]:
    return re.compile(f"[{_listed(letters)}]+")


@lru_cache(maxsize=64)
def _without(letters: frozenset[str]) -> re.Pattern[str]:
    return re.compile(f"[^{_listed(letters)}]+")


@lru_cache(maxsize=256)
def _lasting(page: CodePage, known: frozenset[str]) -> re.Pattern[str]:
    """How far a page lasts; what no page has does not end it."""
    return re.compile(f"(?:[{_listed(letters_of(page))}]|[^{_listed(known)}])+")


def _listed(letters: frozenset[str]) -> str:
    return re.escape("".join(sorted(letters)))


@lru_cache(maxsize=512)
def _columns(char: str, face: Face) -> bytes:
    """The dot columns of a letter, three bytes each, the highest bit at the top."""
    columns = ("".join(column) for column in zip(*bits(char, face), strict=True))
    return b"".join(int(column, 2).to_bytes(3, "big") for column in columns)
