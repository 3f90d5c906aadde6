"""A printer that does as it is told: on a loopback port or a pty, with paper that runs out, covers that open, and moods.

It takes ESC/POS as a real one does: real-time questions are answered on arrival, wherever they stand, everything else is
worked off in order and stops while there is no paper. A zero that belongs to no command is nothing. What came out on paper is in ``papers``, one item for each cut.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Mood:
    """How the printer behaves; may be changed while it works.

    Attributes:
        answers: It answers questions.
        delay_s: It takes so long for each answer.
        noise: What it sends instead of an answer.
        knows_process_ids: It answers GS ( H.
        withholds_ids: It keeps its answers to GS ( H to itself until this is False again.
        paper: ``there``, ``near_end`` or ``out``.
        out_at: The paper runs out after so many bytes on it.
        out_behind: The paper runs out right behind the next GS r, which it still answers.
        hangs_up_at: It closes the connection after so many bytes.
        silent_at: It says nothing more after so many bytes, and takes them.
        deaf_at: It takes nothing more after so many bytes.
    """

    answers: bool = True
    delay_s: float = 0.0
    noise: bytes = b""
    knows_process_ids: bool = True
    withholds_ids: bool = False
    paper: str = "there"
    cover_open: bool = False
    cutter_error: bool = False
    drawer_open: bool = False
    out_at: int = -1
    out_behind: bool = False
    hangs_up_at: int = -1
    silent_at: int = -1
    deaf_at: int = -1

    @property
    def stopped(self) -> bool:
        return self.paper == "out" or self.cover_open or self.cutter_error


@dataclass
class FakePrinter:
    """Works off what its wire brings."""

    mood: Mood = field(default_factory=Mood)
    papers: list[bytes] = field(default_factory=list)
    kicks: list[tuple[str, int]] = field(default_factory=list)
    connections: int = 0
    taken: int = 0
    room: int = 4096
    _tail: bytes = b""
    _buffer: bytes = b""
    _paper: bytes = b""
    _automatic: bool = False
    _told: bytes = b""
    _withheld: bytes = b""

    def full(self) -> bool:
        return len(self._buffer) >= self.room or 0 <= self.mood.deaf_at <= self.taken

    def fresh(self) -> None:
        """Somebody connected, over the network; a cable's other end knows nothing of that, and keeps what it has."""
        self.connections += 1
        self._buffer, self._automatic, self._withheld = b"", False, b""

    def take(self, data: bytes, say: Callable[[bytes], None]) -> None:
        """Bytes arrive."""
        self.taken += len(data)
        seen = self._tail + data
        for place in range(len(seen) - 2):
            if seen[place : place + 2] == b"\x10\x04" and 1 <= seen[place + 2] <= 4:
                self._answer(bytes((self._realtime(seen[place + 2]),)), say)
            if seen[place : place + 3] == b"\x10\x14\x01" and place + 3 < len(seen):
                self.kicks.append(("at once", seen[place + 3]))
        self._tail = data[-2:] if data[-2:-1] == b"\x10" else data[-1:] if data[-1:] == b"\x10" else b""
        self._buffer += data
        self.work(say)

    def work(self, say: Callable[[bytes], None]) -> None:
        """Go on with what waits; called again and again."""
        while self._buffer and not self.mood.stopped:
            used = self._next(say)
            if not used:
                break
            self._buffer = self._buffer[used:]
            if 0 <= self.mood.out_at <= len(self._paper):
                self.mood.paper, self.mood.out_at = "out", -1
        if self._withheld and not self.mood.withholds_ids:
            told, self._withheld = self._withheld, b""
            self._answer(told, say)
        self._tell(say)

    def _next(self, say: Callable[[bytes], None]) -> int:
        data = self._buffer
        fixed = {
            b"\x1b@": 2,
            b"\x1bR": 3,
            b"\x1da": 3,
            b"\x1dr": 3,
            b"\x1dI": 3,
            b"\x1bp": 5,
            b"\x1dV": 4,
            b"\x10\x04": 3,
        }
        head = data[:2]
        if head == b"\x10\x14":
            return 5 if len(data) >= 5 else 0
        if head == b"\x1dv":
            return self._picture()
        if head == b"\x1d(":
            return self._extended(say)
        if data[:1] == b"\0":
            return 1
        if head not in fixed:
            if len(data) == 1 and data in {b"\x1b", b"\x1d", b"\x10"}:
                return 0
            self._paper += data[:1]
            return 1
        length = fixed[head]
        if len(data) < length:
            return 0
        self._do(data[:length], say)
        return length

    def _do(self, command: bytes, say: Callable[[bytes], None]) -> None:
        match command[:2]:
            case b"\x1da":
                self._automatic, self._told = command[2] != 0, b""
            case b"\x1dr":
                self._answer(bytes((self._sensors(),)), say)
                if self.mood.out_behind:
                    self.mood.paper, self.mood.out_behind = "out", False
            case b"\x1dI":
                name = {66: b"FAKE", 67: b"TM-T0"}.get(command[2], b"")
                self._answer(b"_" + name + b"\0", say)
            case b"\x1bp":
                self.kicks.append(("in turn", command[2]))
            case b"\x1dV":
                self.papers.append(self._paper)
                self._paper = b""

    def _picture(self) -> int:
        data = self._buffer
        if len(data) < 8:
            return 0
        length = 8 + (data[4] + 256 * data[5]) * (data[6] + 256 * data[7])
        if len(data) < length:
            self.room = max(self.room, length)  # a real one prints it as it comes
            return 0
        self._paper += data[8:length]
        return length

    def _extended(self, say: Callable[[bytes], None]) -> int:
        data = self._buffer
        if len(data) < 5 or len(data) < 5 + data[3] + 256 * data[4]:
            return 0
        if data[2:3] == b"H" and self.mood.knows_process_ids:
            self._withheld += b"\x37\x22" + data[7:11] + b"\0"
        return 5 + data[3] + 256 * data[4]

    def _answer(self, data: bytes, say: Callable[[bytes], None]) -> None:
        if not self.mood.answers or 0 <= self.mood.silent_at <= self.taken:
            return
        if self.mood.delay_s:
            time.sleep(self.mood.delay_s)
        say(self.mood.noise or data)

    def _tell(self, say: Callable[[bytes], None]) -> None:
        """Automatic status, when it changed."""
        if self._automatic and self.mood.answers and self._status() != self._told:
            self._told = self._status()
            self._answer(self._told, say)

    def _status(self) -> bytes:
        first = 0x10 | (0 if self.mood.drawer_open else 0x04)
        first |= (0x08 if self.mood.stopped else 0) | (0x20 if self.mood.cover_open else 0)
        return bytes((first, 0x08 if self.mood.cutter_error else 0, self._sensors(), 0x0F))

    def _sensors(self) -> int:
        return {"there": 0, "near_end": 0x03, "out": 0x0F}[self.mood.paper]

    def _realtime(self, which: int) -> int:
        mood, paper = self.mood, self._sensors()
        return (
            0x12
            | {
                1: (0 if mood.drawer_open else 0x04) | (0x08 if mood.stopped else 0),
                2: (0x04 if mood.cover_open else 0) | (0x20 if mood.paper == "out" else 0),
                3: 0x08 if mood.cutter_error else 0,
                4: (0x0C if paper & 0x03 else 0) | (0x60 if paper & 0x0C else 0),
            }[which]
        )


@contextmanager
def on_network(mood: Mood | None = None) -> Iterator[tuple[FakePrinter, int]]:
    """The printer on a loopback port; gives it and the port."""
    printer, ended = FakePrinter(mood or Mood()), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    peer, _ = server.accept()
                    printer.fresh()
                    with peer:
                        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
                        with suppress(OSError):
                            _serve(printer, peer, ended)

        thread = threading.Thread(target=serve, name="fake printer", daemon=True)
        thread.start()
        try:
            yield printer, server.getsockname()[1]
        finally:
            ended.set()
            thread.join(10)


def _serve(printer: FakePrinter, peer: socket.socket, ended: threading.Event) -> None:
    while not ended.is_set():
        if 0 <= printer.mood.hangs_up_at <= printer.taken:
            return
        readable = [] if printer.full() else select.select([peer], [], [], 0.01)[0]
        if readable:
            data = peer.recv(1024)
            if not data:
                return
            printer.take(data, peer.sendall)
        else:
            time.sleep(0.01)
            printer.work(peer.sendall)


@contextmanager
def on_pty(mood: Mood | None = None) -> Iterator[tuple[FakePrinter, str]]:
    """The printer on a pseudo terminal; gives it and the path of the other end."""
    import tty

    printer, ended = FakePrinter(mood or Mood()), threading.Event()
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    printer.fresh()

    def say(data: bytes) -> None:
        os.write(ours, data)

    def serve() -> None:
        while not ended.is_set():
            if not printer.full() and select.select([ours], [], [], 0.01)[0]:
                with suppress(OSError):
                    printer.take(os.read(ours, 1024), say)
            else:
                time.sleep(0.01)
                printer.work(say)

    thread = threading.Thread(target=serve, name="fake printer", daemon=True)
    thread.start()
    try:
        yield printer, os.ttyname(theirs)
    finally:
        ended.set()
        thread.join(10)
        os.close(ours)
        os.close(theirs)
