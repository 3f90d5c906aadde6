"""Waits for bytes of one descriptor, for as long as it takes, and stops at once when another thread says so.

An idle scanner costs nothing that way: nobody looks at it twenty times a second to see whether the program ends.
"""

import selectors
import socket
import threading
from contextlib import suppress
from typing import Final

_NOTE: Final = b"!"


class Waiting:
    """The wait of one source, from its `open` to its `close`; only :meth:`interrupt` is for other threads.

    On Windows only sockets can be waited for.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._selector: selectors.BaseSelector | None = None
        self._heard: socket.socket | None = None
        self._told: socket.socket | None = None
        self._watched = -1

    def begin(self, descriptor: int) -> None:
        """Watch a descriptor; an interruption from before does not count."""
        self.end()
        with self._turn:
            self._heard, self._told = socket.socketpair()
            self._heard.setblocking(False)
            self._told.setblocking(False)
            self._selector = _new_selector()
            self._selector.register(self._heard, selectors.EVENT_READ)
            self._selector.register(descriptor, selectors.EVENT_READ)
            self._watched = descriptor

    def is_readable(self, timeout_ms: int) -> bool:
        """Wait for something to read, or the end of the device; False after ``timeout_ms``, and if interrupted."""
        selector, heard = self._selector, self._heard
        if selector is None or heard is None:
            return False
        ready = {key.fd for key, _ in selector.select(timeout_ms / 1000)}
        if heard.fileno() in ready:
            with suppress(BlockingIOError):
                heard.recv(64)
        return self._watched in ready

    def interrupt(self) -> None:
        """End the wait of now, or the next one; harmless if nothing is watched."""
        with self._turn:
            if self._told is not None:
                with suppress(OSError):
                    self._told.send(_NOTE)

    def end(self) -> None:
        """Watch nothing any more; may be called again."""
        with self._turn:
            parts = (self._selector, self._heard, self._told)
            self._selector = self._heard = self._told = None
            for part in parts:
                if part is not None:
                    part.close()


def _new_selector() -> selectors.BaseSelector:
    """Poll where it exists: epoll refuses plain files, which standard input may be."""
    kind: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)
    return kind()
