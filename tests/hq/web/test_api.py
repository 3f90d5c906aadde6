"""The sync protocol over HTTP: what a till says is believed only as far as it can be read."""

from __future__ import annotations

import gzip
import logging
import socket
import zlib
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import update

from hq.book.schema import terminal
from hq.errors import BookBusy
from hq.ingest.service import Ingest
from hq.web.api import PAIR_BURST
from sync.links.http import HttpLink, pair
from sync.protocol.epochs import EpochOpened, HashAnswer, HashAsked, encode_epoch_request, encode_hash_asked
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.sums import bounds_of, bucket_of
from sync.protocol.values import MAX_WANTED, Acknowledged, FeedBalance
from sync.protocol.wire import encode_batch
from tests.hq.tills import FakeTill
from tests.hq.web.conftest import Site


def test_a_till_pairs_sends_and_hears_with_its_own_link(site: Site) -> None:
    till = FakeTill(site.house.chance)
    answer = pair(site.url, till.pair_request(site.house.hq.make_pairing_code()))
    member = till.enrol("7001")
    till.sale(member, 31)
    with HttpLink(site.url, answer.token) as link:
        assert link.hello(till.hello()).resume_from == 1
        assert link.upload(till.batch()) == Acknowledged(acked=2, durable=2)
        assert link.hello(till.hello()).resume_from == 3
        told = link.feed(0, 1)
    assert (told.complete, told.applied) == (True, 2)
    assert FeedBalance(account=member, unit="points", amount=31) in told.rows


def test_a_till_whose_disk_was_restored_mends_the_fork_with_its_own_link(site: Site) -> None:
    till = site.house.till()
    member = till.enrol("7001")
    for _ in range(4):
        till.sale(member, 10)
    restored = till.copied(2)
    restored.sale(member, 7)
    later = restored.reopened(2, 2)
    with HttpLink(site.url, site.house.tokens[till.id]) as link:
        link.upload(till.batch())
        assert link.hash_at(HashAsked(terminal=till.id, epoch=1, sequence=2)) == HashAnswer(held=5, hash=till.heads[2])
        assert link.open_epoch(restored.epoch_request(2, 2)) == EpochOpened(epoch=2)
        assert (link.hello(later.hello()).epoch, link.upload(later.batch()).acked) == (2, 1)
        told = link.feed(0, 2)
        with pytest.raises(SyncRefused) as caught:
            link.feed(0, 1)
    assert (caught.value.code, told.applied) == (SyncErrorCode.EPOCH_UNKNOWN, 1)
    assert FeedBalance(account=member, unit="points", amount=47) in told.rows


EPOCH_PATHS = ["/v1/sync/hash", "/v1/sync/epoch"]


@pytest.mark.parametrize("path", EPOCH_PATHS)
def test_what_is_no_question_about_epochs_is_refused(site: Site, path: str) -> None:
    till = site.house.till()
    for body in (b"", b"garbage", b"[]", b"{}", b'{"terminal":7}', b"{" * 3_000):
        answer = site.as_till(till, "POST", path, data=body)
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    answer = site.as_till(till, "POST", path, data=bytes(5_000))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert site.ask("POST", path, data=b"{}").status_code == 401


@pytest.mark.parametrize("path", EPOCH_PATHS)
def test_no_till_asks_about_another_and_a_revoked_one_about_none(site: Site, path: str) -> None:
    till, other = site.house.till(), site.house.till("Till 2")
    till.enrol("7001")
    site.house.take(till)
    asked = encode_hash_asked(HashAsked(terminal=till.id, epoch=1, sequence=1))
    body = asked if path == EPOCH_PATHS[0] else encode_epoch_request(till.epoch_request(2, 1))
    answer = site.as_till(other, "POST", path, data=body)
    assert (answer.status_code, answer.json()["error"]) == (403, "terminal_mismatch")
    with site.house.hq.book.write() as connection:
        connection.execute(update(terminal).values(revoked_at_ms=1))
    answer = site.as_till(till, "POST", path, data=body)
    assert (answer.status_code, answer.json()["error"]) == (403, "revoked")
    assert site.house.rows("SELECT * FROM epoch_opening") == []


def test_a_batch_that_the_tills_key_did_not_sign_is_refused_with_its_code(site: Site) -> None:
    till, other = site.house.till(), site.house.till("Till 2")
    till.enrol("7001")
    answer = site.as_till(till, "POST", "/v1/sync/journal", data=encode_batch(other.signed(till.batch())))
    assert (answer.status_code, answer.json()["error"]) == (403, "signature_wrong")
    assert site.house.rows("SELECT * FROM journal") == []


def test_a_refusal_says_its_code_and_what_is_needed(site: Site) -> None:
    till = site.house.till()
    for number in range(2):
        till.enrol(f"700{number}")
    answer = site.as_till(till, "POST", "/v1/sync/journal", data=encode_batch(till.batch(2)))
    assert (answer.status_code, answer.json()["error"], answer.json()["need"]) == (409, "gap", 1)


def test_a_decompression_bomb_is_refused(site: Site) -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=9)
    answer = site.as_till(site.house.till(), "POST", "/v1/sync/journal", data=bomb)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        zlib.compress(b"{}"),
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b"[]\n\n", mtime=0),
        gzip.compress(b"", mtime=0),
    ],
)
def test_bodies_that_are_no_batch_are_refused(site: Site, body: bytes) -> None:
    answer = site.as_till(site.house.till(), "POST", "/v1/sync/journal", data=body)
    assert (answer.status_code, answer.json()["error"]) in {(400, "malformed"), (413, "too_large")}


def test_a_batch_cut_short_is_refused_and_nothing_changes(site: Site) -> None:
    till = site.house.till()
    till.enrol("7001")
    body = encode_batch(till.batch())
    for end in range(1, len(body), 23):
        answer = site.as_till(till, "POST", "/v1/sync/journal", data=body[:end])
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert site.house.rows("SELECT * FROM journal") == []


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(site: Site) -> None:
    token = site.house.tokens[site.house.till().id]
    head = (
        f"POST /v1/sync/journal HTTP/1.1\r\nHost: hq\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {2**30}\r\n\r\n"
    )
    assert b" 413 " in first_line(site.url, head.encode())


def test_a_body_without_a_length_is_cut_off_at_the_bound(site: Site) -> None:
    till = site.house.till()
    sent = 0

    def endless() -> object:
        nonlocal sent
        while sent < 2**30:
            sent += 1024 * 1024
            yield bytes(1024 * 1024)

    with suppress(requests.ConnectionError):  # HQ may close before its answer is read
        assert site.as_till(till, "POST", "/v1/sync/journal", data=endless()).status_code == 413
    assert sent < 2**27


def test_strangers_cannot_make_hq_read_a_body(site: Site) -> None:
    head = f"POST /v1/sync/journal HTTP/1.1\r\nHost: hq\r\nContent-Length: {2**20}\r\n\r\n"
    assert b" 401 " in first_line(site.url, head.encode())


def first_line(url: str, head: bytes) -> bytes:
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as connection:
        connection.sendall(head)
        return connection.recv(4096).split(b"\r\n")[0]


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30, "٣", ""])
def test_a_cursor_that_is_no_number_is_refused(site: Site, after: str) -> None:
    answer = site.as_till(site.house.till(), "GET", f"/v1/sync/feed?after={after}&epoch=1")
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ("01", 400, "malformed"),
        ("zz" * 16, 400, "malformed"),
        (",".join(["01" * 16] * (MAX_WANTED + 1)), 413, "too_large"),
    ],
)
def test_members_that_are_no_ids_or_too_many_are_refused(site: Site, members: str, status: int, code: str) -> None:
    answer = site.as_till(site.house.till(), "GET", f"/v1/sync/feed?after=0&members={members}")
    assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_a_till_asks_for_members_by_name(site: Site) -> None:
    till = FakeTill(site.house.chance)
    answer = pair(site.url, till.pair_request(site.house.hq.make_pairing_code()))
    member = till.enrol("7001")
    with HttpLink(site.url, answer.token) as link:
        link.upload(till.batch())
        assert link.feed(0, 1, (member, b"?" * 16)).told == (member, b"?" * 16)


def test_a_till_asks_for_a_bucket_from_an_account_on(site: Site) -> None:
    till = site.house.till()
    member = till.enrol("7001")
    till.sale(member, 31)
    site.house.take(till)
    first, last = bounds_of(bucket_of(member))
    with HttpLink(site.url, site.house.tokens[till.id]) as link:
        told = link.bucket(first)
    assert (told.first, told.last, told.next) == (first, last, None)
    assert told.rows == (FeedBalance(account=member, unit="points", amount=31),)


@pytest.mark.parametrize("first", ["", "41", "zz" * 16, "41" * 17, "٤١" * 16])
def test_a_bucket_from_what_is_no_id_is_refused(site: Site, first: str) -> None:
    answer = site.as_till(site.house.till(), "GET", f"/v1/sync/feed/bucket?from={first}")
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_guessing_codes_is_slowed_down(site: Site) -> None:
    request = FakeTill(site.house.chance).pair_request("00000-00000")
    codes = []
    for _ in range(PAIR_BURST + 1):
        with pytest.raises(SyncRefused) as caught:
            pair(site.url, request)
        codes.append(caught.value.code)
    assert codes == [SyncErrorCode.PAIRING_REFUSED] * PAIR_BURST + [SyncErrorCode.BUSY]
    site.house.clock.pass_time(minutes=1)
    with pytest.raises(SyncRefused) as caught:
        pair(site.url, request)
    assert caught.value.code is SyncErrorCode.PAIRING_REFUSED


def test_a_book_that_is_busy_is_said_so_that_the_till_comes_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Acknowledged:
        raise BookBusy("the disk of HQ's book is full")

    monkeypatch.setattr(Ingest, "batch", full)
    till = site.house.till()
    till.enrol("7001")
    answer = site.as_till(till, "POST", "/v1/sync/journal", data=encode_batch(till.batch()))
    assert (answer.status_code, answer.json()["error"], answer.headers["Retry-After"]) == (503, "busy", "5")


def test_a_bug_is_answered_plainly_and_logged_once_without_the_body(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def bug(*_: object) -> Acknowledged:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Ingest, "batch", bug)
    till = site.house.till()
    till.enrol("970012345678")
    with caplog.at_level(logging.DEBUG):
        answer = site.as_till(till, "POST", "/v1/sync/journal", data=encode_batch(till.batch()))
    assert (answer.status_code, answer.json()) == (500, {"error": "internal"})
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [
        "a request to /v1/sync/journal failed"
    ]
    assert "970012345678" not in caplog.text
    assert site.house.tokens[till.id] not in caplog.text


def test_health_says_that_hq_answers_and_no_more(site: Site) -> None:
    answer = site.ask("GET", "/health")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
