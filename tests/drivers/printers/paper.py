"""A printer made of paper only: reads ESC/POS bytes and says which dots they leave, with arithmetic of its own.

It shares nothing with the encoder but the atlas files, which it reads itself: native letters are drawn from them by the
codec of the selected page, so that the same letter by another way must leave the same dots. Any byte that the printer
does not know is a fault, and so is a letter above ASCII while no page is selected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ATLAS = Path(__file__).resolve().parents[3] / "drivers" / "printers" / "atlas"
CELL = {"regular": (12, 24), "bold": (12, 24), "small": (9, 17)}
NATIONAL = "#$@[\\]^`{|}~"
"""Signs that ESC R replaces."""
GS_K = {65: "upc-a", 67: "ean-13", 68: "ean-8", 69: "code-39", 70: "itf", 73: "code-128"}


class NotUnderstood(AssertionError):
    """The printer would print something else than was meant."""


@cache
def atlas(face: str) -> Mapping[str, tuple[str, ...]]:
    found = {}
    width = CELL[face][0]
    for line in (ATLAS / f"{face}.hex").read_text("ascii").splitlines():
        if not line.startswith("#"):
            code, rows = line.split(":")
            found[chr(int(code, 16))] = tuple(f"{int(rows[n : n + 3], 16):0{width}b}" for n in range(0, len(rows), 3))
    return found


def twice(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("".join(dot * 2 for dot in line) for line in lines for _ in range(2))


@dataclass
class Paper:
    """What a printer of ``width_dots`` with these pages leaves on paper.

    Attributes:
        lines: Dot lines from the top, as wide as the paper.
        text: The letters of each native row.
        codes: Kind and content of each code that the printer drew itself.
        events: ``cut`` and ``kick 2`` or ``kick 5``, with the dot line where they came.
    """

    width_dots: int
    pages: Mapping[int, str]
    knows: frozenset[str] | None = None
    lines: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    codes: list[tuple[str, str]] = field(default_factory=list)
    events: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._page: str | None = None
        self._country: int | None = None
        self._style = 0
        self._pitch = 30
        self._align = 0
        self._settings: dict[int, int] = {}
        self._qr = b""
        self._buffer: list[tuple[str, ...]] = []
        self._letters = ""

    def feed(self, data: bytes) -> "Paper":
        self._data, self._at = data, 0
        while self._at < len(data):
            self._one()
        if self._buffer:
            raise NotUnderstood("letters are left in the line buffer")
        return self

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise NotUnderstood("a command is cut off")
        self._at += count
        return taken

    def _know(self, name: str) -> None:
        if self.knows is not None and name not in self.knows:
            raise NotUnderstood(f"this printer does not know {name}")

    def _one(self) -> None:
        byte = self._take(1)[0]
        if byte >= 0x20:
            self._letter(byte)
        elif byte == 0x0A:
            self._line_feed()
        elif byte == 0x1B:
            self._escape(chr(self._take(1)[0]))
        elif byte == 0x1D:
            self._group(chr(self._take(1)[0]))
        elif byte == 0x1C and self._take(1) == b".":
            self._know("FS .")
        else:
            raise NotUnderstood(f"byte {byte:#x}")

    def _letter(self, byte: int) -> None:
        if byte >= 0x7F and self._page is None:
            raise NotUnderstood("a letter above ASCII without a page")
        char = bytes((byte,)).decode(self._page or "ascii")
        if char in NATIONAL and self._country != 0 and self.knows is None:
            raise NotUnderstood(f"{char!r} is another sign in some countries")
        face = "small" if self._style & 1 else "bold" if self._style & 8 else "regular"
        cell = atlas(face)[char]
        if self._style & 0x30:
            if self._style & 0x30 != 0x30:
                raise NotUnderstood("a letter of odd size")
            cell = twice(cell)
        self._buffer.append(cell)
        self._letters += char

    def _line_feed(self) -> None:
        if not self._buffer:
            raise NotUnderstood("an empty row, whose height depends on the printer's unit")
        heights = {len(cell) for cell in self._buffer}
        if len(heights) != 1:
            raise NotUnderstood("letters of two heights in a row")
        self._put(["".join(parts) for parts in zip(*self._buffer, strict=True)])
        self.lines += ["0" * self.width_dots] * (self._pitch - heights.pop())
        self.text.append(self._letters)
        self._buffer, self._letters = [], ""

    def _put(self, lines: list[str]) -> None:
        if any(len(line.rstrip("0")) > self.width_dots for line in lines):
            raise NotUnderstood("ink beyond the edge of the paper")
        self.lines += [line[: self.width_dots].ljust(self.width_dots, "0") for line in lines]

    def _escape(self, command: str) -> None:
        self._know(f"ESC {command}")
        match command:
            case "@":
                self._reset()
            case "R":
                self._country = self._take(1)[0]
            case "t":
                self._page = self.pages[self._take(1)[0]]
            case "!":
                self._style = self._take(1)[0]
            case "3":
                self._pitch = self._take(1)[0]
            case "a":
                self._align = self._take(1)[0]
            case "p":
                pin, on, off = self._take(3)
                assert (on, off) == (50, 250)
                self.events.append((f"kick {2 + 3 * pin}", len(self.lines)))
            case "*":
                mode, low, high = self._take(3)
                assert mode == 33
                dots = self._take(3 * (low + 256 * high))
                columns = [f"{int.from_bytes(dots[n : n + 3], 'big'):024b}" for n in range(0, len(dots), 3)]
                self._buffer.append(tuple("".join(line) for line in zip(*columns, strict=True)))
                self._letters += "\ufffc"
            case _:
                raise NotUnderstood(f"ESC {command}")

    def _group(self, command: str) -> None:
        self._know(f"GS {command}")
        if self._buffer:
            raise NotUnderstood(f"GS {command} in the middle of a line")
        match command:
            case "v":
                self._raster()
            case "V":
                assert self._take(2) == b"B\x00"
                self.events.append(("cut", len(self.lines)))
            case "w" | "h" | "f" | "H":
                self._settings[ord(command)] = self._take(1)[0]
            case "k":
                kind, length = self._take(2)
                self._barcode(GS_K[kind], self._take(length))
            case "(":
                self._two_dimensions()
            case _:
                raise NotUnderstood(f"GS {command}")

    def _raster(self) -> None:
        zero, mode, width_low, width_high, low, high = self._take(6)
        width, height = width_low + 256 * width_high, low + 256 * high
        assert zero == ord("0")
        assert mode in {0, 3}
        self._know(f"GS v 0 {mode}")
        assert 0 < height <= 192
        dots = self._take(width * height)
        lines = tuple(f"{int.from_bytes(dots[n : n + width], 'big'):0{8 * width}b}" for n in range(0, len(dots), width))
        lines = twice(lines) if mode == 3 else lines
        left = (0, (self.width_dots - len(lines[0])) // 2, self.width_dots - len(lines[0]))[self._align]
        assert left >= 0 or not self._align
        self._put(["0" * left + line for line in lines])

    def _barcode(self, kind: str, data: bytes) -> None:
        assert {*map(chr, self._settings)} == set("whfH")
        if kind == "code-128":
            assert data[:1] == b"{"
            content, subset, at = "", "", 0
            while at < len(data):
                if data[at : at + 1] == b"{" and data[at + 1 : at + 2] in {b"B", b"C"}:
                    subset, at = chr(data[at + 1]), at + 2
                elif data[at : at + 2] == b"{{":
                    content, at = content + "{", at + 2
                elif subset == "C":
                    content, at = content + f"{data[at]:02d}", at + 1
                else:
                    content, at = content + chr(data[at]), at + 1
            self.codes.append((kind, content))
        else:
            self.codes.append((kind, data.decode("ascii")))

    def _two_dimensions(self) -> None:
        assert self._take(1) == b"k"
        low, high = self._take(2)
        kind, function, *rest = self._take(low + 256 * high)
        assert kind == 0x31
        if function == 80:
            self._qr = bytes(rest[1:])
        elif function == 81:
            self.codes.append(("qr", self._qr.decode()))
        else:
            self._settings[function] = rest[0]
