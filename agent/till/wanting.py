"""Members who were scanned here and of whom the till holds little: the sync worker asks HQ for the rest of them.

In memory only: who is forgotten by a restart is noted again by the next scan.
"""

import threading
from collections.abc import Callable

MOST = 1_000
"""Most members that wait; while HQ is away the first ones count."""


class Wanted:
    """Who waits; for several threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._members: set[bytes] = set()
        self._listener: Callable[[], None] | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever somebody new is noted; one at a time."""
        self._listener = listener

    def add(self, member: bytes) -> None:
        """Note a member; costs nothing where it is noted already."""
        with self._turn:
            if member in self._members or len(self._members) >= MOST:
                return
            self._members.add(member)
        if self._listener is not None:
            self._listener()

    def take(self) -> frozenset[bytes]:
        """Give everyone who waits; they wait no longer."""
        with self._turn:
            taken = frozenset(self._members)
            self._members.clear()
        return taken
