"""The power goes at any moment while a real agent sells: every sale that was answered is in its book, and the book is whole.

strace records every write and sync of the book's files; what a disk may hold after each of hundreds of moments is made from
that, with unsynced writes missing or torn, and opened with the real book.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from agent.book import journal
from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.errors import AgentError
from agent.till.till import Till
from bench.faults import audit
from bench.faults.pos import Pos
from bench.faults.processes import TillProcess
from bench.measuring import ROOT
from drivers.scanners.cards import CardRange
from tests.faults.power import STRACE, Disk, Event, Synced, Write, answers_in, read_trace

PROGRAMME = ROOT / "programmes" / "grocery.toml"
CUSTOMERS = 120
MOMENTS = 200
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A till that sold under strace: its book before, and what happened since."""

    keys: Path
    files: dict[str, bytes]
    folder: Path
    events: list[Event]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Record:
    if sys.platform != "linux" or shutil.which("strace") is None:
        pytest.skip("platform: strace records what an agent writes")
    folder = tmp_path_factory.mktemp("power")
    trace = folder / "trace"
    till = TillProcess(folder, "one", NOWHERE, PROGRAMME)
    till.start()
    till.wait_until_ready()
    till.end()
    before = {str(till.data / "till.db"): (till.data / "till.db").read_bytes()}
    till = TillProcess(folder, "one", NOWHERE, PROGRAMME, before=[*STRACE, "-o", str(trace)])
    try:
        till.start()
        till.wait_until_ready()
    except RuntimeError:
        pytest.skip("platform: this system lets nobody trace")
    pos = Pos(till, seed, per_second=100)
    for _ in range(CUSTOMERS):
        pos.serve()
    till.end()
    _wait_until_written(trace)
    return Record(keys=till.data / "keys", files=before, folder=till.data, events=read_trace(trace, till.data))


def _wait_until_written(trace: Path) -> None:
    """strace ends a moment after what it traced."""
    size = -1
    while size != trace.stat().st_size:
        size = trace.stat().st_size
        time.sleep(0.5)


def losses(record: Record, place: Path, rng: Random, *, honest: bool = True) -> Iterator[str]:
    """Let the power go at many moments; say what does not hold of the book after each."""
    disk = Disk(record.files, honest=honest)
    moments = set(rng.sample(range(len(record.events)), MOMENTS))
    for number, event in enumerate(record.events):
        disk.happen(number, event)
        if number in moments:
            yield from (f"moment {number}: {said}" for said in _opened(record, disk, place / str(number), rng))


def _opened(record: Record, disk: Disk, place: Path, rng: Random) -> list[str]:
    shutil.copytree(record.keys, place / "keys")
    for path, data in disk.after_power_loss(rng).items():
        (place / Path(path).name).write_bytes(data)
    config = TillConfig(
        data_dir=place,
        programme_file=PROGRAMME,
        store=StoreConfig(id="s1", name="Shop", zone=ZoneInfo("Asia/Almaty")),
        cards=CardsConfig(ranges=(CardRange(prefix="29", min_length=13, max_length=13),)),
    )
    try:
        with Till(config) as till, till.context.book.read() as connection:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalars().first()
            lost = [entry for entry in disk.told if journal.by_id(connection, entry) is None]
    except AgentError as fault:
        return [f"the book does not open: {fault}"]
    found = [f"{len(lost)} answered entries are lost"] if lost else []
    if whole != "ok":
        found.append(f"the book is damaged: {whole}")
    else:
        found += audit.own_faults(audit.read_till("one", place / "till.db"))
    shutil.rmtree(place)
    return found


def _is_the_book(event: Write) -> bool:
    return event.path.endswith("till.db") and event.data is not None


def test_what_was_answered_survives_the_loss_of_power_at_any_moment(record: Record, tmp_path: Path, seed: int) -> None:
    assert answers_in(record.events) > CUSTOMERS / 2
    assert sum(isinstance(event, Synced) for event in record.events) > CUSTOMERS / 2
    book = [place for place, event in enumerate(record.events) if isinstance(event, Write) and _is_the_book(event)]
    assert book[0] < len(record.events) * 3 / 4, "the log was never emptied into the book while the till sold"
    assert list(losses(record, tmp_path, Random(seed))) == []


def test_on_a_disk_that_lies_about_syncs_the_same_search_finds_what_is_lost(
    record: Record, tmp_path: Path, seed: int
) -> None:
    found = list(losses(record, tmp_path, Random(seed), honest=False))
    assert any("answered entries are lost" in said for said in found)
