"""Real processes of one HQ and its tills in a folder: started, killed at any moment, started again, ended.

Every process has a port of its own that stays the same, so a caller goes on asking at the same address.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.measuring import ROOT
from hq.asking import make_pairing_code
from hq.config import HqConfig

_READY = "Ctrl-C ends it"
_START_S, _END_S, _ASK_S, _AUDIT_S = 60.0, 60.0, 20.0, 300.0
_STORE = '[store]\nid = "s1"\nname = "Дүкен"\ntime_zone = "Asia/Almaty"\nlanguage = "kk"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one request was answered."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class NoAnswer(Exception):
    """Nothing came back that is an answer: nobody knows what became of the request."""


class Process:
    """One of our commands, and what it says; ``kill`` is as sudden as the system can make it."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path, before: Sequence[str] = ()) -> None:
        self.name = name
        self.log = log
        self._command = [*before, sys.executable, "-m", "cli.main", *arguments]
        self._process: subprocess.Popen[str] | None = None
        self._ready = threading.Event()

    @property
    def pid(self) -> int:
        """The id of the process; of what stands before the command, where something does."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Begin; whether it serves is for `wait_until_ready`."""
        self._ready = threading.Event()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.log.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
            )
        threading.Thread(target=self._listen, args=(self._process, self._ready), daemon=True).start()

    def wait_until_ready(self) -> None:
        """Wait until it serves.

        Raises:
            RuntimeError: it ended instead, or does not begin to serve.
        """
        deadline = time.monotonic() + _START_S
        while not self._ready.wait(0.05):
            self.require_alive()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not begin to serve: {self._said()}")

    def require_alive(self) -> None:
        """Raise `RuntimeError` where it ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with status {self._process.returncode}: {self._said()}")

    def kill(self) -> None:
        """End it at once, wherever it is; SIGKILL, on Windows TerminateProcess."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_END_S)

    def end(self) -> None:
        """Ask it to end, and wait; harmless where it does not run."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(_END_S)

    def _listen(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                if _READY in line:
                    ready.set()

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-2_000:]


class HqProcess(Process):
    """``loyaltill hq serve`` on a port of its own."""

    def __init__(self, folder: Path, before: Sequence[str] = (), data: Path | None = None) -> None:
        self.data = data or folder / "hq"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = folder / "hq.toml"
        self.config.write_text(f'[hq]\ndata_dir = "{self.data.as_posix()}"\nport = {self.port}\n', encoding="utf-8")
        super().__init__("hq", ["hq", "serve", "--config", str(self.config)], folder / "hq.log", before)

    def pairing_code(self) -> str:
        """Make a code with which one till pairs."""
        return make_pairing_code(HqConfig(data_dir=self.data, port=self.port))

    def audit(self) -> str:
        """Let ``loyaltill hq audit`` look through the book; gives what it says, nothing where all is well."""
        command = [sys.executable, "-m", "cli.main", "hq", "audit", "--config", str(self.config)]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=_AUDIT_S, check=False)
        return "" if told.returncode == 0 else told.stdout + told.stderr


class TillProcess(Process):
    """``loyaltill till run`` on a port of its own, printing receipts as files into a folder of its own.

    Attributes:
        receipts: Where its receipts are printed.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        hq_url: str,
        programme: Path,
        data: Path | None = None,
        before: Sequence[str] = (),
    ) -> None:
        self.data = data or folder / name
        self.receipts = folder / f"{name}-receipts"
        self.port = free_port()
        config = folder / f"{name}.toml"
        config.write_text(self._config(name, hq_url, programme), encoding="utf-8")
        super().__init__(name, ["till", "run", "--config", str(config)], folder / f"{name}.log", before)

    @property
    def token(self) -> str:
        """The token of POS programs; there once the till has started."""
        return (self.data / "keys" / "api.token").read_text(encoding="ascii").strip()

    def ask(self, method: str, path: str, body: bytes | None = None, key: str | None = None) -> Answered:
        """Send one request to the local API.

        Raises:
            NoAnswer: no whole answer came.
        """
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_ASK_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answered(status=answer.status, body=answer.read(), headers=dict(answer.getheaders()))
        except (OSError, HTTPException) as fault:
            raise NoAnswer(f"{self.name}: {type(fault).__name__}") from fault
        finally:
            connection.close()

    def pair(self, code: str) -> None:
        """Pair with HQ by a code; both must serve."""
        answer = self.ask("POST", "/v1/pair", json.dumps({"code": code}).encode())
        if answer.status != 200:
            raise RuntimeError(f"{self.name} was not paired: {answer.status}")

    def status(self) -> dict[str, object]:
        """Give what the till says of itself."""
        said: dict[str, object] = json.loads(self.ask("GET", "/v1/status").body)
        return said

    def _config(self, name: str, hq_url: str, programme: Path) -> str:
        tables = (
            _STORE,
            f'[till]\nname = "{name}"\ndata_dir = "{self.data.as_posix()}"\nport = {self.port}\n',
            f'[programme]\nfile = "{programme.as_posix()}"\n',
            '[[cards.range]]\nprefix = "29"\nmin_length = 13\n',
            f'[[printer]]\nmode = "own"\nkind = "preview"\naddress = "{self.receipts.as_posix()}"\n',
            f'[sync]\nhq_url = "{hq_url}"\ninterval_s = 1\n',
        )
        return "\n".join(tables)


def free_port() -> int:
    """Give a port of loopback on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
