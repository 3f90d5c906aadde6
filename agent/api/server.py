"""The local API served from a thread of the till's process."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn

from agent.errors import AgentError, PortBusy

_BACKLOG = 128
_START_WAIT_S = 30
_GRACE_S = 3


def bind(host: str, port: int) -> socket.socket:
    """Take an address to listen on; 0 lets the system choose the port.

    Raises:
        PortBusy: another program listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY by it
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: else two servers may share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as fault:
        listening.close()
        reason = getattr(fault, "strerror", None) or "the address cannot be used"
        sentence = f"the till cannot listen on {host} port {port}: {reason}; set another [till] port"
        raise PortBusy(sentence) from fault
    return listening


def address(host: str, port: int) -> str:
    """Write an address as hosts and browsers take it."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


class ApiServer:
    """Serves one application until stopped.

    Attributes:
        url: ``http://host:port``.
    """

    def __init__(self, host: str, port: int) -> None:
        """Take the address; nothing is answered yet.

        Raises:
            PortBusy: the address is taken.
        """
        self._socket = bind(host, port)
        self.url = address(host, self._socket.getsockname()[1])
        self._started = threading.Event()
        self._server: _Server | None = None
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)

    def start(self, app: Any) -> None:
        """Begin to answer with an ASGI application.

        Raises:
            AgentError: the server did not start.
        """
        self._server = _Server(app, self._started.set)
        self._thread.start()
        self._started.wait(_START_WAIT_S)
        if not self._server.started:
            raise AgentError("the local API did not start")

    def stop(self) -> None:
        """Answer what is under way, then stop; may be called again."""
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        assert self._server is not None
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._started.set()  # whoever waits for the start sees that there was none


class _Server(uvicorn.Server):
    """uvicorn, told to say when it has started and to log nothing of requests (an address may hold the page's key)."""

    def __init__(self, app: Any, on_start: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=_GRACE_S,
            limit_concurrency=200,
            proxy_headers=False,
            ws="none",
        )
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_start()
