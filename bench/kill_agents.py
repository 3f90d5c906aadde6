"""Kill HQ and two tills with SIGKILL at random moments while they sell, and audit what is left from outside.

    python -m bench.kill_agents [--kills 200] [--seed N] [--per-second 10] [--work-dir DIR]

``loyaltill hq serve`` and two ``loyaltill till run`` are real processes on loopback; at each till a POS program sells,
takes back, voids and enrols, and sends what was not answered again under the same key. A random one of the three is
killed and started again until all kills are done; some fall on a process that has only just started. Then everything is
let come level, receipts of which nobody knew are printed again, the processes end, and `bench.faults.audit` looks at
their files, and `loyaltill hq audit` at HQ's.

Prints one JSON object; ends with status 1 where something does not hold. On Windows a process is terminated, which is
as sudden.
"""

import argparse
import json
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.faults import audit
from bench.faults.pos import Pos
from bench.faults.processes import HqProcess, Process, TillProcess
from bench.measuring import ROOT
from messages.catalogue import Catalogue

TILLS = ("one", "two")
_PROGRAMME = ROOT / "programmes" / "grocery.toml"
_LANGUAGE = "kk"
_HALF_STARTED = 0.2
"""The share of kills that do not wait until the process killed before serves again."""
_LONGEST_LIFE_S = 0.8
_LEVEL_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What came of the kills.

    Attributes:
        kills: How often each process was killed.
        faults: What does not hold, in sentences; none is the aim.
    """

    seed: int
    kills: dict[str, int]
    seconds: float
    requests: int
    retries: int
    entries: int
    receipts: int
    copies: int
    faults: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Give it as one JSON object."""
        names = ("seed", "kills", "seconds", "requests", "retries", "entries", "receipts", "copies")
        return {**{name: getattr(self, name) for name in names}, "faults": list(self.faults), "held": not self.faults}


class Shop:
    """One HQ, two tills beside it and a POS program at each, all of one seed."""

    def __init__(self, folder: Path, seed: int, per_second: float) -> None:
        self.hq = HqProcess(folder)
        self.tills = [TillProcess(folder, name, self.hq.url, _PROGRAMME) for name in TILLS]
        self.posts = [Pos(till, seed * 10 + place, per_second) for place, till in enumerate(self.tills)]
        self.kills: Counter[str] = Counter()
        self._rng = random.Random(seed)

    @property
    def processes(self) -> list[Process]:
        """All three."""
        return [self.hq, *self.tills]

    def open(self) -> None:
        """Start everything, pair the tills and let customers in."""
        for process in self.processes:
            process.start()
        for process in self.processes:
            process.wait_until_ready()
        for till in self.tills:
            till.pair(self.hq.pairing_code())
        for pos in self.posts:
            pos.start()

    def kill_one(self) -> None:
        """Kill any of the processes after a while, and start it again."""
        victim = self._rng.choice(self.processes)
        if self._rng.random() >= _HALF_STARTED:
            for process in self.processes:
                process.wait_until_ready()
        time.sleep(self._rng.uniform(0.0, _LONGEST_LIFE_S))
        for process in self.processes:
            process.require_alive()  # nobody but this campaign ends one
        victim.kill()
        self.kills[victim.name] += 1
        victim.start()

    def settle(self) -> None:
        """Let no more customers in, and wait until HQ and the tills are level and everything is printed."""
        for process in self.processes:
            process.wait_until_ready()
        for pos in self.posts:
            pos.finish()
        for till in self.tills:
            _wait(till, lambda said: bool(said["printing"]["waiting"] == 0))
            _print_again(till)
            _wait(till, _printed)
            _wait(till, _level)
        for till in self.tills:
            _wait(till, self._has_heard_all(till))

    def _has_heard_all(self, till: TillProcess) -> Callable[[Mapping[str, Any]], bool]:
        return lambda _: audit.has_heard_all(till.data / "till.db", self.hq.data / "hq.sqlite3")

    def close(self) -> None:
        """End every process."""
        for process in self.processes:
            process.end()


def campaign(folder: Path, *, kills: int, seed: int, per_second: float = 10.0) -> Campaign:
    """Open a shop in ``folder``, kill its processes so often, and audit what is left."""
    begun = time.monotonic()
    shop = Shop(folder, seed, per_second)
    run(shop, kills)
    return audited(shop, seed, time.monotonic() - begun)


def run(shop: Shop, kills: int) -> None:
    """Open a shop, kill its processes so often, let it come level, ask everything once more, and close it."""
    with ExitStack() as stack:
        stack.callback(shop.close)
        shop.open()
        for _ in range(kills):
            shop.kill_one()
        shop.settle()
        for pos in shop.posts:
            for told in pos.told:
                pos.repeat(told)


def audited(shop: Shop, seed: int, seconds: float) -> Campaign:
    """Audit what a shop that is closed has left."""
    hq = audit.read_hq(shop.hq.data / "hq.sqlite3")
    books = {till.name: audit.read_till(till.name, till.data / "till.db") for till in shop.tills}
    told = {till.name: pos.told for till, pos in zip(shop.tills, shop.posts, strict=True)}
    faults = audit.faults(hq, {name: (book, told[name]) for name, book in books.items()})
    mark = Catalogue.load(_LANGUAGE).text("receipt.copy")
    for till in shop.tills:
        faults += audit.paper_faults(books[till.name], till.receipts, mark)
    if said := shop.hq.audit():
        faults.append(f"loyaltill hq audit says: {said}")
    for pos in shop.posts:
        faults += [f"the key {key} was answered in two ways" for key in pos.differing]
    return Campaign(
        seed=seed,
        kills=dict(sorted(shop.kills.items())),
        seconds=round(seconds, 1),
        requests=sum(len(pos.told) for pos in shop.posts),
        retries=sum(pos.retries for pos in shop.posts),
        entries=sum(len(book.entries) for book in books.values()),
        receipts=sum(len(book.prints) for book in books.values()),
        copies=sum(copies for book in books.values() for _, copies in book.prints.values()),
        faults=tuple(faults),
    )


def _print_again(till: TillProcess) -> None:
    """Have receipts of which nobody knows whether they were printed printed again, as a person would."""
    query = "SELECT entry_id FROM journal JOIN print_job USING (sequence) WHERE state = 'unknown'"
    with audit.opened(till.data / "till.db") as rows:
        unknown = [entry.hex() for (entry,) in rows.execute(query)]
    for entry in unknown:
        till.ask("POST", "/v1/reprint", json.dumps({"entry": entry}).encode())


def _printed(said: Mapping[str, Any]) -> bool:
    return all(said["printing"][state] == 0 for state in ("waiting", "unknown", "refused"))


def _level(said: Mapping[str, Any]) -> bool:
    return bool(said["mode"] == "online" and said["pending"] == 0)


def _wait(till: TillProcess, until: Callable[[Mapping[str, Any]], bool]) -> None:
    deadline = time.monotonic() + _LEVEL_S
    while not until(said := till.status()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{till.name} does not come to rest: {said}")
        time.sleep(0.1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one campaign from the command line."""
    parser = argparse.ArgumentParser(description="Kill HQ and tills at random moments and audit what is left.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--per-second", type=float, default=10.0, help="requests of each POS program (default 10)")
    parser.add_argument("--work-dir", type=Path, default=None, help="kept; default: a folder that is removed")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="loyaltill-") as temporary:
        folder = (given.work_dir or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        found = campaign(folder, kills=given.kills, seed=seed, per_second=given.per_second)
    print(json.dumps(found.as_json()))
    return 0 if not found.faults else 1


if __name__ == "__main__":
    sys.exit(main())
