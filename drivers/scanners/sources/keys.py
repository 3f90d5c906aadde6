"""What a barcode scanner types as a keyboard: from key codes to the bytes of the scan.

A scanner that plays a keyboard sends the keys of a US keyboard, and the host turns them into letters of whatever layout
a person has chosen; under Armenian layouts not even digits survive. The codes are the same under every layout, so the
scan is read from them. Pure.

Knows the US keyboard, its keypad, and the two ways in which scanners send control characters such as GS: as Ctrl with a
key (``Ctrl+]``), and as Alt with the character's number on the keypad (``Alt+029``, the way that Windows reads).
Refuses to know how the keys came and where a scan ends.

Key codes: Linux, ``include/uapi/linux/input-event-codes.h``.
"""

from collections.abc import Iterable
from typing import Final

KEY_ENTER: Final = 28
KEY_TAB: Final = 15
KEY_KEYPAD_ENTER: Final = 96
KEY_CAPS_LOCK: Final = 58
_SHIFTS: Final = frozenset({42, 54})
_CONTROLS: Final = frozenset({29, 97})
_ALTS: Final = frozenset({56, 100})
MODIFIERS: Final = _SHIFTS | _CONTROLS | _ALTS

PRESSED: Final = 1
RELEASED: Final = 0

_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (86, "<", ">"),
)
"""First code of a row of keys, and what they type without and with shift."""
_PLAIN: Final = {first + place: char for first, plain, _ in _ROWS for place, char in enumerate(plain)}
_SHIFTED: Final = {first + place: char for first, _, shifted in _ROWS for place, char in enumerate(shifted)}
_KEYPAD_DIGITS: Final = {71: 7, 72: 8, 73: 9, 75: 4, 76: 5, 77: 6, 79: 1, 80: 2, 81: 3, 82: 0}
"""Digits always: a scanner that types on the keypad means digits, whatever NumLock says."""
_KEYPAD: Final = {code: str(digit) for code, digit in _KEYPAD_DIGITS.items()} | {
    55: "*",
    74: "-",
    78: "+",
    83: ".",
    98: "/",
    117: "=",
    121: ",",
}
_ENDS: Final = {KEY_ENTER: b"\r", KEY_KEYPAD_ENTER: b"\r", KEY_TAB: b"\t"}
_CONTROL_KEYS: Final = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_"
"""What Ctrl makes of a key: its place in this row. Scanners may leave out the shift of ``@``, ``^`` and ``_``."""
_CONTROL_PLAIN: Final = {"2": "@", "6": "^", "-": "_"}
_MOST_ALT_DIGITS: Final = 5
TYPING_KEYS: Final = frozenset(_PLAIN) | frozenset(_KEYPAD) | frozenset(_ENDS)
"""Keys that give bytes."""


class Keyboard:
    """The state of one keyboard: which modifiers are held, caps lock, and a number that is typed with Alt.

    Caps lock is counted from the keys of this device, since it is the device that types them; it begins off.
    """

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._caps = False
        self._alt_number = ""

    def key(self, code: int, value: int) -> bytes:
        """Take one key event.

        Args:
            code: The key's code.
            value: 1 when it is pressed, 0 when it is released; 2, a repeat, types nothing, since no scanner means it.

        Returns:
            The bytes it types, mostly one or none: CR for both Enter keys, TAB for Tab, the byte of an Alt number.
        """
        if code in MODIFIERS:
            return self._modifier(code, value)
        if value != PRESSED:
            return b""
        if code == KEY_CAPS_LOCK:
            self._caps = not self._caps
            return b""
        return self._typed(code)

    def resume(self, held: Iterable[int]) -> None:
        """Go on after events were lost: these keys are held now, and a number that was being typed is void."""
        self._held = set(MODIFIERS.intersection(held))
        self._alt_number = ""

    def _modifier(self, code: int, value: int) -> bytes:
        if value == PRESSED:
            self._held.add(code)
            return b""
        if value != RELEASED:
            return b""
        self._held.discard(code)
        if code not in _ALTS:
            return b""
        number, self._alt_number = self._alt_number, ""
        return bytes([int(number) & 0xFF]) if number else b""

    def _typed(self, code: int) -> bytes:
        if self._held & _ALTS:
            if code in _KEYPAD_DIGITS and len(self._alt_number) < _MOST_ALT_DIGITS:
                self._alt_number += str(_KEYPAD_DIGITS[code])
            return b""
        if code in _ENDS:
            return _ENDS[code]
        char = self._character(code)
        if self._held & _CONTROLS:
            return _control(char)
        return char.encode("ascii")

    def _character(self, code: int) -> str:
        if code in _KEYPAD:
            return _KEYPAD[code]
        char = _PLAIN.get(code, "")
        shifted = bool(self._held & _SHIFTS) != (self._caps and char.isalpha())
        return _SHIFTED[code] if shifted and char else char


def _control(char: str) -> bytes:
    """The control character of Ctrl and the key of ``char``; nothing if there is none."""
    meant = _CONTROL_PLAIN.get(char, char.upper())
    place = _CONTROL_KEYS.find(meant) if meant else -1
    return bytes([place]) if place >= 0 else b""
