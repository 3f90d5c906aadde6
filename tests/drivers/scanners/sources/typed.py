"""Plays a keyboard scanner: a text as the key events that a scanner sends for it, made from the kernel's key names.

Written apart from what reads the keys, so that one checks the other.
"""

from collections.abc import Iterator

# include/uapi/linux/input-event-codes.h
CODES = {
    **{digit: code for code, digit in enumerate("1234567890", start=2)},
    **{char: code for code, char in enumerate("QWERTYUIOP", start=16)},
    **{char: code for code, char in enumerate("ASDFGHJKL", start=30)},
    **{char: code for code, char in enumerate("ZXCVBNM", start=44)},
    "MINUS": 12,
    "EQUAL": 13,
    "LEFTBRACE": 26,
    "RIGHTBRACE": 27,
    "SEMICOLON": 39,
    "APOSTROPHE": 40,
    "GRAVE": 41,
    "BACKSLASH": 43,
    "COMMA": 51,
    "DOT": 52,
    "SLASH": 53,
    "SPACE": 57,
    "TAB": 15,
    "ENTER": 28,
    "LEFTCTRL": 29,
    "LEFTSHIFT": 42,
    "RIGHTSHIFT": 54,
    "LEFTALT": 56,
    "CAPSLOCK": 58,
    "KPENTER": 96,
    **dict(zip([f"KP{digit}" for digit in "7894561230"], [71, 72, 73, 75, 76, 77, 79, 80, 81, 82], strict=True)),
    "KPSLASH": 98,
    "KPASTERISK": 55,
    "KPMINUS": 74,
    "KPPLUS": 78,
    "KPDOT": 83,
}
SHIFT, CONTROL, ALT = "LEFTSHIFT", "LEFTCTRL", "LEFTALT"
Chord = tuple[str, ...]
"""Keys that are pressed in this order and released in the opposite one."""

CHORDS: dict[str, Chord] = {
    **{digit: (digit,) for digit in "0123456789"},
    **{letter.lower(): (letter,) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{letter: (SHIFT, letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{char: (SHIFT, digit) for char, digit in zip("!@#$%^&*()", "1234567890", strict=True)},
    " ": ("SPACE",),
    "-": ("MINUS",),
    "_": (SHIFT, "MINUS"),
    "=": ("EQUAL",),
    "+": (SHIFT, "EQUAL"),
    "[": ("LEFTBRACE",),
    "{": (SHIFT, "LEFTBRACE"),
    "]": ("RIGHTBRACE",),
    "}": (SHIFT, "RIGHTBRACE"),
    ";": ("SEMICOLON",),
    ":": (SHIFT, "SEMICOLON"),
    "'": ("APOSTROPHE",),
    '"': (SHIFT, "APOSTROPHE"),
    "`": ("GRAVE",),
    "~": (SHIFT, "GRAVE"),
    "\\": ("BACKSLASH",),
    "|": (SHIFT, "BACKSLASH"),
    ",": ("COMMA",),
    "<": (SHIFT, "COMMA"),
    ".": ("DOT",),
    ">": (SHIFT, "DOT"),
    "/": ("SLASH",),
    "?": (SHIFT, "SLASH"),
    "\r": ("ENTER",),
    "\t": ("TAB",),
    "\x1d": (CONTROL, "RIGHTBRACE"),
}


def strokes(*chords: Chord) -> Iterator[tuple[int, int]]:
    """Code and value of each event."""
    for chord in chords:
        yield from ((CODES[key], 1) for key in chord)
        yield from ((CODES[key], 0) for key in reversed(chord))


def typed(text: str) -> Iterator[tuple[int, int]]:
    """The events of a text."""
    return strokes(*(CHORDS[char] for char in text))


def alt_number(digits: str) -> Iterator[tuple[int, int]]:
    """A character by its number, held with Alt and typed on the keypad."""
    yield CODES[ALT], 1
    yield from strokes(*((f"KP{digit}",) for digit in digits))
    yield CODES[ALT], 0
