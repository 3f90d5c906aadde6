"""Chooses how each row of a page reaches the paper of one printer, and makes the job's bytes. Pure.

There are three right ways: the printer's own letters where a verified page has them; those with small pictures of the
letters it lacks, where its profile allows that; pictures of whole rows. On a slow cable each row goes the way with the
fewest bytes. On a cable that is as fast as the paper, all rows become pictures as soon as one has to, so that a receipt
has one look; the same where the printer's letters are not as wide as ours.

The whole job exists before its first byte is sent.
"""

from dataclasses import dataclass
from typing import Final

from drivers.printers.atlas.glyphs import CELLS, WIDTH, glyphs
from drivers.printers.document import Barcode, DrawerKick, Picture, Qr, Style
from drivers.printers.encoders.job import Job
from drivers.printers.encoders.spelling import Spelled, letters_of_all, spell
from drivers.printers.layout import Page, Row, cells_in
from drivers.printers.profiles.profile import CodePage, PrinterProfile
from drivers.printers.raster import FACES, MissingGlyph, OtherScripts, draw_row
from drivers.printers.widths import cells_of, placed, plainly_spaced

PAPER_BYTES_PER_S: Final = 115_200
"""What a picture as wide as 80 mm paper takes at 200 mm a second: 72 bytes for each of 1600 dot lines."""
_INLINE_STYLES: Final = frozenset({Style.NORMAL, Style.BOLD})
_INLINE_COMMAND: Final = b"\x1b*"
_PICTURE_HEADER: Final = 8


def encode(
    page: Page, profile: PrinterProfile, *, bytes_per_s: int | None = None, other: OtherScripts | None = None
) -> tuple[bytes, ...]:
    """The job in chunks: first ESC @, then bands of whole rows, each of which the printer takes in one go.

    Args:
        page: As laid out for ``profile.page_columns``, or for fewer.
        profile: What the printer understands.
        bytes_per_s: How fast its cable is; None if that is not known, which counts as slow.
        other: What draws the letters that the atlas lacks.

    Raises:
        MissingGlyph: A character has no way onto this paper; there is no job then.
        CannotPrint: A code, a picture or the drawer has none.
        ValueError: The page is wider than the printer (the caller's bug).
    """
    if page.columns > profile.page_columns:
        raise ValueError("the page is wider than the printer")
    fast = bytes_per_s is not None and bytes_per_s >= PAPER_BYTES_PER_S
    verified = tuple(one for one in profile.pages if one.verified)
    ways = _Ways(columns=page.columns, profile=profile, pages=verified, other=other)
    uniform = profile.raster and (fast or not profile.on_grid)
    all_drawn = uniform and not all(ways.is_native(row) for row in page.rows if isinstance(row, Row))
    job = Job(profile, page.columns, narrow=not fast)
    for row in page.rows:
        match row:
            case Row():
                ways.write(row, job, drawn=all_drawn)
            case Barcode() | Qr() | Picture():
                job.graphic(row)
            case DrawerKick(pin=pin):
                job.kick(pin)
            case _:
                job.cut()
    return job.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """The ways that rows of text have on one printer.

    Attributes:
        columns: Of the page.
        profile: Of the printer.
        pages: Its verified pages.
        other: What draws the letters that the atlas lacks.
    """

    columns: int
    profile: PrinterProfile
    pages: tuple[CodePage, ...]
    other: OtherScripts | None

    def is_native(self, row: Row) -> bool:
        """Whether the printer's own letters are enough."""
        text = plainly_spaced(row.text)
        return self._has_style(row.style) and (text.isascii() or letters_of_all(self.pages).issuperset(text))

    def write(self, row: Row, job: Job, *, drawn: bool) -> None:
        """One row, drawn or the cheapest way."""
        lacking = _not_in_atlas(row)
        if lacking and self.other is None:
            raise MissingGlyph(lacking)
        if drawn:
            job.drawn(draw_row(row, self.columns, self.other))
            return
        text = placed(row.text, row.align, cells_in(self.columns, row.style)).rstrip()
        if not text and job.narrow and row.style in _INLINE_STYLES:
            job.empty_row()
            return
        spelled = None if lacking else self._spelled(text, row.style, job)
        if spelled is not None:
            job.text(spelled, row.style)
        elif not self.profile.raster:
            raise MissingGlyph(lacking or self._unspelled(text))
        elif row.style is Style.DOUBLE and self.profile.doubled and job.narrow:
            job.drawn_doubled(*self._halved(text))
        else:
            job.drawn(draw_row(row, self.columns, self.other))

    def _halved(self, text: str) -> tuple[bytes, int]:
        """A row of double cells before it is doubled, and the bytes of its lines."""
        cells = self.columns // 2 + self.columns // 2 % 2
        return draw_row(Row(text=text, style=Style.BOLD), cells, self.other), cells * WIDTH // 8

    def _spelled(self, text: str, style: Style, job: Job) -> Spelled | None:
        """The row in the printer's letters, if it has that style, the letters, and if it is no longer than a picture."""
        if not self._has_style(style):
            return None
        inline = self.profile.inline and self.profile.on_grid and style in _INLINE_STYLES
        spelled = spell(text, self.pages, job.code_page, FACES[style] if inline else None)
        if spelled is None or _INLINE_COMMAND not in spelled.data:
            return spelled
        return spelled if len(spelled.data) <= _drawn_bytes(text, style) or not self.profile.raster else None

    def _has_style(self, style: Style) -> bool:
        if style is Style.SMALL and self.profile.small_columns is None:
            return False
        return style is Style.NORMAL or self.profile.text_styles

    def _unspelled(self, text: str) -> str:
        """The first character that no page has; any, if it is the style that is missing."""
        letters = letters_of_all(self.pages)
        return next((char for char in plainly_spaced(text) if char not in letters), text.strip()[:1] or " ")


def _not_in_atlas(row: Row) -> str:
    """The first character of a row without a drawing; empty if there is none."""
    lacking = set(row.text).difference(glyphs(FACES[row.style]))
    return next(char for char in row.text if char in lacking) if lacking else ""


def _drawn_bytes(text: str, style: Style) -> int:
    """How many bytes the row takes as a picture."""
    cell = CELLS[FACES[style]]
    scale = 2 if style is Style.DOUBLE else 1
    return _PICTURE_HEADER + -(-cells_of(text) * cell.width * scale // 8) * cell.height * scale
