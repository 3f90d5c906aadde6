"""A real browser for tests of pages: Chromium without a window, driven over its own pipe (DevTools protocol)."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.apt import need

_END = b"\0"
_PATIENCE_S = 30


class Tab:
    """One open page."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._number = 0
        self._rest = b""
        self._session: str | None = None

    def open(self, url: str) -> None:
        """Open a page and wait until it is there."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Page.navigate", url=url)

    def tell(self, method: str, **parameters: Any) -> int:
        """Send a command and do not wait for its answer."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + _END)
        return self._number

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command; gives its answer."""
        number = self.tell(method, **parameters)
        while True:
            said = self._next()
            if said.get("id") == number:
                assert "error" not in said, said
                result: dict[str, Any] = said["result"]
                return result

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression in the page."""
        told = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """Wait until an expression is truthy; gives its value."""
        deadline = time.monotonic() + _PATIENCE_S
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f"not within {_PATIENCE_S} s: {script}"
            time.sleep(0.02)
        return value

    def _next(self) -> dict[str, Any]:
        while _END not in self._rest:
            came = os.read(self._reading, 1 << 16)
            assert came, "the browser has ended"
            self._rest += came
        message, _, self._rest = self._rest.partition(_END)
        said: dict[str, Any] = json.loads(message)
        return said


@contextmanager
def browser() -> Iterator[Tab]:
    """A browser with a profile of its own, which is gone afterwards."""
    chromium = need("chromium", program="chromium")
    read_here, write_there = os.pipe()
    read_there, write_here = os.pipe()
    start = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        options += ["--disable-extensions", "--disable-background-networking", "--disable-component-update"]
        options += ["--proxy-server=direct://", f"--user-data-dir={profile}", "--remote-debugging-pipe"]
        running = subprocess.Popen(
            ["bash", "-c", start, "bash", str(read_there), str(write_there), chromium, *options],
            pass_fds=(read_there, write_there),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_there)
        os.close(write_there)
        tab = Tab(read_here, write_here)
        try:
            yield tab
        finally:
            with suppress(BrokenPipeError):
                tab.tell("Browser.close")
            os.close(write_here)
            os.close(read_here)
            with suppress(subprocess.TimeoutExpired):
                running.wait(10)
            running.kill()
            running.wait(10)
