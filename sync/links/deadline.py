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
        self._turn = threading.Lock()
        self._exchange: object | None = None
        self._over = False
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
        exchange = self._exchange = object()
        timer = threading.Timer(whole_s, self._end, (exchange,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._turn:
                over, self._over, self._exchange = self._over, False, None
            if over:
                raise LinkDown(f"HQ did not answer within {whole_s:g} seconds")

    def _end(self, exchange: object) -> None:
        with self._turn:
            if exchange is not self._exchange:
                return  # it was over just before its time was
            self._over = True
            for one in self._sockets:
                _shut(one)

    def _opened(self, one: socket.socket) -> None:
        """Know a socket; one that is opened when the time is over already is shut at once."""
        with self._turn:
            self._sockets.add(one)
            if self._over:
                _shut(one)

    def _watch(self, manager: PoolManager) -> None:
        opened = self._opened

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                made = super()._new_conn()
                opened(made)
                return made

        class Tls(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                made = super()._new_conn()
                opened(made)  # a proxy answers on it before there is TLS
                return made

            def connect(self) -> None:
                super().connect()
                opened(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = Tls

        manager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}


def _shut(one: socket.socket) -> None:
    with suppress(OSError):  # closed meanwhile
        one.shutdown(socket.SHUT_RDWR)
