"""Ctrl-C and a request to end from the system: both interrupt a command the same way, and only as often as needed."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

_NAMES = ("SIGINT", "SIGTERM", "SIGBREAK")
"""SIGTERM: systemd and docker stop; SIGBREAK: Windows ends a console program with it."""


class Interrupts:
    """Inside the block a request to end is a `KeyboardInterrupt`, wherever it comes from; for the main thread.

    A terminal and whoever runs a command may both send one. Where an end is expected, the first request is heard, and
    further ones do not disturb the closing.
    """

    def __init__(self, *, expected: bool) -> None:
        """Make it.

        Args:
            expected: Whether to end on request is this command's proper end from the start; see `expect`.
        """
        self._expected = expected
        self._heard = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
            self._before = {number: signal.signal(number, self._hear) for number in numbers}
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def expect(self) -> None:
        """From here on a request to end is what this command waits for."""
        self._expected = True

    def ending(self) -> None:
        """The command is closing by itself; nothing is to disturb that."""
        self._heard = True

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self._heard:
            return
        self._heard = self._expected
        raise KeyboardInterrupt
