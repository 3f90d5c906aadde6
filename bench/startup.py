"""Cold start of the agent: from the start of the process to the first scan served, and its memory.

    python -m bench.startup [--rounds 7] [--json]

`loyaltill till run` is started on a book that knows a member; the time runs until the local API has answered the
member's scan. Memory is taken at rest after that, and again after a sale whose receipt was printed. Two other processes are started in turns with it: Python alone, and Python that imports the libraries
which a till needs. Files come from the system's cache and modules are compiled, as on the second start after an
installation.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from agent.api.token import api_token
from bench.measuring import ROOT, Benchmark, Ratio, Report, Series, child_environment, timed
from bench.shop import CURRENCY, card, open_till, sale, write_config

START_BUDGET_S, MEMORY_BUDGET_MB = 1.0, 100
_ABOUT = "start of the agent's process to the first scan served, and its memory at rest"
_LIBRARIES = "import starlette.applications, uvicorn, sqlalchemy, requests, jinja2, cryptography.hazmat.primitives.asymmetric.ed25519"
_SERVES = "the till serves"
_REST_S = 2.0
_END_S = 20.0
_PAGE_MB = 1024 * 1024


class Agent:
    """One process of the agent, measured from before its start."""

    def __init__(self, config: Path, token: str, cache: Path) -> None:
        self._token = token
        self._begun_ns = time.perf_counter_ns()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "till", "run", "--config", str(config)],
            cwd=ROOT,
            env=child_environment(cache),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # its log
            text=True,
        )
        self._connection: HTTPConnection | None = None

    def serve_first_scan(self, scan: str) -> int:
        """Wait until a scan is answered with its member; gives the nanoseconds since the start."""
        address = urlsplit(self._address())
        self._connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
        told = self._ask("/v1/inquire", {"scan": scan})
        took_ns = time.perf_counter_ns() - self._begun_ns
        if not told.get("member"):
            raise RuntimeError(f"the scan was answered with {told}")
        return took_ns

    def sell(self) -> None:
        """Commit a sale; its receipt is printed in its own time."""
        line = {"line": 1, "item": "4870001", "name": "Сүт", "quantity_milli": 1000, "amount_minor": 45000}
        check = str(time.monotonic_ns())
        self._ask("/v1/commit", {"check_id": check, "currency": CURRENCY.code, "card": card(1), "lines": [line]})

    def resident_mb(self) -> float | None:
        """Give its resident memory in MB, a while after the last request; None where the system does not tell."""
        time.sleep(_REST_S)
        return resident_mb(self._process.pid)

    def end(self) -> None:
        """Ask it to end, and wait."""
        if self._connection is not None:
            self._connection.close()
        self._process.terminate()
        self._process.communicate(timeout=_END_S)

    def _ask(self, path: str, body: dict[str, object]) -> dict[str, object]:
        assert self._connection is not None
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(time.monotonic_ns()),
        }
        self._connection.request("POST", path, json.dumps(body), headers)
        answer = self._connection.getresponse()
        told: dict[str, object] = json.loads(answer.read())
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{path} was answered with {answer.status}: {told}")
        return told

    def _address(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(_SERVES):
                return next(word for word in line.split() if word.startswith("http")).rstrip(";,")
        raise RuntimeError(f"the agent ended with status {self._process.wait()}")


def resident_mb(process: int) -> float | None:
    """Give the memory of a process that is resident, in MB; None where neither psutil nor /proc tells."""
    try:
        import psutil
    except ImportError:
        return _from_proc(process)
    return float(psutil.Process(process).memory_info().rss / _PAGE_MB)


def _from_proc(process: int) -> float | None:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Start everything in turns; the first turn, which compiles modules, does not count."""
    with open_till(folder) as till:
        till.commit(sale(1, 1))
        token = api_token(till.context.keys.folder)
    config, cache = write_config(folder), folder / "cache"
    taken = [_turn(config, token, cache) for _ in range(given.rounds + 1)][1:]
    return _report(folder, taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one turn took in nanoseconds, and the agent's memory in MB."""

    bare: int
    libraries: int
    agent: int
    at_rest: float | None
    printed: float | None


def _turn(config: Path, token: str, cache: Path) -> Turn:
    bare, libraries = _started("pass", cache), _started(_LIBRARIES, cache)
    agent = Agent(config, token, cache)
    try:
        first_scan, at_rest = agent.serve_first_scan(card(1)), agent.resident_mb()
        agent.sell()
        return Turn(bare=bare, libraries=libraries, agent=first_scan, at_rest=at_rest, printed=agent.resident_mb())
    finally:
        agent.end()


def _started(code: str, cache: Path) -> int:
    command = [sys.executable, "-c", code]
    return timed(lambda: subprocess.run(command, env=child_environment(cache), check=True))


def _report(folder: Path, turns: list[Turn]) -> Report:
    ratios = {
        "start, share of the budget of 1.0 s": Ratio(
            values=tuple(turn.agent / 1e9 / START_BUDGET_S for turn in turns), most=1.0
        ),
        "start against python alone": Ratio(values=tuple(turn.agent / turn.bare for turn in turns)),
        "start against python with the libraries": Ratio(values=tuple(turn.agent / turn.libraries for turn in turns)),
    }
    at_rest = tuple(turn.at_rest for turn in turns if turn.at_rest is not None)
    if at_rest:
        name = "memory at rest, share of the budget of 100 MB"
        ratios[name] = Ratio(values=tuple(resident / MEMORY_BUDGET_MB for resident in at_rest), most=1.0)
    recorded = {
        "first scan served": Series(ns=tuple(turn.agent for turn in turns)).in_ms(),
        "python alone": Series(ns=tuple(turn.bare for turn in turns)).in_ms(),
        "python with the libraries": Series(ns=tuple(turn.libraries for turn in turns)).in_ms(),
        "memory at rest, MB": [round(resident, 1) for resident in at_rest],
        "memory after a printed receipt, MB": [round(turn.printed, 1) for turn in turns if turn.printed is not None],
    }
    return Report(name="startup", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    return Benchmark(_ABOUT, measure).main(arguments)


if __name__ == "__main__":
    sys.exit(main())
