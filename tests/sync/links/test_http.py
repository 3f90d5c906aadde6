"""The way to HQ over HTTP: only answers that are HQ's count."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sync.links import http
from sync.links.http import HttpLink, Patience
from sync.protocol import wire
from sync.protocol.errors import HTTP_STATUS, LinkDown, NoSuchAddress, SyncErrorCode, SyncRefused
from sync.protocol.values import (
    Acknowledged,
    Batch,
    FeedPage,
    Hello,
    HelloAnswer,
    PairAnswer,
    PairRequest,
    SentEntry,
)

HELLO = Hello(
    protocol_min=1, protocol_max=1, terminal=bytes(16), epoch=1, sequence=0, head=bytes(32), hq_epoch_seen=None
)
ANSWER = HelloAnswer(
    epoch=1,
    durable=0,
    protocol=1,
    resume_from=1,
    held_head=bytes(32),
    hq_epoch="e1",
    hq_time=0,
    max_batch_entries=500,
    max_batch_bytes=1_000_000,
)
BATCH = Batch(
    terminal=bytes(16),
    epoch=1,
    first=1,
    head=bytes(32),
    through=1,
    entries=(SentEntry(core=b"{}", detail=b"{}"),),
    signature=bytes(64),
)
PAGE = FeedPage(hq_epoch="e1", after=3, upto=3, complete=True, applied=0, rows=())
REQUEST = PairRequest(code="ABCD", public_key=bytes(32), proof=bytes(64), store="S1", name="till 1")
PAIRED = PairAnswer(token="t0k3n", identifier_key=bytes(32), hq_key=bytes(32), hq_epoch="e1", merchant="M")
PORTAL = b"<html><body>Welcome to the cafe. Please log in.</body></html>"


class Server(ThreadingHTTPServer):
    """Answers everything with what ``reply`` gives, and remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply: Callable[[str], tuple[int, bytes, dict[str, str]]] = lambda _: (404, b"", {})
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hangs up is part of the test."""

    def give(self, status: int, body: bytes, **headers: str) -> None:
        self.reply = lambda _: (status, body, headers)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        status, answer, headers = self.server.reply(self.path)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(answer)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815  # the name is http.server's

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def link(server: Server) -> Iterator[HttpLink]:
    with HttpLink(server.url + "/", "t0k3n") as made:
        yield made


def test_each_message_goes_to_its_address_with_the_tills_token(server: Server, link: HttpLink) -> None:
    answers = {
        "/v1/sync/hello": wire.encode_hello_answer(ANSWER),
        "/v1/sync/journal": wire.encode_acknowledged(Acknowledged(acked=1, durable=0)),
        "/v1/sync/feed?after=3&epoch=1": wire.encode_feed_page(PAGE),
    }
    server.reply = lambda path: (200, answers[path], {})
    assert link.hello(HELLO) == ANSWER
    assert link.upload(BATCH) == Acknowledged(acked=1, durable=0)
    assert link.feed(3, 1) == PAGE
    assert [(method, path) for method, path, _, _ in server.asked] == [
        ("POST", "/v1/sync/hello"),
        ("POST", "/v1/sync/journal"),
        ("GET", "/v1/sync/feed?after=3&epoch=1"),
    ]
    assert {headers["Authorization"] for _, _, headers, _ in server.asked} == {"Bearer t0k3n"}
    assert wire.decode_batch(server.asked[1][3]) == BATCH


def test_pairing_sends_no_token(server: Server) -> None:
    server.give(200, wire.encode_pair_answer(PAIRED))
    assert http.pair(server.url, REQUEST) == PAIRED
    assert "Authorization" not in server.asked[0][2]
    assert wire.decode_pair_request(server.asked[0][3]) == REQUEST


@pytest.mark.parametrize("code", list(SyncErrorCode))
def test_a_refusal_of_hqs_is_a_refusal(server: Server, link: HttpLink, code: SyncErrorCode) -> None:
    server.give(HTTP_STATUS[code], wire.encode_refused(SyncRefused(code, "why", need=7)))
    with pytest.raises(SyncRefused) as raised:
        link.hello(HELLO)
    assert (raised.value.code, raised.value.detail, raised.value.need) == (code, "why", 7)


@pytest.mark.parametrize("status", [200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 429, 500, 502, 503, 511])
def test_a_page_that_is_not_hqs_is_a_dead_link(server: Server, link: HttpLink, status: int) -> None:
    server.give(status, b"" if status == 204 else PORTAL, Location="http://127.0.0.1:9/login")
    with pytest.raises(LinkDown):
        link.hello(HELLO)
    with pytest.raises(LinkDown):
        http.pair(server.url, REQUEST)


def test_an_hq_that_has_no_such_address_is_told_from_a_dead_link(server: Server, link: HttpLink) -> None:
    server.give(404, b'{"detail":"Not Found"}')
    with pytest.raises(NoSuchAddress):
        link.bucket(b"A" * 16)
    assert server.asked[0][1] == "/v1/sync/feed/bucket?from=" + "41" * 16
    server.give(502, PORTAL)
    with pytest.raises(LinkDown) as raised:
        link.bucket(b"A" * 16)
    assert not isinstance(raised.value, NoSuchAddress)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("999999999", http.MAX_RETRY_AFTER_S),
        ("9" * 10, 0),
        ("-7", 0),
        ("7.5", 0),
        ("٧", 0),
        ("Sat, 28 Nov 2026 12:00:00 GMT", 0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_to_stay_away_is_heard_whether_it_is_hq_or_not(
    server: Server, link: HttpLink, status: int, said: str, seconds: int
) -> None:
    busy = wire.encode_refused(SyncRefused(SyncErrorCode.BUSY, "later"))
    server.give(status, busy, Retry_After=said.encode().decode("latin-1"))
    with pytest.raises(SyncRefused) as refused:
        link.hello(HELLO)
    server.give(status, PORTAL, Retry_After=said.encode().decode("latin-1"))
    with pytest.raises(LinkDown) as down:
        link.hello(HELLO)
    assert (refused.value.code, refused.value.retry_after_s, down.value.retry_after_s) == (
        SyncErrorCode.BUSY,
        seconds,
        seconds,
    )


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, PORTAL, b'{"protocol": true}'])
def test_what_does_not_read_as_the_answer_asked_for_is_a_dead_link(server: Server, link: HttpLink, body: bytes) -> None:
    server.give(200, body)
    for ask in (lambda: link.hello(HELLO), lambda: link.upload(BATCH), lambda: link.feed(0, 1)):
        with pytest.raises(LinkDown):
            ask()


@pytest.mark.parametrize("status", [200, 500])
def test_an_endless_answer_is_cut_off(
    server: Server, link: HttpLink, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_MAX_ANSWER_BYTES", 100_000)
    server.give(status, b"x" * 1_000_000)
    with pytest.raises(LinkDown, match="larger"):
        link.feed(0, 1)


def test_a_bomb_of_gzip_is_cut_off(server: Server, link: HttpLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_MAX_ANSWER_BYTES", 1_000_000)
    server.give(200, gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    with pytest.raises(LinkDown, match="larger"):
        link.feed(0, 1)


@pytest.mark.parametrize("headers", [{"Content_Length": "1000"}, {"Content_Encoding": "gzip"}])
def test_an_answer_cut_in_the_middle_is_a_dead_link(server: Server, headers: dict[str, str]) -> None:
    server.give(200, wire.encode_hello_answer(ANSWER), Connection="close", **headers)
    patience = http.Patience(connect_s=3, read_s=0.3, whole_s=30)
    with HttpLink(server.url, "token", patience=patience) as hurried, pytest.raises(LinkDown):
        hurried.hello(HELLO)


@contextmanager
def saying(data: bytes) -> Iterator[str]:
    """A port that answers the first connection with ``data`` and nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            caller, _ = door.accept()
            with caller:
                caller.recv(65_536)
                caller.sendall(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        thread.join(5)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\1\2",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_even_http_is_a_dead_link(data: bytes) -> None:
    with saying(data) as url, HttpLink(url, "t") as link, pytest.raises(LinkDown):
        link.hello(HELLO)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "http://", "http://[::1", "http://.", "http://a..b", "http://127.0.0.1:99999", "ftp://h"],
)
def test_an_address_that_leads_nowhere_is_a_dead_link(url: str) -> None:
    with HttpLink(url, "t") as link, pytest.raises(LinkDown):
        link.hello(HELLO)
    with pytest.raises(LinkDown):
        http.pair(url, REQUEST)


def test_the_machines_proxy_settings_do_not_count(
    server: Server, link: HttpLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.give(200, wire.encode_hello_answer(ANSWER))
    assert link.hello(HELLO) == ANSWER


def test_no_error_shows_the_token(server: Server, link: HttpLink) -> None:
    server.give(500, PORTAL)
    with pytest.raises(LinkDown) as raised:
        link.hello(HELLO)
    assert "t0k3n" not in f"{raised.value!r} {raised.value.__cause__!r} {link!r}"


@pytest.mark.parametrize(
    "begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_an_answer_that_drips_is_ended_when_its_time_is_over(begun: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopped = threading.Event()

        def drip() -> None:
            answering, _ = listening.accept()
            with answering, suppress(OSError):
                answering.recv(65_536)
                answering.sendall(begun)
                while not stopped.wait(0.02):
                    answering.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        patience = Patience(connect_s=1.0, read_s=1.0, whole_s=0.3)
        began_s = time.monotonic()
        with (
            HttpLink(f"http://127.0.0.1:{listening.getsockname()[1]}", "t", patience=patience) as dripped,
            pytest.raises(LinkDown, match=r"within 0\.3 seconds"),
        ):
            dripped.hello(HELLO)
        took_s = time.monotonic() - began_s
        stopped.set()
        thread.join()
    assert 0.3 <= took_s < 5.0


def test_a_link_that_was_ended_once_goes_on(server: Server) -> None:
    patience = Patience(connect_s=1.0, read_s=5.0, whole_s=0.2)
    go_on = threading.Event()

    def slow(_: str) -> tuple[int, bytes, dict[str, str]]:
        go_on.wait(5)
        return 200, wire.encode_hello_answer(ANSWER), {}

    server.reply = slow
    with HttpLink(server.url, "t", patience=patience) as link:
        with pytest.raises(LinkDown, match="within"):
            link.hello(HELLO)
        go_on.set()
        assert link.hello(HELLO) == ANSWER
