"""A card for vsmartcard's virtual reader: a TCP client of the reader, two bytes of length before every message.

Source: vsmartcard, virtualsmartcard/src/vpcd/vpcd.h.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

STORAGE_ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")
TYPE_B_ATR = bytes.fromhex("3B88800100000000B3717100CC")
GET_UID = bytes.fromhex("FFCA000000")
DONE = b"\x90\x00"
_ATR = 4
"""Of the messages of one byte (off, on, reset, ATR) the only one that is answered."""


class VirtualCard:
    """A card that lies on the virtual reader until it is lifted.

    Args:
        port: The reader's.
        uid: What it answers to the question for its UID; without one it refuses that.
        answers: What it answers to other commands.
        atr: Its answer to reset.
        before: Called with each command, before it is answered.
    """

    def __init__(
        self,
        port: int,
        uid: str = "",
        *,
        answers: dict[bytes, bytes] | None = None,
        atr: bytes = STORAGE_ATR,
        before: Callable[["VirtualCard"], None] | None = None,
    ) -> None:
        self.asked: list[bytes] = []
        self._answers = dict(answers or {})
        if uid:
            self._answers[GET_UID] = bytes.fromhex(uid) + DONE
        self._atr = atr
        self._before = before
        self._link = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._link.settimeout(None)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def lift(self) -> None:
        """Take the card away; in mid-command too."""
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join(10)
        self._link.close()

    def _serve(self) -> None:
        with suppress(OSError, EOFError):
            while True:
                message = self._receive(int.from_bytes(self._receive(2), "big"))
                if len(message) > 1:
                    self._send(self._answer(message))
                elif message[0] == _ATR:
                    self._send(self._atr)

    def _answer(self, command: bytes) -> bytes:
        self.asked.append(command)
        if self._before is not None:
            self._before(self)
        return self._answers.get(command, b"\x6d\x00")

    def _receive(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self._link.recv(length - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def _send(self, message: bytes) -> None:
        self._link.sendall(len(message).to_bytes(2, "big") + message)
