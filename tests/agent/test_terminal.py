"""The till's process: started, stopped, killed, and refused where it cannot run."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import requests

from agent.api.token import FILE
from agent.config.printers import PrinterConfig, PrinterKind, PrinterMode
from agent.config.values import SyncConfig, TillConfig
from agent.errors import BookBusy, KeysUnusable, PortBusy
from agent.sync_worker import SyncMode
from agent.terminal import Terminal
from agent.till.till import KEYS, Till
from hq.config import HqConfig
from hq.server import ServerThread, open_hq
from loyalty.reading.problems import BadFile
from tests.agent.callers import Caller, check
from tests.agent.shops import CARD, programme, shop

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from pathlib import Path
from agent.terminal import Terminal
from tests.agent.shops import shop

folder = Path(sys.argv[1])
with Terminal(shop(folder)) as terminal:
    print(terminal.base_url, terminal.token, flush=True)
    terminal.run()
print("ended", flush=True)
"""

DISTURBED = SCRIPT.replace(
    "    terminal.run()",
    """
    import signal

    left = [signal.SIGTERM, *[signal.SIGHUP] * 50]
    def disturb(frame, event, argument):
        if left and event in {"call", "c_call"} and signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL:
            signal.raise_signal(left.pop())

    sys.setprofile(disturb)
    terminal.run()
""",
)
"""A request to load settings comes within each call of the main thread, and then one to end."""


@contextmanager
def process(folder: Path, script: str = SCRIPT) -> Iterator[tuple[subprocess.Popen[str], Caller]]:
    """A till in a process of its own, and a caller."""
    started = subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        base_url, token = started.stdout.readline().split()
        with Caller(base_url, token) as caller:
            yield started, caller
    finally:
        started.kill()
        started.wait()
        if started.stdout is not None:
            started.stdout.close()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not happen within 20 s"
        time.sleep(0.01)


def opened(config: TillConfig) -> Terminal:
    return Terminal(config)


def test_a_sale_through_the_api_is_printed_by_itself(tmp_path: Path) -> None:
    with opened(shop(tmp_path)) as terminal, Caller.of(terminal) as pos:
        pos.post("commit", check(), key="c")
        until((tmp_path / "receipts" / "receipt-000002.png").exists)


def test_a_till_pairs_and_keeps_hq_level_without_being_asked(tmp_path: Path) -> None:
    hq_config = HqConfig(data_dir=tmp_path / "hq", port=0)
    with open_hq(hq_config) as hq, ServerThread(hq) as server:
        config = replace(shop(tmp_path), sync=SyncConfig(hq_url=server.url, interval_s=3_600))
        with opened(config) as terminal, Caller.of(terminal) as pos:
            assert terminal.sync_mode is SyncMode.UNPAIRED
            pos.post("commit", check(1), key="c1")
            terminal.pair(hq.make_pairing_code())
            until(lambda: hq.totals().entries == 2)
            pos.post("commit", check(2), key="c2")
            until(lambda: hq.totals().entries == 3)
            until(lambda: pos.get("/v1/status").json()["mode"] == "online")
        with opened(config) as terminal, Caller.of(terminal) as pos:
            pos.post("commit", check(3), key="c3")
            until(lambda: hq.totals().entries == 4)


def test_a_second_agent_on_one_book_is_refused_in_a_sentence(tmp_path: Path) -> None:
    config = shop(tmp_path)
    with opened(config), pytest.raises(BookBusy, match=r"another agent uses .*; stop it, or give this one another"):
        opened(config)


def test_a_second_agent_in_another_process_is_refused_too(tmp_path: Path) -> None:
    with process(tmp_path) as (_, pos):
        with pytest.raises(BookBusy):
            opened(shop(tmp_path))
        assert pos.get("/v1/status").status_code == 200


def test_a_busy_port_is_a_sentence_and_leaves_nothing_open(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortBusy, match=rf"port {port}.*set another \[till\] port"):
            opened(replace(shop(tmp_path), port=port)).start()
    with opened(shop(tmp_path)) as terminal:
        assert terminal.base_url


def test_a_broken_programme_leaves_the_book_free(tmp_path: Path) -> None:
    config = shop(tmp_path)
    programme(tmp_path, "[programme]")
    with pytest.raises(BadFile):
        opened(config)
    programme(tmp_path)
    opened(config).stop()


def test_a_damaged_token_leaves_the_book_free(tmp_path: Path) -> None:
    config = shop(tmp_path)
    opened(config).stop()
    token = config.data_dir / KEYS / FILE
    token.write_text("short", encoding="ascii")
    with pytest.raises(KeysUnusable, match=r"api\.token is damaged; delete it"):
        opened(config)
    token.unlink()
    opened(config).stop()


def test_a_printer_that_cannot_be_made_leaves_the_book_free(tmp_path: Path) -> None:
    config = shop(tmp_path)
    beyond = PrinterConfig(mode=PrinterMode.OWN, kind=PrinterKind.NETWORK, address="no port")
    with pytest.raises(ValueError, match="no port"):
        opened(replace(config, printers=(beyond,)))
    opened(config).stop()


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    terminal = opened(shop(tmp_path))
    terminal.start()
    terminal.stop()
    terminal.stop()


def test_the_link_is_to_the_page_and_never_holds_the_token(tmp_path: Path) -> None:
    with opened(shop(tmp_path)) as terminal:
        assert terminal.url.startswith(terminal.base_url + "/?key=")
        assert terminal.token not in terminal.url


@contextmanager
def full_disk(till: Till) -> Iterator[None]:
    """The book may not grow by another page."""
    connection = till.context.book._connection
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA max_page_count={2**30}")


def test_a_full_disk_answers_503_and_records_nothing(tmp_path: Path) -> None:
    with opened(shop(tmp_path, printer=False)) as terminal, Caller.of(terminal) as pos:
        answers: list[requests.Response] = []
        with full_disk(terminal.till):
            for number in range(200):
                answers.append(pos.post("commit", check(number), key=f"c{number}"))
                if answers[-1].status_code != 200:
                    break
            head = terminal.till.context.book.head
            assert pos.post("commit", check(len(answers) - 1), key=f"c{len(answers) - 1}").status_code == 503
            assert pos.get("/v1/status").json()["sequence"] == head.sequence
        refused = answers[-1]
        assert refused.status_code == 503
        assert refused.json()["error"] == "unavailable"
        assert "nothing was recorded" in refused.json()["detail"]
        assert refused.json()["text"].startswith("The till could not record this")
        assert head.receipts == len(answers) - 1
        assert pos.post("commit", check(len(answers) - 1), key=f"c{len(answers) - 1}").status_code == 200
        assert terminal.till.context.book.head.receipts == len(answers)


@pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_end_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with process(tmp_path) as (started, pos):
        pos.post("commit", check(), key="c")
        started.send_signal(number)
        assert started.stdout is not None
        assert started.stdout.read() == "ended\n"
        assert started.wait() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no SIGHUP to send")
def test_requests_within_any_call_of_the_waiting_thread_never_leave_it_hanging(tmp_path: Path) -> None:
    with process(tmp_path, DISTURBED) as (started, _):
        assert started.wait(20) == 0
        assert started.stdout is not None
        assert started.stdout.read() == "ended\n"


EARLY = (
    SCRIPT.replace(
        "with Terminal(",
        """
import signal
from agent.signals import RELOAD, Heard

reloaded = []

class Reloading(Terminal):
    def start(self):
        signal.raise_signal(signal.SIGHUP)
        super().start()

    def _reload(self):
        reloaded.append(1)
        self.devices.reload = lambda: 1 / 0
        super()._reload()
        signal.raise_signal(signal.SIGTERM)

heard = Heard()
with heard.of([RELOAD]), Reloading(""",
    )
    .replace("terminal.run()", "terminal.run(heard)")
    .replace('print("ended"', 'print("ended", reloaded')
)


@pytest.mark.skipif(sys.platform == "win32", reason="platform: Windows has no SIGHUP to send")
def test_a_request_to_load_settings_that_comes_before_the_till_runs_is_done_then_and_what_fails_in_it_ends_nothing(
    tmp_path: Path,
) -> None:
    with process(tmp_path, EARLY) as (started, _):
        assert started.wait(20) == 0
        assert started.stdout is not None
        assert started.stdout.read() == "ended [1]\n"


def _sell_until_killed(pos: Caller, answers: dict[str, bytes], numbers: Iterator[int]) -> None:
    for number in numbers:
        key = f"c{number}"
        try:
            answer = pos.post("commit", check(number), key=key)
        except requests.RequestException:
            return
        assert answer.status_code == 200
        answers[key] = answer.content


def test_killed_while_selling_every_key_gets_its_first_bytes_again(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    answers: dict[str, bytes] = {}
    for _ in range(4):
        with process(tmp_path) as (started, pos):
            for key, body in answers.items():
                assert pos.post("commit", check(int(key[1:])), key=key).content == body
            selling = threading.Thread(
                target=_sell_until_killed, args=(pos, answers, iter(range(len(answers), len(answers) + 10_000)))
            )
            selling.start()
            time.sleep(chance.uniform(0.05, 0.4))
            started.kill()
            selling.join()
    with opened(shop(tmp_path)) as terminal:
        receipts = terminal.till.context.book.head.receipts
        assert receipts in {len(answers), len(answers) + 1}  # the last answer may have been lost on its way
        assert terminal.till.member_balances(CARD) == {"points": 28 * receipts}


LIGHT = """
import sys
from dataclasses import replace
from pathlib import Path
from agent.terminal import Terminal
from tests.agent.shops import shop
import urllib.request
settings = shop(Path(sys.argv[1]))
with Terminal(settings if sys.argv[2] == "prints" else replace(settings, printers=())) as terminal:
    urllib.request.urlopen(terminal.base_url + "/health").read()
    print(" ".join(sys.modules), flush=True)
    sys.stdin.readline()
"""


PRINTS = ("agent.printers", "agent.print_worker", "drivers.printers.owner", "drivers.printers.transports")
"""What only a till that prints itself needs."""


@pytest.mark.parametrize("prints", [True, False])
def test_a_till_at_rest_is_small(tmp_path: Path, *, prints: bool) -> None:
    command = [sys.executable, "-c", LIGHT, str(tmp_path), "prints" if prints else ""]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, env=os.environ.copy()
    ) as started:
        assert started.stdout is not None
        loaded = set(started.stdout.readline().split())
        resident = psutil.Process(started.pid).memory_info().rss
        started.communicate("\n", timeout=30)
    heavy = {"fastapi", "pydantic", "alembic", "PIL", "escpos", "babel", "rich", "requests", "httpx", "serial"}
    assert loaded & heavy == set()
    assert any(name.startswith(PRINTS) for name in loaded) == prints
    assert resident < 100 * 1024 * 1024
