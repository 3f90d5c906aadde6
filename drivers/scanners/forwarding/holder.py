"""A tiny process that keeps a pseudo-terminal open for a point of sale, so that it outlives the agent.

    python -m drivers.scanners.forwarding.holder LINK SOCKET

The point of sale opens LINK as a serial port. When the master of a pseudo-terminal closes, whoever reads it gets a
hang-up and most programs never open it again; so the master is not the agent's. The agent sends scans to SOCKET and may
die and come back. Nothing is imported here that is not needed: a till keeps one of these for each shared scanner.

It starts by itself into the background and says with status 0 that LINK is there. It ends when it is told to, or a
minute after both the agent and the point of sale have gone.

Messages (SOCK_SEQPACKET, one each): to here ``F`` and a scan's bytes, ``?`` to look who is
there, or ``Q`` to end; from here ``sent dropped waiting
reader`` as decimals whenever one of them changes.
"""

import errno
import fcntl
import os
import select
import socket
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from drivers.scanners.forwarding.backlog import Backlog

assert sys.platform != "win32"  # mypy looks no further there; nor does Python, which has no fcntl

FRAME, QUIT = b"F", b"Q"
MAX_MESSAGE: Final = 16_384
"""A swipe of several tracks may have 12,290 bytes with its framing; what is longer than this would be cut by the kernel."""
IDLE_END_MS: Final = 60_000
SETTLE_MS: Final = 250
"""Programs flush a port just after they open it; scans that waited for that must not come before."""
LOOK_MS: Final = 25
"""The kernel does not tell when a pseudo-terminal is opened; we look while a scan waits for that, 5 s at most."""
_MAX_AGENTS: Final = 4


class Pty:
    """The pseudo-terminal: raw, for its owner alone, and as new whenever its last reader has gone."""

    def __init__(self, link: str) -> None:
        self._link = link
        self.master = -1
        self._path = ""
        self._make()

    def is_open(self) -> bool:
        """Whether a program has the other end."""
        looked = select.poll()
        looked.register(self.master, 0)
        return not any(event & select.POLLHUP for _, event in looked.poll(0))

    def write(self, data: memoryview) -> int:
        """Write what there is room for; 0 if there is none."""
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0
        except OSError as fault:
            if fault.errno != errno.EIO:
                raise
            return 0

    def drain(self) -> None:
        """Throw away what the program writes: a scanner that is shared takes no commands."""
        with suppress(OSError):
            while os.read(self.master, 4096):
                pass

    def renew(self) -> bool:
        """Forget what the last reader left: bytes, settings, its claim to be alone; True if the master is another now."""
        try:
            slave = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:  # a claim (TIOCEXCL) that outlived its owner
            os.close(self.master)
            self._make()
            return True
        with suppress(OSError, termios.error):
            fcntl.ioctl(slave, termios.TIOCNXCL)
            termios.tcflush(slave, termios.TCIFLUSH)
            tty.setraw(slave)
        os.close(slave)
        return False

    def unlink(self) -> None:
        """Take the link away, if it is still ours."""
        with suppress(OSError):
            if os.readlink(self._link) == self._path:
                os.unlink(self._link)

    def _make(self) -> None:
        self.master, slave = os.openpty()
        self._path = os.ttyname(slave)
        os.fchmod(slave, 0o600)
        tty.setraw(slave)
        os.close(slave)
        os.set_blocking(self.master, False)
        _replace(self._link, self._path)


class Holder:
    """The loop: one thread, one pseudo-terminal, an agent that comes and goes."""

    def __init__(self, pty: Pty, listening: socket.socket, *, idle_end_ms: int = IDLE_END_MS) -> None:
        self._pty = pty
        self._listening = listening
        self._idle_end_ms = idle_end_ms
        self._agents: dict[int, socket.socket] = {}
        self._backlog = Backlog()
        self._events = select.epoll()
        self._events.register(listening.fileno(), select.EPOLLIN)
        self._watch()
        self._had_reader = False
        self._settled_at_ms = 0
        self._alone_since_ms = _now_ms()
        self._told = b""

    def run(self) -> None:
        """Serve until there is nothing left to do."""
        while self._goes_on():
            for descriptor, event in self._events.poll(self._timeout_s()):
                if descriptor == self._pty.master:
                    self._heard_reader(event)
                elif descriptor == self._listening.fileno():
                    self._accept()
                elif descriptor in self._agents and not self._heard_agent(descriptor):
                    return
            self._write()
            self._tell()

    def _watch(self) -> None:
        self._events.register(self._pty.master, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)

    def _goes_on(self) -> bool:
        if self._agents or _now_ms() - self._alone_since_ms < self._idle_end_ms:
            return True
        if not self._pty.is_open():
            return False
        self._alone_since_ms = _now_ms()
        return True

    def _timeout_s(self) -> float | None:
        waits = [] if self._agents else [max(0, self._alone_since_ms + self._idle_end_ms - _now_ms()) + 1]
        if len(self._backlog) and not self._had_reader:
            waits.append(LOOK_MS)
        elif len(self._backlog) and self._settled_at_ms > _now_ms():
            waits.append(self._settled_at_ms - _now_ms())
        return min(waits) / 1000 if waits else None

    def _heard_reader(self, event: int) -> None:
        if event & select.EPOLLIN:
            self._pty.drain()
        if event & select.EPOLLHUP and not self._pty.is_open():
            self._had_reader = False
            self._backlog.break_off()
            if self._pty.renew():
                self._watch()
            self._events.poll(0)  # our own close looks like a reader's; what else is ready will be told again

    def _accept(self) -> None:
        with suppress(OSError):
            agent, _ = self._listening.accept()
            if len(self._agents) >= _MAX_AGENTS:
                agent.close()
                return
            agent.setblocking(False)
            self._agents[agent.fileno()] = agent
            self._events.register(agent.fileno(), select.EPOLLIN)
            self._told = b""

    def _heard_agent(self, descriptor: int) -> bool:
        """Take one message; False if it is time to end."""
        agent = self._agents[descriptor]
        try:
            message = agent.recv(MAX_MESSAGE)
        except BlockingIOError:
            return True
        except OSError:
            message = b""
        if message == QUIT:
            return False
        if message.startswith(FRAME):
            self._backlog.add(message[1:], _now_ms())
        elif not message:
            self._events.unregister(descriptor)
            del self._agents[descriptor]
            agent.close()
            self._alone_since_ms = _now_ms()
        return True

    def _write(self) -> None:
        if not len(self._backlog):
            return
        now_ms = _now_ms()
        if not self._pty.is_open():
            self._had_reader = False
            self._backlog.expire(now_ms)
            self._settled_at_ms = now_ms + SETTLE_MS
            return
        self._had_reader = True
        while len(self._backlog) and now_ms >= self._settled_at_ms:
            with self._backlog.head() as head:
                written = self._pty.write(head)
            if not written:
                return
            self._backlog.went(written)

    def _tell(self) -> None:
        backlog = self._backlog
        said = b"%d %d %d %d" % (backlog.sent, backlog.dropped, len(backlog), self._pty.is_open())
        if said == self._told:
            return
        with suppress(OSError):
            for agent in self._agents.values():
                agent.send(said)
            self._told = said


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _replace(link: str, target: str) -> None:
    """Make or move a link in one step, so that whoever opens it finds the old end or the new one."""
    if os.path.lexists(link) and not os.path.islink(link):
        raise FileExistsError(errno.EEXIST, "is no link, and stays", link)
    draft = f"{link}.{os.getpid()}.new"
    os.symlink(target, draft)
    os.replace(draft, link)


@contextmanager
def short(path: str) -> Iterator[str]:
    """Give a name for a socket's path that fits into the 108 bytes there are, whatever its folder is called."""
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{os.path.basename(path)}"
    finally:
        os.close(folder)


def _listen(path: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = os.umask(0o077)
    try:
        with suppress(FileNotFoundError):
            os.unlink(path)
        with short(path) as name:
            listening.bind(name)
    finally:
        os.umask(before)
    listening.listen(_MAX_AGENTS)
    listening.setblocking(False)
    return listening


def _to_background() -> None:
    """Leave the agent's process group and its files; the parent ends when this is done."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)


def main(arguments: list[str]) -> int:
    """Hold a pseudo-terminal; 0 when it is over, 1 if it could not be made."""
    link, path = map(os.path.abspath, arguments[:2])
    idle_end_ms = int(arguments[2]) if len(arguments) > 2 else IDLE_END_MS
    try:
        listening, pty = _listen(path), Pty(link)
    except OSError as fault:
        sys.stderr.write(f"{fault.filename or link}: {fault.strerror}\n")
        return 1
    made = os.stat(path).st_ino
    _to_background()
    Holder(pty, listening, idle_end_ms=idle_end_ms).run()
    pty.unlink()
    with suppress(OSError):
        if os.stat(path).st_ino == made:
            os.unlink(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
