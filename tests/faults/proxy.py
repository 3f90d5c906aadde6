"""A proxy between a till and HQ that does what bad lines, portals and balancers do, as one seed decides.

It knows HTTP just enough to tell a request from its answer; what the bodies say it does not look at.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Self

PORTAL = b"<html><body>Welcome to the cafe. Please log in.</body></html>"
RETRY_AFTER_S = 1
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})
_MOST_KEPT = 200
_REPEATED = "/v1/sync/"
"""What is sent again as an old request; a pairing code is good once anyway."""


class Fault(StrEnum):
    """What the proxy does with a request."""

    NONE = "none"
    LOST = "lost"
    """The line is cut before the request reaches HQ."""
    ANSWER_LOST = "answer_lost"
    """HQ does it, and the line is cut before the answer."""
    RESET = "reset"
    """As the one before, with a reset instead of an end."""
    SLOW = "slow"
    CUT_REQUEST = "cut_request"
    """HQ gets half of the body."""
    CUT_ANSWER = "cut_answer"
    """The till gets half of the body."""
    TWICE = "twice"
    """HQ gets the request twice, one right after the other; the till hears the second answer."""
    OLD_AGAIN = "old_again"
    """HQ gets an old request once more, after newer ones, before this one."""
    PORTAL = "portal"
    """A page with status 200, which is nobody's answer."""
    BUSY = "busy"
    """503 with a page and Retry-After; HQ never hears of it."""


FAULTS = tuple(fault for fault in Fault if fault is not Fault.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer as HQ gave it."""

    status: int
    headers: dict[str, str]
    body: bytes


class FaultyProxy(ThreadingHTTPServer):
    """Listens on loopback for one HQ; a context manager.

    Attributes:
        chance: How often a request meets a fault, 0 to 1; may be changed at any time.
        met: How often each fault was met.
        told_to_stay_away: When each till (by its token) was told so, and when it came back, monotonic seconds.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, hq_port: int, seed: int, *, chance: float, faults: tuple[Fault, ...] = FAULTS) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chance = chance
        self.met: Counter[Fault] = Counter()
        self.away: list[tuple[float, float]] = []
        self._hq_port = hq_port
        self._faults = faults
        self._rng = Random(seed)
        self._turn = threading.Lock()
        self._kept: list[Request] = []
        self._told: dict[str, float] = {}
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        """Where tills find HQ."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that breaks is what this is for."""

    def choose(self, asked: Request) -> tuple[Fault, Request, float]:
        """Choose what happens to a request; gives an older request too, and a delay in seconds."""
        with self._turn:
            fault = self._rng.choice(self._faults) if self._rng.random() < self.chance else Fault.NONE
            older = self._rng.choice(self._kept) if self._kept else asked
            self.met[fault] += 1
            if asked.path.startswith(_REPEATED):
                self._kept = [*self._kept, asked][-_MOST_KEPT:]
            self._note_return(asked, fault)
            return fault, older, self._rng.uniform(0.05, 0.4)

    def forward(self, asked: Request, *, half: bool = False) -> Response | None:
        """Send a request to HQ; None where there was no answer, as for one that is cut in half."""
        connection = HTTPConnection("127.0.0.1", self._hq_port, timeout=30)
        try:
            connection.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
            for name, value in asked.headers.items():
                connection.putheader(name, value)
            connection.endheaders(asked.body[: len(asked.body) // 2] if half else asked.body or None)
            if half:
                return None
            answer = connection.getresponse()
            return Response(status=answer.status, headers=dict(answer.getheaders()), body=answer.read())
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def _note_return(self, asked: Request, fault: Fault) -> None:
        who, now = asked.headers.get("Authorization", ""), time.monotonic()
        if who in self._told:
            self.away.append((self._told.pop(who), now))
        if fault is Fault.BUSY:
            self._told[who] = now


class _Handler(BaseHTTPRequestHandler):
    """One connection; it ends with its request, so that every fault falls on one request alone."""

    server: FaultyProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        asked = Request(method=self.command, path=self.path, headers=headers, body=body)
        fault, older, delay_s = self.server.choose(asked)
        match fault:
            case Fault.PORTAL:
                self._send(Response(status=200, headers={"Content-Type": "text/html"}, body=PORTAL))
            case Fault.BUSY:
                later = {"Content-Type": "text/html", "Retry-After": str(RETRY_AFTER_S)}
                self._send(Response(status=503, headers=later, body=PORTAL))
            case Fault.LOST:
                pass
            case Fault.CUT_REQUEST:
                self.server.forward(asked, half=True)
            case Fault.SLOW:
                time.sleep(delay_s)
                self._pass_on(asked, fault)
            case _:
                if fault in {Fault.TWICE, Fault.OLD_AGAIN}:
                    self.server.forward(older if fault is Fault.OLD_AGAIN else asked)
                self._pass_on(asked, fault)

    do_GET = do_POST  # noqa: N815  # the name is http.server's

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass_on(self, asked: Request, fault: Fault) -> None:
        answer = self.server.forward(asked)
        if fault is Fault.RESET:
            self._reset()
        elif answer is not None and fault is not Fault.ANSWER_LOST:
            self._send(answer, half=fault is Fault.CUT_ANSWER)

    def _send(self, answer: Response, *, half: bool = False) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if half else answer.body)

    def _reset(self) -> None:
        """Send a reset instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
