"""What the system asks of a till by signals: to end, or to load changed scanners.

Knows how they are heard from the first moment on; refuses to know what is done about them.
"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType

END = ("SIGINT", "SIGTERM", "SIGBREAK")
"""Windows ends a console program by SIGBREAK."""
RELOAD = "SIGHUP"
_LOOK_S = 0.5
"""How often the main thread looks for Ctrl-C; on Windows a longer wait cannot be interrupted."""


class Heard:
    """The names of signals that came and were not yet looked at."""

    def __init__(self) -> None:
        """Nothing was heard."""
        self._names = SimpleQueue[str]()

    @contextmanager
    def of(self, names: Sequence[str]) -> Iterator[None]:
        """Hear these signals inside the block, those that the system has; for the main thread."""
        numbers = [number for name in names if (number := getattr(signal, name, None)) is not None]
        before = {number: signal.signal(number, self._hear) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait(self) -> set[str]:
        """Wait for a signal, but not long; give whatever came."""
        asked = set[str]()
        try:
            asked.add(self._names.get(timeout=_LOOK_S))
            while True:
                asked.add(self._names.get_nowait())
        except Empty:
            return asked

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._names.put(signal.Signals(number).name)  # Event.set would wait for a lock that this very thread may hold
