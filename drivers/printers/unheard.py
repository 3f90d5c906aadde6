"""Jobs whose printing a printer has yet to tell of: it was asked by GS ( H, took its time, and may still answer. Pure.

A printer works off what it gets in its order, so an answer for one job is one for all before it on the same connection.
Of another connection it knows nothing: it may have been switched off in between.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

_MOST: Final = 32


class Unheard:
    """The jobs of one connection, oldest first; of more than 32 the oldest are given up."""

    def __init__(self) -> None:
        self._jobs: deque[tuple[bytes, str]] = deque(maxlen=_MOST)

    def add(self, process: bytes, job_id: str) -> None:
        """Note a job that was sent and asked about."""
        self._jobs.append((process, job_id))

    def take(self, has_printed: Callable[[bytes], bool]) -> tuple[str, ...]:
        """Give the jobs of which it is known now that they are printed; they are no longer waited for."""
        last = max((at for at, (process, _) in enumerate(self._jobs, 1) if has_printed(process)), default=0)
        return tuple(self._jobs.popleft()[1] for _ in range(last))

    def take_all(self) -> tuple[str, ...]:
        """Give them all: one behind them is printed."""
        return self.take(lambda _process: True)

    def forget(self) -> None:
        """The connection ended; nothing will be told of them."""
        self._jobs.clear()
