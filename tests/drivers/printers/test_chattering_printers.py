"""A device that never stops sending, and never hangs up: each job on it ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from drivers.printers.document import Document
from tests.drivers.printers.printing import SENT, at


@contextmanager
def chattering(piece: bytes, pause_s: float) -> Iterator[int]:
    """A device on a loopback port that takes everything and says ``piece`` again and again; gives the port."""
    ended = threading.Event()

    def chatter(peer: socket.socket) -> None:
        with suppress(OSError):
            while not ended.wait(pause_s):
                peer.sendall(piece)

    def take(peer: socket.socket) -> None:
        with peer, suppress(OSError):
            while peer.recv(65_536):
                pass
            ended.wait()  # it never hangs up

    def serve(server: socket.socket) -> None:
        with suppress(OSError):
            while not ended.is_set():
                peer, _ = server.accept()
                for work in (chatter, take):
                    threading.Thread(target=work, args=(peer,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()


@pytest.mark.parametrize(("piece", "pause_s"), [(b"\xff", 0.1), (b"\xff" * 65_536, 0.0)])
def test_a_printer_that_never_stops_sending_is_believed_nothing_and_gets_the_job_once(
    english: Document, piece: bytes, pause_s: float
) -> None:
    outcomes = []
    with chattering(piece, pause_s) as port:
        job = threading.Thread(target=lambda: outcomes.append(at(port).print(english, "sale-1")), daemon=True)
        begun = time.monotonic()
        job.start()
        job.join(15)
        assert time.monotonic() - begun < 15
    assert outcomes == [SENT]
