"""An agent that is killed in any state of a print job: nothing is lost, and nothing is printed twice by itself."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.book import print_jobs
from agent.book.print_jobs import JobState
from agent.receipts.finding import receipt_of_sequence
from agent.terminal import Terminal
from agent.till.papers import print_again
from drivers.printers.encoders.choose import encode
from drivers.printers.layout import lay_out
from drivers.printers.profiles.listing import load
from drivers.printers.transports.transport import FASTER_THAN_PAPER
from tests.agent.printing_till import settings
from tests.drivers.printers.fake_printer import FakePrinter, Mood, on_network
from tests.drivers.printers.printing import until

ROOT = Path(__file__).resolve().parents[2]


def kill_when(folder: Path, port: int, true: Callable[[], bool]) -> None:
    """Run a till that sells, and kill it."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.agent.printing_till", str(folder), str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "sold\n"
        until(true)
    finally:
        child.kill()
        child.wait(10)
        if child.stdout is not None:
            child.stdout.close()


@contextmanager
def restarted(folder: Path, port: int) -> Iterator[Terminal]:
    with Terminal(settings(folder, port)) as terminal:
        yield terminal


def states(terminal: Terminal) -> dict[str, int]:
    with terminal.till.context.book.read() as connection:
        counts = {state.value: print_jobs.waiting(connection, state) for state in JobState}
    return {state: count for state, count in counts.items() if count}


def slip(terminal: Terminal, *, copy: bool) -> bytes:
    """What the sale's slip is on paper."""
    document = receipt_of_sequence(terminal.till.context, 2, copy=copy)
    assert document is not None
    printer = FakePrinter(room=1 << 24)
    chunks = encode(lay_out(document, 48), load("TM-T20III"), bytes_per_s=FASTER_THAN_PAPER)
    printer.take(b"".join(chunks), lambda _said: None)
    (paper,) = printer.papers
    return paper


def test_killed_while_it_waits_for_paper_before_the_job_it_prints_once_after_the_start(tmp_path: Path) -> None:
    with on_network(Mood(paper="out")) as (fake, port):
        kill_when(tmp_path, port, lambda: fake.connections > 0)
        fake.mood.paper = "there"
        with restarted(tmp_path, port) as terminal:
            until(lambda: states(terminal) == {"confirmed": 1})
            assert fake.papers == [slip(terminal, copy=False)]


def test_killed_in_the_middle_of_a_job_it_is_unknown_and_printed_only_when_somebody_asks_as_a_copy(
    tmp_path: Path,
) -> None:
    with on_network(Mood(out_at=1)) as (fake, port):
        kill_when(tmp_path, port, lambda: fake.mood.paper == "out")
        fake.mood.paper = "there"
        time.sleep(0.5)  # what the printer has taken may come out now, which is why nobody knows
        before = len(fake.papers)
        with restarted(tmp_path, port) as terminal:
            until(lambda: states(terminal) == {"unknown": 1})
            terminal.nudge()
            until(lambda: terminal.printing is not None and terminal.printing.status.printers[0].ready)
            assert (states(terminal), len(fake.papers)) == ({"unknown": 1}, before)
            print_again(terminal.till.context, 2)
            terminal.nudge()
            until(lambda: states(terminal) == {"confirmed": 1})
            assert len(fake.papers) == before + 1
            assert fake.papers[-1].endswith(slip(terminal, copy=True))  # behind what the first printing left
            assert slip(terminal, copy=True) != slip(terminal, copy=False)


def test_killed_after_the_job_it_stays_confirmed_and_prints_nothing_more(tmp_path: Path) -> None:
    with on_network() as (fake, port):
        kill_when(tmp_path, port, lambda: len(fake.papers) == 1)
        with restarted(tmp_path, port) as terminal:
            assert list(states(terminal)) in (["confirmed"], ["unknown"])  # killed perhaps before the book was told
            terminal.nudge()
            until(lambda: fake.connections >= 2)
            assert fake.papers == [slip(terminal, copy=False)]
