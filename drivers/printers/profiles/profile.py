"""What one model of printer is known to understand. Pure values; where they come from stands beside them.

``verified`` and ``claimed`` matter: a page of letters that a printer only claims may print other letters, and nobody
would be told. The encoder uses what is verified and nothing else.
"""

from dataclasses import dataclass
from typing import Final

MAX_PAGES: Final = 128
CELL_DOTS: Final = 12
MIN_COLUMNS: Final = 16
MIN_CHUNK: Final = 64
MAX_CHUNK: Final = 4096
MAX_PAUSE_MS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """A page of letters in the printer.

    Attributes:
        number: What ESC t selects it by, 0 to 255.
        codec: Python's name of the same letters, such as ``cp866``.
        verified: Whether its letters are known to be those; a claimed one is never printed with.
    """

    number: int
    codec: str
    verified: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.number <= 255:
            raise ValueError("a code page has a number from 0 to 255")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAbilities:
    """What the printer tells, if it can answer at all.

    Attributes:
        realtime: DLE EOT 1 to 4; None where nobody knows, and it is asked once at each opening. False for a printer that prints
            the questions: it is asked nothing, and nothing is heard of it.
        automatic: Automatic Status Back, GS a.
        transmitted: GS r.
        completion: The process id of GS ( H, function 48, which is answered when the paper is printed.
    """

    realtime: bool | None = None
    automatic: bool = False
    transmitted: bool = False
    completion: bool = False

    def __post_init__(self) -> None:
        if self.realtime is False and (self.automatic or self.transmitted or self.completion):
            raise ValueError("a printer that is not asked (realtime = false) tells nothing else either")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterProfile:
    """One model.

    Attributes:
        name: What it is chosen by, such as ``TM-T20III``.
        title: What people call it.
        columns: Characters of Font A on a line; even, 16 to 96.
        width_dots: Dots across that it prints.
        small_columns: Characters of Font B on a line; None if it has none or one that is not 9 dots wide.
        pages: At most 128, no number twice.
        text_styles: ESC ! changes emphasis and size.
        raster: GS v 0 prints pictures.
        doubled: GS v 0 can print each dot as two by two, m = 3.
        inline: ESC * 33 prints pictures 24 dots high within a line of text.
        qr: GS ( k prints QR codes.
        barcodes: GS k, function B, prints bar codes.
        cutter: Whether it cuts; None if nobody knows.
        drawer: Whether a drawer can be connected; None if nobody knows.
        double_bytes: It may start in a Chinese mode that takes two bytes for a letter; FS . ends it.
        chunk_bytes: The most that it is handed at once, 64 to 4096; None where it says itself that it is full, or is fast enough.
        pause_ms: Between two such pieces, 0 to 500, for a small buffer that nobody speaks for.
        status: What it tells.
    """

    name: str
    title: str
    columns: int
    width_dots: int
    small_columns: int | None = None
    pages: tuple[CodePage, ...] = ()
    text_styles: bool = False
    raster: bool = True
    doubled: bool = False
    inline: bool = False
    qr: bool = False
    barcodes: bool = False
    cutter: bool | None = None
    drawer: bool | None = None
    double_bytes: bool = False
    chunk_bytes: int | None = None
    pause_ms: int = 0
    status: StatusAbilities = StatusAbilities()

    def __post_init__(self) -> None:
        if self.columns % 2 or not MIN_COLUMNS <= self.columns <= 96:
            raise ValueError("a printer has an even number of columns from 16 to 96")
        if not 0 < self.width_dots <= 1200:
            raise ValueError("a printer is 1 to 1200 dots wide")
        if self.page_columns < MIN_COLUMNS:
            raise ValueError(f"a printer of pictures is at least {MIN_COLUMNS * CELL_DOTS} dots wide")
        if len({page.number for page in self.pages}) != len(self.pages) or len(self.pages) > MAX_PAGES:
            raise ValueError(f"a printer has at most {MAX_PAGES} code pages, no number twice")

        if self.chunk_bytes is not None and not MIN_CHUNK <= self.chunk_bytes <= MAX_CHUNK:
            raise ValueError(f"a printer is handed {MIN_CHUNK} to {MAX_CHUNK} bytes at once")
        if not 0 <= self.pause_ms <= MAX_PAUSE_MS:
            raise ValueError(f"a printer gets pauses of 0 to {MAX_PAUSE_MS} ms")

    @property
    def page_columns(self) -> int:
        """The most columns of a page, even: as many as it has, and no more than fit where rows are drawn 12 dots a letter."""
        return min(self.columns, self.width_dots // CELL_DOTS // 2 * 2) if self.raster else self.columns

    @property
    def on_grid(self) -> bool:
        """Whether its letters are as wide as ours, so that native rows and drawn ones agree on columns."""
        return self.width_dots // self.columns == CELL_DOTS
