"""The doctor and HQ: everything that may stand between a till and its HQ, told apart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from agent.config.values import SyncConfig
from agent.pairing import pair
from agent.sync_worker import SyncMode, synchronise
from agent.till.till import Till
from cli.doctor.book import BookState, look
from cli.doctor.findings import Finding, Level
from cli.doctor.link import check_link, check_pending, shown
from cli.locks import is_held
from hq.book.sqlite import LOCK_FILE
from hq.config import HqConfig
from hq.server import Hq, ServerThread, open_hq
from sync.links.http import HttpLink
from sync.links.route import Route

Sell = Callable[[Till, int], None]


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Hq]:
    with open_hq(HqConfig(data_dir=tmp_path / "hq", port=0)) as opened:
        yield opened


@pytest.fixture
def url(hq: Hq) -> Iterator[str]:
    with ServerThread(hq) as server:
        yield server.url


def state_of(till: Till) -> BookState:
    found = look(till.context.config.data_dir).state
    assert found is not None
    return found


def asked(till: Till, url: str, *, ahead: timedelta = timedelta(0)) -> list[Finding]:
    folder = till.context.config.data_dir
    clock = (lambda: datetime.now(UTC) + ahead) if ahead else (lambda: datetime.now(UTC))
    return check_link(SyncConfig(hq_url=url), folder, till.context.keys.folder, state_of(till), clock)


def told(findings: list[Finding]) -> list[tuple[Level, str]]:
    return [(finding.level, finding.text) for finding in findings]


@contextmanager
def somebody_else(status: int, body: bytes) -> Iterator[str]:
    """A web server that is not HQ."""

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_till_without_hq_is_well(till: Till) -> None:
    (found,) = asked(till, "")
    assert (found.level, "works by itself" in found.text) == (Level.OK, True)


def test_hq_that_cannot_be_reached(till: Till) -> None:
    (found,) = asked(till, "http://127.0.0.1:9")
    text = "HQ at http://127.0.0.1:9 cannot be reached (ConnectionError); the till works on without it"
    assert (found.level, found.text) == (Level.FAIL, text)


def test_a_file_of_certificates_that_is_not_there_is_named(till: Till, tmp_path: Path) -> None:
    config = SyncConfig(hq_url="https://127.0.0.1:9", route=Route(ca_file=tmp_path / "none.pem"))
    (found,) = check_link(config, till.context.config.data_dir, till.context.keys.folder, state_of(till))
    text = f"{tmp_path / 'none.pem'} is not there, so HQ's certificate cannot be checked; the till works on without HQ"
    assert (found.level, found.text, found.advice) == (Level.FAIL, text, "check [sync] ca_file")


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>Welcome to our Wi-Fi"), (302, b""), (404, b"")])
def test_a_portal_is_not_taken_for_hq(till: Till, status: int, body: bytes) -> None:
    with somebody_else(status, body) as url:
        assert told(asked(till, url)) == [(Level.FAIL, f"what answers at {url} (status {status}) is not HQ")]


def test_a_till_that_is_not_paired_is_told_how(till: Till, url: str) -> None:
    there, clock, paired = asked(till, url)
    assert told([there]) == [(Level.OK, f"HQ answers at {url}")]
    assert clock.level is Level.OK
    assert (paired.level, "is not paired" in paired.text, "till pair CODE" in paired.advice) == (Level.WARN, True, True)


def test_a_paired_till_whose_book_cannot_be_read_is_not_told_to_pair(till: Till, url: str) -> None:
    till.context.keys.keep_token("token")
    found = check_link(SyncConfig(hq_url=url), till.context.config.data_dir, till.context.keys.folder, None)[-1]
    assert (found.level, found.text.startswith("this till is paired, but"), "code" in found.advice) == (
        Level.WARN,
        True,
        False,
    )


def test_a_paired_till_is_known_and_the_same(till: Till, sell: Sell, hq: Hq, url: str) -> None:
    pair(till.context, url, hq.make_pairing_code())
    sell(till, 4)
    with HttpLink(url, till.context.keys.token or "") as link:
        assert synchronise(till.context, link).mode is SyncMode.ONLINE
    sell(till, 7)
    found = asked(till, url)
    assert told(found[:2]) == [
        (Level.OK, f"HQ answers at {url}"),
        (Level.OK, "HQ knows this till, and its copy of the journal is the same"),
    ]
    assert found[2].about == "clock"
    assert found[2].level is Level.OK


def test_a_clock_far_from_hqs_is_found_by_hello_and_without_it(till: Till, hq: Hq, url: str) -> None:
    unpaired = asked(till, url, ahead=timedelta(hours=2))
    pair(till.context, url, hq.make_pairing_code())
    paired = asked(till, url, ahead=timedelta(hours=2))
    for found in (unpaired, paired):
        assert (Level.WARN, "the clock is 2 hours ahead of HQ's") in told(found)


def test_a_token_of_another_hq_is_told(till: Till, url: str) -> None:
    till.context.keys.keep_token("somebody-elses-token")
    found = asked(till, url)
    assert told(found)[1] == (Level.FAIL, "HQ does not know this till's token: another HQ, or one that was restored")
    assert "till pair CODE" in found[1].advice


def test_a_journal_that_hq_knows_otherwise_is_told(
    till: Till, sell: Sell, hq: Hq, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair(till.context, url, hq.make_pairing_code())
    sell(till, 4)
    with HttpLink(url, till.context.keys.token or "") as link:
        synchronise(till.context, link)
    monkeypatch.setattr("cli.doctor.link.hash_at", lambda *_: None)  # as if a restored disk lacked the entries
    assert "HQ holds entries of this till's journal that the till does not have" in told(asked(till, url))[1][1]


def test_what_waits_to_be_sent_is_counted(till: Till, sell: Sell) -> None:
    empty, keys, hq = state_of(till), till.context.keys.folder, SyncConfig(hq_url="http://127.0.0.1:9")
    sell(till, 1)
    state = state_of(till)
    entries = state.chain.entries
    waits = f"{entries} {'entry waits' if entries == 1 else 'entries wait'} to be sent to HQ"
    for runs in (True, False):
        unpaired = told(check_pending(hq, keys, state, agent_runs=runs))
        assert unpaired == [(Level.WARN, f"{waits} once this till is paired")]
        assert check_pending(hq, keys, empty, agent_runs=runs) == []
    till.context.keys.keep_token("token")
    assert told(check_pending(hq, keys, state, agent_runs=True)) == [
        (Level.OK, f"{waits}; the agent is running and sends them when HQ can be reached")
    ]
    assert told(check_pending(hq, keys, state, agent_runs=False)) == [(Level.WARN, f"{waits}, and no agent is running")]
    assert told(check_pending(hq, keys, empty, agent_runs=False)) == [(Level.OK, "HQ has acknowledged every entry")]
    assert check_pending(SyncConfig(), keys, state, agent_runs=False) == []
    assert check_pending(hq, keys, None, agent_runs=False) == []


def test_an_address_is_shown_without_a_password() -> None:
    assert shown("https://a:b@hq.example:8470/x") == "https://hq.example:8470/x"


def test_the_lock_of_hq_is_seen(hq: Hq) -> None:
    assert is_held(hq.config.data_dir / LOCK_FILE)
