"""Forwarding on Linux: a pseudo-terminal that a holder process keeps, so that the agent may die and come back.

The other program opens a link that stays, as a serial port; see `holder` for what it gets.
"""

import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Final

from drivers.errors import DeviceBusy, DeviceConfig, DeviceGone
from drivers.scanners.forwarding.forwarder import ForwardingStatus
from drivers.scanners.forwarding.thread import ThreadedForwarder, now_ms

assert sys.platform != "win32"  # mypy looks no further there; `agent.scanning` asks for it elsewhere only

_ROOT: Final = Path(__file__).resolve().parents[3]
_START_WAIT_S: Final = 10.0
_FRAME, _LOOK, _QUIT = b"F", b"?", b"Q"
_MAX_STATUS: Final = 200
_QUIT_WAIT_S: Final = 1.0
_SUFFIX: Final = ".sock"


def end_other_holders(folder: Path, names: Collection[str]) -> tuple[str, ...]:
    """End the ports of scanners that are no longer shared, as after a change while no agent ran.

    Args:
        folder: Where the sockets of the holders are; it need not be there.
        names: The scanners whose ports stay.

    Returns:
        The names of those that were ended, sorted.
    """
    ended = []
    for socket_path in sorted(folder.glob(f"*{_SUFFIX}")):
        name = socket_path.name.removesuffix(_SUFFIX)
        way = _reach(socket_path) if name not in names else None
        if way is not None:
            _quit(way)
            ended.append(name)
    return tuple(ended)


def _reach(socket_path: Path) -> socket.socket | None:
    """Give the way to the holder that is there, or None."""
    from drivers.scanners.forwarding.holder import short

    way = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with short(str(socket_path)) as path:
            way.connect(path)
    except OSError:
        way.close()
        return None
    way.setblocking(False)
    return way


def _quit(way: socket.socket) -> None:
    """Tell a holder to end, also one that is busy, and wait until it has; the way is closed."""
    with way, suppress(OSError):
        way.settimeout(_QUIT_WAIT_S)
        way.send(_QUIT)
        end_s = monotonic() + _QUIT_WAIT_S
        while way.recv(_MAX_STATUS) and monotonic() < end_s:
            pass


class PtyForwarder(ThreadedForwarder):
    """Feeds the holder of one scanner, and starts it where there is none.

    Args:
        name: The name of the scanner; also that of the holder's socket, so a plain file name.
        folder: Where the socket is; made if it is not there, for this user alone.
        link: What the other program opens; ``name`` in ``folder`` if left out.
        idle_end_ms: How long the holder stays when nobody needs it.
    """

    def __init__(self, name: str, folder: Path, link: Path | None = None, *, idle_end_ms: int = 60_000) -> None:
        self._link = link or folder / name
        self._socket_path = folder / f"{name}{_SUFFIX}"
        self._idle_end_ms = idle_end_ms
        self._holder: socket.socket | None = None
        self._told = (0, 0, 0, False)
        self._heard, self._note = os.pipe()
        os.set_blocking(self._heard, False)
        os.set_blocking(self._note, False)
        super().__init__(name, str(self._link))

    def stop(self, *, for_good: bool = False) -> None:
        """Stop handing on; the pseudo-terminal stays unless this is for good."""
        super().stop(for_good=for_good)
        if self._heard >= 0 and not (self._thread is not None and self._thread.is_alive()):
            os.close(self._heard)
            os.close(self._note)
            self._heard = self._note = -1

    def _connect(self) -> None:
        if sys.platform != "linux":
            raise DeviceConfig(self._name, "a pseudo-terminal that outlives the agent needs Linux; use a pair of ports")
        try:
            self._socket_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._holder = self._present() or self._start_holder()
        except OSError as fault:
            raise DeviceConfig(self._name, f"{self._socket_path.parent}: {fault.strerror}") from fault

    def _present(self) -> socket.socket | None:
        """Give the way to the holder of this port; one that holds another, as before a change of settings, is ended."""
        way = _reach(self._socket_path)
        if way is None or self._link.is_symlink():
            return way
        _quit(way)
        return None

    def _start_holder(self) -> socket.socket:
        command = [sys.executable, "-S", "-s", "-m", "drivers.scanners.forwarding.holder"]
        command += [str(self._link), str(self._socket_path), str(self._idle_end_ms)]
        try:
            subprocess.run(
                command,
                env={"PYTHONPATH": str(_ROOT), "PATH": os.environ.get("PATH", "")},
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=_START_WAIT_S,
            )
        except subprocess.CalledProcessError as fault:
            said = fault.stderr.decode(errors="replace").strip().splitlines()
            raise DeviceConfig(self._name, said[-1] if said else "the port could not be made") from fault
        except subprocess.TimeoutExpired as fault:
            raise DeviceBusy(self._name, "the port was not made in time") from fault
        way = _reach(self._socket_path)
        if way is None:
            raise DeviceGone(self._name, "the holder of the port ended at once")
        return way

    def _serve(self) -> None:
        assert self._holder is not None
        with selectors.PollSelector() as waiting:
            waiting.register(self._holder, selectors.EVENT_READ)
            waiting.register(self._heard, selectors.EVENT_READ)
            while not self._stopping.is_set():
                self._send(self._holder, waiting)
                ready = {key.fileobj for key, _ in waiting.select()}
                if self._heard in ready:
                    with suppress(BlockingIOError):
                        os.read(self._heard, 4096)
                if self._holder in ready:
                    self._hear(self._holder)

    def _send(self, holder: socket.socket, waiting: selectors.BaseSelector) -> None:
        """Send what waits; what the holder has no room for waits until it has."""
        wanted = selectors.EVENT_READ
        with self._turn:
            while len(self._backlog):
                with self._backlog.head() as head:
                    try:
                        holder.send(_FRAME + head)
                    except BlockingIOError:
                        self._backlog.expire(now_ms())
                        wanted |= selectors.EVENT_WRITE
                        break
                    except OSError as fault:
                        raise DeviceGone(self._name, "the holder of the port has gone") from fault
                    size = len(head)
                self._backlog.went(size)
        waiting.modify(holder, wanted)

    def _hear(self, holder: socket.socket) -> None:
        try:
            said = holder.recv(_MAX_STATUS)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            raise DeviceGone(self._name, "the holder of the port has gone")
        sent, dropped, waits, reader = map(int, said.split())
        with self._turn:
            self._told = (sent, dropped, waits, bool(reader))

    def _disconnect(self) -> None:
        holder, self._holder = self._holder, None
        if self._for_good:
            holder = holder or _reach(self._socket_path)
            if holder is not None:
                _quit(holder)
        elif holder is not None:
            holder.close()

    def _wake(self) -> None:
        with suppress(OSError):
            os.write(self._note, b"!")

    def _shown(self, status: ForwardingStatus) -> ForwardingStatus:
        """What the holder said, and what has not reached it; a holder counts from its own start.

        It does not notice when a program opens the port, so it is asked to look, for the next time.
        """
        if self._holder is not None:
            with suppress(OSError):
                self._holder.send(_LOOK)
        sent, dropped, waits, reader = self._told
        return replace(
            status,
            reader=reader if status.working else None,
            sent=sent,
            waiting=waits + len(self._backlog),
            dropped=dropped + self._backlog.dropped,
        )
