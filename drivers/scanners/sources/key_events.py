"""The events of one keyboard, as the kernel tells them, as the bytes of scans.

Knows which events are keys and what it means that events were lost; refuses to know where they come from. Pure.

Source: Linux, ``Documentation/input/event-codes.rst``.
"""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from drivers.scanners.framing import STX, TERMINATORS
from drivers.scanners.sources.keys import Keyboard

EV_SYN: Final = 0x00
EV_KEY: Final = 0x01
EV_LED: Final = 0x11
SYN_REPORT: Final = 0
SYN_DROPPED: Final = 3

_LOST_UNTIL_SILENT_MS: Final = 200
"""After lost events, the rest of that scan is thrown away up to its Enter key, or up to this much silence."""


class InputEvent(NamedTuple):
    """One event, with the time that the kernel gave it."""

    at_ms: int
    type: int
    code: int
    value: int


class Typing:
    """Turns events into bytes, and makes nothing of a scan in which events were lost.

    Args:
        held_keys: Asks the device which keys are held now.
    """

    def __init__(self, held_keys: Callable[[], Iterator[int]]) -> None:
        self._held_keys = held_keys
        self._keyboard = Keyboard()
        self._dropping = False
        self._lost = False
        self._last_at_ms = 0

    def take(self, event: InputEvent) -> bytes:
        """The bytes of one event. An STX tells the framer that what came before it broke off."""
        if event.type == EV_SYN:
            return self._synchronised(event)
        if event.type != EV_KEY or self._dropping:
            return b""
        if self._lost and event.at_ms - self._last_at_ms >= _LOST_UNTIL_SILENT_MS:
            self._lost = False
        self._last_at_ms = event.at_ms
        typed = self._keyboard.key(event.code, event.value)
        if not self._lost:
            return typed
        self._lost = not TERMINATORS.intersection(typed)
        return b""

    def _synchronised(self, event: InputEvent) -> bytes:
        """What the kernel says about its own queue: after SYN_DROPPED nothing counts up to the next SYN_REPORT."""
        if event.code == SYN_DROPPED:
            self._dropping = True
            self._lost = True
            self._last_at_ms = event.at_ms
            return bytes([STX])
        if event.code == SYN_REPORT and self._dropping:
            self._dropping = False
            self._keyboard.resume(self._held_keys())
        return b""
