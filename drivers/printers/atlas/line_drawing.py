"""Box drawing glyphs, computed, so that lines meet at the edges of their cells; a font's own do not fit them."""

from typing import Final

from drivers.printers.atlas.glyphs import HEIGHT, WIDTH, Glyph

_LIGHT: Final = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu"} | {
    "├": "rud",
    "┤": "lud",
    "┬": "lrd",
    "┴": "lru",
    "┼": "lrud",
}
_HEAVY: Final = {"━": "lr", "┃": "ud"}
_DOUBLE: Final = {"═": "lr", "║": "ud"}
_LIGHT_ACROSS: Final = (11, 12)
_LIGHT_DOWN: Final = (5, 6)
_HEAVY_ACROSS: Final = (10, 11, 12, 13)
_HEAVY_DOWN: Final = (4, 5, 6, 7)
_DOUBLE_ACROSS: Final = (9, 10, 13, 14)
_DOUBLE_DOWN: Final = (3, 4, 7, 8)


def line_glyphs() -> dict[str, Glyph]:
    """A glyph for every light line and corner, for plain heavy and double lines, and for the dashed rule ``┄``."""
    glyphs = {char: _draw(arms, _LIGHT_ACROSS, _LIGHT_DOWN) for char, arms in _LIGHT.items()}
    glyphs |= {char: _draw(arms, _HEAVY_ACROSS, _HEAVY_DOWN) for char, arms in _HEAVY.items()}
    glyphs |= {char: _draw(arms, _DOUBLE_ACROSS, _DOUBLE_DOWN) for char, arms in _DOUBLE.items()}
    glyphs["┄"] = tuple(0b011001100110 if row in _LIGHT_ACROSS else 0 for row in range(HEIGHT))
    return glyphs


def _draw(arms: str, across: tuple[int, ...], down: tuple[int, ...]) -> Glyph:
    return tuple(_row(row, arms, across, down) for row in range(HEIGHT))


def _row(row: int, arms: str, across: tuple[int, ...], down: tuple[int, ...]) -> int:
    bits = 0
    if row in across:
        left = range(down[-1] + 1) if "l" in arms else ()
        right = range(down[0], WIDTH) if "r" in arms else ()
        bits |= _dots(left) | _dots(right)
    if ("u" in arms and row <= across[-1]) or ("d" in arms and row >= across[0]):
        bits |= _dots(down)
    return bits


def _dots(columns: range | tuple[int, ...]) -> int:
    return sum(1 << (WIDTH - 1 - column) for column in columns)
