"""The bytes of a job as they grow: what is selected in the printer, and what still has to be. Pure."""

from typing import Final

from drivers.printers.atlas.glyphs import CELLS, WIDTH, Face
from drivers.printers.document import Align, Barcode, Graphic, Qr, Style
from drivers.printers.encoders import commands
from drivers.printers.encoders.bands import Bands
from drivers.printers.encoders.spelling import Spelled
from drivers.printers.graphics import CannotPrint, hri_text, module_dots, narrow_dots, quiet_rows
from drivers.printers.profiles.profile import CodePage, PrinterProfile
from drivers.printers.raster import FACES, draw_graphic, hri_face

ROWS_TO_THE_EDGE: Final = 5
"""Empty rows that bring the last one from the head to the tear bar, some 15 mm."""
MAX_CHUNK: Final = 4096


class Job:
    """One job; its methods append in the order of the paper.

    Args:
        profile: What the printer understands.
        columns: Of the page.
        narrow: Whether bytes matter more than the number of pictures.

    Attributes:
        narrow: As given.
        code_page: The page that is selected in the printer; None at the start, when nobody knows.
    """

    def __init__(self, profile: PrinterProfile, columns: int, *, narrow: bool) -> None:
        self.narrow = narrow
        self.code_page: CodePage | None = None
        self._profile = profile
        self._columns = columns
        self._style = Style.NORMAL
        self._pitch = 0
        aligned = profile.text_styles and profile.width_dots == columns * WIDTH
        self._bands = Bands(columns * WIDTH // 8, narrow=narrow, aligned=aligned)
        self._chunks = [commands.INITIALIZE + (commands.CANCEL_DOUBLE_BYTES if profile.double_bytes else b"")]
        self._country = commands.ASCII if profile.text_styles else b""
        self._letters = bytearray()

    def text(self, spelled: Spelled, style: Style) -> None:
        """A row in the printer's letters."""
        if spelled.data:
            self._own(self._country + spelled.data + b"\n", style)
            self._country = b""
        else:
            self._own(commands.EMPTY_ROW, style)
        self.code_page = spelled.page

    def empty_row(self) -> None:
        """A row without ink."""
        self._own(commands.EMPTY_ROW, Style.NORMAL)

    def drawn(self, lines: bytes) -> None:
        """Dot lines as long as the page is wide."""
        self._close_letters()
        self._bands.add(lines)

    def drawn_doubled(self, lines: bytes, line_bytes: int) -> None:
        """Dot lines of a picture that the printer prints twice as wide and twice as high."""
        self._close_letters()
        self._bands.add_doubled(lines, line_bytes)

    def graphic(self, graphic: Graphic) -> None:
        """A code, by the printer's own commands where it has them, or a picture.

        Raises:
            CannotPrint: It does not fit on the paper, or this printer prints no pictures.
        """
        match graphic:
            case Barcode() if self._profile.barcodes:
                self._placed(self._barcode(graphic), graphic.align)
            case Qr() if self._profile.qr:
                side = module_dots(graphic, self._columns * WIDTH)
                rows = quiet_rows(side)
                self._empty_rows(rows)
                self._placed(commands.qr(graphic.data, graphic.level, side), graphic.align)
                self._empty_rows(rows)
            case _:
                self._draw(graphic)

    def kick(self, pin: int) -> None:
        """The drawer's pulse.

        Raises:
            CannotPrint: There is no connector for a drawer.
        """
        if self._profile.drawer is False:
            raise CannotPrint("this printer has no connector for a drawer")
        self._append(commands.kick(pin))

    def cut(self) -> None:
        """The cut; empty rows instead where there is no cutter. Who does not know gets the command, which feeds too."""
        if self._profile.cutter is False:
            self._empty_rows(ROWS_TO_THE_EDGE)
        else:
            self._append(commands.FEED_AND_CUT)
        self._close_letters()

    def end(self) -> tuple[bytes, ...]:
        """The chunks; the printer is left as it was found, for others use it too."""
        self._close_bands()
        if self._pitch or self.code_page is not None:
            self._letters += commands.INITIALIZE
        self._close_letters()
        return tuple(self._chunks)

    def _barcode(self, code: Barcode) -> bytes:
        width = self._columns * WIDTH
        text = hri_text(code)
        letters = ("A" if hri_face(text, width) is Face.REGULAR else "B") if text else ""
        narrow = narrow_dots(code, width)
        return commands.barcode(
            code.symbology, code.data, narrow_dots=narrow, height_dots=code.height_dots, hri=letters
        )

    def _draw(self, graphic: Graphic) -> None:
        if not self._profile.raster:
            raise CannotPrint("this printer prints neither codes nor pictures")
        self.drawn(draw_graphic(graphic, self._columns))

    def _placed(self, code: bytes, align: Align) -> None:
        """A code at its place, and the left edge again."""
        if align is Align.LEFT:
            self._append(code)
        else:
            self._append(commands.align(align) + code + commands.align(Align.LEFT))

    def _empty_rows(self, rows: int) -> None:
        for _ in range(rows):
            self.empty_row()

    def _own(self, data: bytes, style: Style) -> None:
        """A row of letters, with the pitch and the style it needs; a chunk ends where it is full."""
        self._close_bands()
        pitch = CELLS[FACES[style]].height
        if pitch != self._pitch:
            self._letters += commands.pitch(pitch)
            self._pitch = pitch
        if style is not self._style:
            self._letters += commands.style(style)
            self._style = style
        self._letters += data
        if len(self._letters) >= MAX_CHUNK:
            self._close_letters()

    def _append(self, data: bytes) -> None:
        self._close_bands()
        self._letters += data

    def _close_bands(self) -> None:
        self._chunks += self._bands.take()

    def _close_letters(self) -> None:
        if self._letters:
            self._chunks.append(bytes(self._letters))
            self._letters.clear()
