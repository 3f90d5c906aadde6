"""Bad input at HQ's sync addresses: refused with a code, logged once, and nothing in the book is another than before."""

from __future__ import annotations

import gzip
import logging
import os
import random
import socket
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from loyalty.journal.codec import canonical_json
from loyalty.journal.entry import Posting
from sync.protocol.errors import SyncRefused
from sync.protocol.values import MAX_BATCH_BYTES
from sync.protocol.wire import MAX_COMPRESSED_BYTES, MAX_MESSAGE_BYTES, decode_batch, encode_batch, encode_hello
from tests.hq.digests import digest
from tests.hq.houses import START
from tests.hq.tills import POINTS, FakeTill
from tests.hq.web.conftest import Site

JOURNAL, HELLO, FEED, PAIR = "/v1/sync/journal", "/v1/sync/hello", "/v1/sync/feed?after=0", "/v1/pair"
GIGABYTE = 2**30
ROOM_BYTES = 64 * 1024 * 1024
"""How much more memory HQ may take while it is fed a gigabyte."""


GARBAGE = int(os.environ.get("GARBAGE", "1500"))
"""How many small requests of garbage are sent; GARBAGE=10000 sends as many, which takes a minute or two."""


@pytest.fixture(autouse=True)
def heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "loyaltill.hq.refused")


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage().partition(":")[0] for record in caplog.records if "refused till=" in record.getMessage()
    ]


def line(till: FakeTill | None, code: str, path: str = JOURNAL) -> str:
    return f"refused till={till.id.hex() if till else '-'} code={code} route={path.partition('?')[0]}"


def said(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def plain_of(body: bytes) -> bytes:
    """A batch as gzip would hold it: a header, then cores and details as they were stored."""
    batch = decode_batch(body)
    given = {"terminal": batch.terminal.hex(), "epoch": 1, "first": batch.first, "count": len(batch.entries)}
    more = {"head": batch.head.hex(), "through": batch.through, "signature": batch.signature.hex()}
    header = canonical_json({**given, **more, "ids": None})
    return b"\n".join([header, *(part for one in batch.entries for part in (one.core, one.detail))])


def full_till(site: Site) -> FakeTill:
    """A till with entries that HQ holds, and one more that it does not."""
    till = site.house.till()
    member = till.enrol("7001")
    till.sale(member, 5)
    site.house.take(till)
    till.sale(member, 7)
    return till


@pytest.fixture
def unchanged(site: Site) -> Iterator[Callable[[], None]]:
    """Call it when all is set up; at the end the book is as it was then."""
    before: list[str] = []
    yield lambda: before.append(digest(site.house))
    assert before, "the test did not say from when on nothing changes"
    assert digest(site.house) == before[-1]


def test_a_batch_cut_short_at_any_byte_is_no_batch(site: Site) -> None:
    till = full_till(site)
    body = encode_batch(till.batch())
    for end in range(len(body)):
        with pytest.raises(SyncRefused):
            decode_batch(body[:end])
    assert decode_batch(body) == till.batch()


def test_batches_cut_short_are_refused_by_the_served_hq_and_told_once(
    site: Site, unchanged: Callable[[], None], caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    till = full_till(site)
    body = encode_batch(till.batch(3))
    unchanged()
    ends = sorted(
        {
            0,
            1,
            9,
            10,
            11,
            len(body) - 9,
            len(body) - 8,
            len(body) - 1,
            *random.Random(seed).sample(range(len(body)), 40),
        }
    )
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {site.house.tokens[till.id]}"
        answers = [session.post(site.url + JOURNAL, data=body[:end], timeout=20) for end in ends]
    assert {said(answer) for answer in answers} == {(400, "malformed")}
    assert refusals(caplog) == [line(till, "malformed")]


def test_a_body_that_is_shorter_than_announced_is_refused(
    site: Site, unchanged: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    till = full_till(site)
    body = encode_batch(till.batch(3))
    unchanged()
    for cut in (1, len(body) // 2, len(body)):
        with closing(connected(site, till, f"Content-Length: {len(body)}")) as connection:
            connection.sendall(body[: len(body) - cut])
            connection.shutdown(socket.SHUT_WR)
            answered(connection)
    wait_until(lambda: refusals(caplog) == [line(till, "malformed")])


def test_a_bit_turned_anywhere_in_a_batch_stores_nothing(site: Site, unchanged: Callable[[], None], seed: int) -> None:
    till = full_till(site)
    chance = random.Random(seed)
    body = encode_batch(till.batch(3))
    unchanged()
    codes: Counter[str] = Counter()
    for _ in range(60):
        codes[sent(site, till, turned(body, chance, range(2, len(body))))] += 1
    assert set(codes) == {"malformed"}, "the checksum finds every one"
    plain = plain_of(body)
    core = range(plain.index(b"\n") + 1, plain.rindex(b"\n"))
    start = plain.index(till.heads[3].hex().encode())
    for places, named in ((core, {"head_mismatch"}), (range(start, start + 64), {"malformed", "signature_wrong"})):
        codes.clear()
        for _ in range(40):
            codes[sent(site, till, gzip.compress(turned(plain, chance, places)))] += 1
        assert set(codes) <= named
        assert codes[max(named)] > 0


def turned(body: bytes, chance: random.Random, places: range) -> bytes:
    """Turn one bit; not one of those that only fill a byte up behind a block of deflate, and say nothing."""
    while True:
        other = bytearray(body)
        other[chance.choice(places)] ^= 1 << chance.randrange(5)  # not the bit that makes a hex digit a capital one
        if meant(bytes(other)) is None or meant(bytes(other)) != meant(body):
            return bytes(other)


def meant(body: bytes) -> object:
    """What a body says, or None."""
    try:
        return decode_batch(body)
    except SyncRefused:
        return None


def sent(site: Site, till: FakeTill, body: bytes) -> str:
    """Send a body; gives the code with which it is refused."""
    return str(site.as_till(till, "POST", JOURNAL, data=body).json().get("error", "taken"))


def test_an_old_request_sent_again_changes_nothing(
    site: Site, unchanged: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    till = site.house.till()
    member = till.enrol("7001")
    till.sale(member, 5)
    code = site.house.hq.make_pairing_code()
    pairing = till.pair_request(code)
    site.house.tokens[till.id] = site.house.hq.pairing.pair(pairing).token
    old = encode_batch(till.batch())
    assert site.as_till(till, "POST", JOURNAL, data=old).json() == {"acked": 2, "durable": 2}
    till.sale(member, 6)
    assert site.as_till(till, "POST", JOURNAL, data=encode_batch(till.batch(3))).json()["acked"] == 3
    unchanged()
    for _ in range(3):
        assert site.as_till(till, "POST", JOURNAL, data=old).json() == {"acked": 3, "durable": 3}
    body = canonical_json(
        {
            "code": pairing.code,
            "public_key": pairing.public_key.hex(),
            "proof": pairing.proof.hex(),
            "store": pairing.store,
            "name": pairing.name,
        }
    )
    assert said(site.ask("POST", PAIR, data=body)) == (403, "pairing_refused")
    assert refusals(caplog) == [line(None, "pairing_refused", PAIR)]


@pytest.mark.parametrize(
    ("off", "counts_from"),
    [
        (timedelta(days=1), START + timedelta(minutes=5)),
        (timedelta(days=-1), START - timedelta(days=1)),
        (timedelta(minutes=4), START + timedelta(minutes=4)),
    ],
)
def test_a_clock_that_is_off_is_kept_as_claimed_and_counts_at_most_five_minutes_ahead(
    site: Site, off: timedelta, counts_from: datetime
) -> None:
    till = site.house.till()
    claimed = START + off
    till.enrol("7001", local_time=claimed.isoformat(), business_date=claimed.date().isoformat())
    assert site.as_till(till, "POST", JOURNAL, data=encode_batch(till.batch())).ok
    query = "SELECT claimed_at_ms, received_at_ms, effective_at_ms FROM entry JOIN journal USING (terminal_id, epoch, sequence)"
    ((*instants,),) = site.house.rows(query)
    assert [datetime.fromtimestamp(at_ms / 1000, UTC) for at_ms in instants] == [claimed, START, counts_from]


def test_a_body_that_is_announced_as_a_gigabyte_is_refused_at_every_address_before_it_is_sent(
    site: Site, unchanged: Callable[[], None]
) -> None:
    till = full_till(site)
    unchanged()
    for path in (JOURNAL, HELLO, PAIR, "/v1/control/stock", "/sign-in", "/nowhere"):
        with closing(connected(site, till, f"Content-Length: {GIGABYTE}", path=path)) as connection:
            head = answered(connection)
        status = int(head.split(b" ")[1])
        assert status == {"/v1/control/stock": 401, "/nowhere": 404}.get(path, 413), (path, head)
        assert b"connection: close" in head.lower(), path


def test_a_gigabyte_that_is_sent_is_cut_off_and_takes_no_memory(
    site: Site, unchanged: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    till = full_till(site)
    unchanged()
    process = psutil.Process()
    before = process.memory_info().rss
    most = before
    part = os.urandom(64 * 1024)
    for _ in range(8):
        with closing(connected(site, till, "Transfer-Encoding: chunked")) as connection:
            sent = 0
            with suppress(OSError):
                while sent < GIGABYTE:
                    connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                    sent += len(part)
                    most = max(most, process.memory_info().rss)
            assert MAX_COMPRESSED_BYTES <= sent < 4 * MAX_COMPRESSED_BYTES, "it was cut off near its bound"
    assert most - before < ROOM_BYTES
    assert refusals(caplog) == [line(till, "too_large")]


def bombs() -> dict[str, bytes]:
    """What expands to far more than a batch may be, or hides something behind one."""
    level = {"compresslevel": 9}
    zeros = gzip.compress(bytes(200 * 1024 * 1024), **level)
    feeds = gzip.compress(b"\n" * (MAX_BATCH_BYTES - 1), **level)
    member = gzip.compress(bytes(1024 * 1024), **level)
    return {
        "one member of 200 MiB": zeros,
        "four thousand members of 1 MiB": member * 4_000,
        "members without an end": member * 3 + member[:-5],
        "millions of empty lines": feeds,
        "a head of 4 MiB": gzip.compress(b'{"a":"' + b"x" * (MAX_BATCH_BYTES - 100) + b'"}\n', **level),
        "a file name without an end": b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * (MAX_COMPRESSED_BYTES - 100),
        "a phrase for each byte": gzip.compress(b'{"count":1,"ids":0}\n' + b"\x03" * 4_000_000 + b"\n\n", **level),
        "a digest for each byte": gzip.compress(b'{"count":1,"ids":0}\n' + b"\x02" * 4_000_000 + b"\n\n", **level),
        "an id for each byte": gzip.compress(
            b'{"count":1,"ids":200000}\n' + b"\x01" * 200_000 + b"\n\n" + bytes(3_200_000)
        ),
        "deeply nested": gzip.compress(b"[" * (MAX_MESSAGE_BYTES - 1)),
        "a number of 60,000 digits": gzip.compress(b'{"count":' + b"9" * 60_000 + b"}"),
    }


@pytest.mark.parametrize("name", bombs())
def test_a_bomb_is_refused_and_expands_no_further_than_a_batch_may(
    site: Site, unchanged: Callable[[], None], caplog: pytest.LogCaptureFixture, name: str
) -> None:
    till = full_till(site)
    bomb = bombs()[name]
    unchanged()
    tracemalloc.start()
    try:
        answer = site.as_till(till, "POST", JOURNAL, data=bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said(answer) in {(400, "malformed"), (413, "too_large")}
    assert peak < 10 * MAX_BATCH_BYTES
    assert refusals(caplog) == [line(till, answer.json()["error"])]


@pytest.mark.parametrize("more", [b"x", bytes(8), gzip.compress(b"{}", mtime=0), gzip.compress(b"", mtime=0)])
def test_what_follows_a_batch_is_refused_with_it(site: Site, unchanged: Callable[[], None], more: bytes) -> None:
    till = full_till(site)
    unchanged()
    answer = site.as_till(till, "POST", JOURNAL, data=encode_batch(till.batch(3)) + more)
    assert said(answer) == (400, "malformed")


def test_a_batch_in_two_members_is_refused_too(site: Site, unchanged: Callable[[], None]) -> None:
    till = full_till(site)
    plain = plain_of(encode_batch(till.batch(3)))
    unchanged()
    halves = gzip.compress(plain[:100]) + gzip.compress(plain[100:])
    assert gzip.decompress(halves) == plain
    assert said(site.as_till(till, "POST", JOURNAL, data=halves)) == (400, "malformed")
    raw = zlib.compress(plain)[2:]
    assert said(site.as_till(till, "POST", JOURNAL, data=raw)) == (400, "malformed")


def test_a_body_that_comes_drop_by_drop_is_given_up(
    house_of_little_patience: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site = house_of_little_patience
    till = full_till(site)
    before = digest(site.house)
    begun = time.monotonic()
    with closing(connected(site, till, "Content-Length: 100")) as connection:
        connection.settimeout(0.2)
        head = b""
        while not head and time.monotonic() < begun + 20:
            with suppress(OSError):
                connection.sendall(b"x")
            with suppress(TimeoutError):
                head = connection.recv(4096)
    assert b" 400 " in head.split(b"\r\n")[0]
    assert time.monotonic() - begun < 10
    assert refusals(caplog) == [line(till, "malformed")]
    assert digest(site.house) == before


@pytest.fixture
def house_of_little_patience(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The same HQ served once more, with bodies that must come within a second."""
    from hq.server import ServerThread
    from hq.web import app as application
    from hq.web.bodies import Bodies

    monkeypatch.setattr(application, "Bodies", lambda: Bodies(wait_s=1.0))
    monkeypatch.delattr(site.house.hq, "app")
    with ServerThread(site.house.hq) as server:
        yield Site(site.house, server.url)


@pytest.mark.parametrize("head", [b"", b"POST /v1/sync/journal HTTP/1.1\r\n"])
@pytest.mark.parametrize("earlier", [False, True], ids=["first", "second"])
def test_a_head_that_does_not_come_in_time_costs_the_connection(
    site: Site, monkeypatch: pytest.MonkeyPatch, head: bytes, earlier: bool
) -> None:
    monkeypatch.setattr("hq.web.listening.HEAD_WAIT_S", 1)
    place = urlsplit(site.url)
    begun = time.monotonic()
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as connection:
        if earlier:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: hq\r\n\r\n")
            assert b" 200 " in answered(connection)
            head = head or b"P"
        connection.sendall(head)
        assert connection.recv(4096) == b""
    assert 0.9 < time.monotonic() - begun < 10


def test_one_till_cannot_keep_more_than_a_few_requests_open_and_the_others_are_served(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    greedy, other = site.house.till("Till 1"), site.house.till("Till 2")
    other.enrol("7001")
    held = [connected(site, greedy, "Content-Length: 100") for _ in range(6)]
    try:
        wait_until(lambda: said_busy(site, greedy))
        assert site.as_till(other, "POST", JOURNAL, data=encode_batch(other.batch())).json()["acked"] == 1
    finally:
        for connection in held:
            connection.close()
    wait_until(lambda: not said_busy(site, greedy))
    assert line(greedy, "busy", HELLO) in refusals(caplog)


def said_busy(site: Site, till: FakeTill) -> bool:
    return site.as_till(till, "POST", HELLO, data=encode_hello(till.hello())).status_code == 503


def test_small_garbage_by_the_thousand_is_refused_told_a_few_times_and_changes_nothing(
    site: Site, unchanged: Callable[[], None], caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    till = full_till(site)
    chance = random.Random(seed)
    token = site.house.tokens[till.id]
    unchanged()
    caplog.set_level(logging.DEBUG)
    codes: Counter[int] = Counter()
    place = (urlsplit(site.url).hostname or "", urlsplit(site.url).port or 0)
    with ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection(place, timeout=20))
        for _ in range(GARBAGE):
            garbage = chance.randbytes(chance.randrange(1, 60))
            who = chance.choice((token, chance.randbytes(8).hex(), ""))
            head = [f"POST {chance.choice((JOURNAL, HELLO))} HTTP/1.1", "Host: hq", f"Authorization: Bearer {who}"]
            request = "\r\n".join([*head, f"Content-Length: {len(garbage)}", "", ""]).encode() + garbage
            if chance.random() < 0.02:
                request = b"\0" + request
            connection.sendall(request)
            first = answered(connection)
            codes[int(first.split(b" ")[1])] += 1
            if b"connection: close" in first.lower():
                stack.close()
                connection = stack.enter_context(socket.create_connection(place, timeout=20))
    assert sum(codes.values()) == GARBAGE
    assert set(codes) == {400, 401}
    told = refusals(caplog)
    assert sorted(told) == sorted(
        line(who, code, path)
        for who, code in ((till, "malformed"), (None, "unauthorized"))
        for path in (JOURNAL, HELLO)
    )
    others = [
        record.getMessage() for record in caplog.records if record.name.startswith(("uvicorn.error", "loyaltill"))
    ]
    assert len(others) <= len(told) + 2
    assert token not in caplog.text


def test_what_was_refused_never_stands_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    till = full_till(site)
    caplog.set_level(logging.DEBUG)
    card = "9700123456789012"
    till.add("sale", Posting(account=bytes(16), unit=POINTS, amount=1), identifier=card)
    body = plain_of(encode_batch(till.batch(4)))
    assert (
        said(site.as_till(till, "POST", JOURNAL, data=gzip.compress(body.replace(b'"count":1', b'"count":2'))))[0]
        == 400
    )
    site.as_till(till, "POST", HELLO, data=f'{{"terminal":"{card}"}}'.encode())
    assert len(refusals(caplog)) == 2
    assert card not in caplog.text
    assert site.house.tokens[till.id] not in caplog.text


def connected(site: Site, till: FakeTill, *headers: str, path: str = JOURNAL) -> socket.socket:
    """A connection on which a request's head was sent."""
    place = urlsplit(site.url)
    connection = socket.create_connection((place.hostname or "", place.port or 0), timeout=20)
    lines = [f"POST {path} HTTP/1.1", "Host: hq", f"Authorization: Bearer {site.house.tokens[till.id]}", *headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def answered(connection: socket.socket) -> bytes:
    """The head of one answer; its body is read too."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length")]
    length = lengths[0] if lengths else 0
    while len(body) < length:
        body += connection.recv(65536)
    return head


def wait_until(holds: Callable[[], bool], *, longest_s: float = 20) -> None:
    end = time.monotonic() + longest_s
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)
