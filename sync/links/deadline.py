"""An end for a whole exchange over HTTP.

The timeouts of requests count anew for each part that comes, so whoever sends a byte now and then holds an exchange for
ever. Here its socket is shut down once the time is over.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from sync.protocol.errors import LinkDown


class DeadlineAdapter(HTTPAdapter):
    """Knows the sockets that it opened. For one exchange at a time."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        super().__init__()

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        """Make the pool of straight connections."""
        super().init_poolmanager(*given, **more)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *given: Any, **more: Any) -> Any:
        """Give the pool of connections through a proxy."""
        manager = super().proxy_manager_for(*given, **more)
        self._watch(manager)
        return manager

    @contextmanager
    def within(self, whole_s: float) -> Iterator[None]:
        """End what is exchanged inside after so many seconds.

        Raises:
            LinkDown: the time was over, whatever had come by then.
        """
        over = threading.Event()

        def end() -> None:
            over.set()
            for one in tuple(self._sockets):
                with suppress(OSError):  # closed meanwhile
                    one.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(whole_s, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            if over.is_set():
                raise LinkDown(f"HQ did not answer within {whole_s:g} seconds")

    def _watch(self, manager: PoolManager) -> None:
        sockets = self._sockets

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class Tls(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        manager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}
