"""No request of one till reads or changes what belongs to another, at any address; one that is shut out gets nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from hq.book.schema import metadata
from loyalty.journal.entry import LeaseDraw, Posting, Reference
from sync.protocol.epochs import HashAsked, encode_epoch_request, encode_hash_asked
from sync.protocol.leases import (
    Lease,
    LeaseRequest,
    Want,
    decode_lease_answer,
    encode_lease_request,
)
from sync.protocol.values import Batch, Hello
from sync.protocol.wire import decode_feed_page, decode_hello_answer, encode_batch, encode_hello, encode_pair_request
from tests.hq.digests import digest
from tests.hq.tills import POINTS, FakeTill
from tests.hq.web.conftest import Site
from tests.hq.web.test_access import OPEN, every_address

CONTROL = "/v1/control/"


@dataclass
class Two:
    """Two tills with journals at one HQ: mine asks, the other is asked about."""

    site: Site
    mine: FakeTill
    other: FakeTill

    def ask(self, method: str, path: str, **given: Any) -> requests.Response:
        return self.site.as_till(self.mine, method, path, **given)

    def others(self) -> list[tuple[object, ...]]:
        """All that HQ holds of the other till."""
        tables = sorted(table.name for table in metadata.tables.values() if "terminal_id" in table.c)
        query = "SELECT '{0}', * FROM {0} WHERE terminal_id = :till"
        return [row for table in tables for row in self.site.house.rows(query.format(table), till=self.other.id)]


@pytest.fixture
def two(site: Site) -> Two:
    both = Two(site, site.house.till("Till 1"), site.house.till("Till 2"))
    for number, till in enumerate((both.mine, both.other)):
        till.enrol(f"700{number}")
        till.add("teleport")
        site.house.take(till)
    return both


def batch_of(two: Two, **changes: Any) -> Batch:
    two.other.sale(bytes(16), 5)
    return replace(two.other.batch(3), **changes)


def hello_of(two: Two, **changes: Any) -> Hello:
    return replace(two.other.hello(), **changes)


def exchange_of(till: FakeTill, **changes: Any) -> LeaseRequest:
    wants = (Want(request_id=b"w" * 16, account=bytes(16), pool=None, unit=POINTS, least=1, most=5),)
    return replace(LeaseRequest(terminal=till.id, epoch=1, known=0, hq_epoch=None, wants=wants), **changes)


POSTED: dict[str, list[tuple[Callable[[Two], bytes], str]]] = {
    "/v1/sync/journal": [
        (lambda two: encode_batch(batch_of(two)), "terminal_mismatch"),
        (lambda two: encode_batch(batch_of(two, epoch=2)), "terminal_mismatch"),
        (lambda two: encode_batch(batch_of(two, terminal=two.mine.id)), "signature_wrong"),
        (lambda two: encode_batch(two.mine.signed(batch_of(two, terminal=two.mine.id))), "head_mismatch"),
        (lambda two: encode_batch(two.mine.signed(replace(two.other.batch(), terminal=two.mine.id))), "head_mismatch"),
    ],
    "/v1/sync/hash": [
        (lambda two: encode_hash_asked(HashAsked(terminal=two.other.id, epoch=1, sequence=1)), "terminal_mismatch"),
    ],
    "/v1/sync/epoch": [
        (lambda two: encode_epoch_request(two.other.epoch_request(2, 1)), "terminal_mismatch"),
        (lambda two: encode_epoch_request(two.other.epoch_request(2, 1, terminal=two.mine.id)), "signature_wrong"),
    ],
    "/v1/sync/leases": [
        (lambda two: encode_lease_request(exchange_of(two.other)), "terminal_mismatch"),
        (lambda two: encode_lease_request(exchange_of(two.other, held=(), wants=())), "terminal_mismatch"),
    ],
    "/v1/sync/hello": [
        (lambda two: encode_hello(hello_of(two)), "terminal_mismatch"),
        (lambda two: encode_hello(hello_of(two, epoch=2)), "terminal_mismatch"),
    ],
}
"""For each address to which a till posts: what it may try about another, and how that is refused."""
READ = (
    "/v1/sync/feed",
    "/v1/sync/feed/bucket",
    "/v1/sync/segments/{name}",
    "/v1/sync/snapshot",
    "/v1/sync/snapshot/{name}",
)
"""What a till reads: a bucket, a snapshot and a segment file are the same for all, and say nothing of anybody's journal."""


def test_every_address_of_tills_is_tried_here(two: Two) -> None:
    tried = {("POST", path) for path in POSTED} | {("GET", path) for path in READ}
    tills = {(method, path) for method, path in every_address(two.site.house) if path.startswith("/v1/")}
    assert {(method, path) for method, path in tills - OPEN if not path.startswith(CONTROL)} == tried


@pytest.mark.parametrize(
    ("path", "number"), [(path, number) for path, all_ in POSTED.items() for number in range(len(all_))]
)
def test_a_till_that_claims_anothers_id_is_refused_and_the_others_journal_stays(
    two: Two, path: str, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    body, code = POSTED[path][number]
    sent = body(two)
    before, book = two.others(), digest(two.site.house)
    with caplog.at_level(logging.INFO, "loyaltill.hq.refused"):
        answer = two.ask("POST", path, data=sent)
    assert answer.json()["error"] == code
    assert two.others() == before
    assert digest(two.site.house) == book
    (told,) = [record.getMessage() for record in caplog.records if record.name == "loyaltill.hq.refused"]
    assert told.startswith(f"refused till={two.mine.id.hex()} code={code} route={path}: ")


def test_a_hello_says_nothing_of_another_tills_journal(two: Two) -> None:
    for _ in range(3):
        two.other.add("teleport")
    two.site.house.take(two.other)
    answer = decode_hello_answer(
        two.ask("POST", "/v1/sync/hello", data=encode_hello(hello_of(two, terminal=two.mine.id))).content
    )
    assert (answer.resume_from, answer.held_head) == (len(two.mine.entries) + 1, two.mine.heads[-1])


def test_a_feed_says_nothing_of_another_tills_journal(two: Two) -> None:
    two.other.add("teleport")
    two.site.house.take(two.other, 3)
    for query in ("", f"&terminal={two.other.id.hex()}"):
        page = decode_feed_page(two.ask("GET", f"/v1/sync/feed?after=0&epoch=1{query}").content)
        assert (page.applied, page.parked) == (2, (2,))
    headers = {"Authorization": f"Bearer {two.site.house.tokens[two.mine.id]}", "X-Terminal": two.other.id.hex()}
    page = decode_feed_page(two.site.ask("GET", "/v1/sync/feed?after=0&epoch=1", headers=headers).content)
    assert (page.applied, page.parked) == (2, (2,))


def test_an_entry_that_names_anothers_entry_or_takes_its_id_changes_nothing_of_it(two: Two) -> None:
    member = two.other.enrol("7009")
    sale = two.other.sale(member, 40)
    two.site.house.take(two.other, 3)
    before = two.others()
    two.mine.add("sale", Posting(account=member, unit=POINTS, amount=1_000), entry_id=sale)
    two.mine.add("return", refs=(Reference(entry_id=sale, line=1),))
    assert two.ask("POST", "/v1/sync/journal", data=encode_batch(two.mine.batch(3))).json()["acked"] == 4
    assert two.others() == before
    assert two.site.house.points("7009") == 40, "the id was the other till's first"


def test_a_till_hears_of_no_other_tills_lease_and_draws_on_none(two: Two) -> None:
    member = two.other.enrol("7009")
    two.other.sale(member, 40)
    two.site.house.take(two.other, 3)
    (want,) = exchange_of(two.other).wants
    want = replace(want, account=member)
    lease = leases_of(two.site.as_till(two.other, "POST", LEASES, data=asked(two.other, wants=(want,)))).pop()
    before = two.others()
    for changes in ({}, {"held": (lease,)}, {"held": (replace(lease, terminal=two.mine.id),)}, {"wants": (want,)}):
        found = leases_of(two.ask("POST", LEASES, data=asked(two.mine, **changes)))
        assert {one.terminal for one in found} <= {two.mine.id}
    draw = LeaseDraw(lease=lease.lease_id, lot_id=None, amount=5)
    two.mine.add("sale", Posting(account=member, unit=POINTS, amount=-5), leases=(draw,))
    two.mine.add("close", closes=(lease.lease_id,))
    assert two.ask("POST", "/v1/sync/journal", data=encode_batch(two.mine.batch(3))).json()["acked"] == 4
    assert two.others() == before
    query = "SELECT reason FROM exception WHERE terminal_id = :till AND reason LIKE 'lease%' ORDER BY sequence"
    assert two.site.house.rows(query, till=two.mine.id) == [("lease_foreign",), ("lease_foreign",)]


LEASES = "/v1/sync/leases"


def asked(till: FakeTill, **changes: Any) -> bytes:
    return encode_lease_request(exchange_of(till, **{"wants": (), **changes}))


def leases_of(answer: requests.Response) -> list[Lease]:
    return [one.lease for one in decode_lease_answer(answer.content).changes]


def test_a_tills_token_opens_no_command_and_pairs_no_other_key(two: Two) -> None:
    code = two.site.house.hq.make_pairing_code()
    before = digest(two.site.house)
    for method, path in every_address(two.site.house):
        if path.startswith(CONTROL):
            assert two.ask(method, path, data=b"{}").json()["error"] == "unauthorized"
    forged = replace(two.mine.pair_request(code), public_key=two.other.public_key)
    answer = two.ask("POST", "/v1/pair", data=encode_pair_request(forged))
    assert answer.json()["error"] == "pairing_refused"
    assert digest(two.site.house) == before


def test_a_till_that_was_shut_out_is_refused_at_every_address_and_nothing_changes(
    two: Two, caplog: pytest.LogCaptureFixture
) -> None:
    two.site.house.hq.tills.revoke("Till 1", note="stolen")
    two.mine.sale(bytes(16), 5)
    bodies = {"/v1/sync/journal": encode_batch(two.mine.batch(3)), "/v1/sync/hello": encode_hello(two.mine.hello())}
    paths = [(method, path) for method, path in every_address(two.site.house) if path.startswith("/v1/")]
    before = digest(two.site.house)
    caplog.set_level(logging.INFO, "loyaltill.hq.refused")
    tried = [(method, path) for method, path in paths if (method, path) not in OPEN and not path.startswith(CONTROL)]
    for _ in range(3):
        for method, path in tried:
            answer = two.ask(method, path, data=bodies.get(path))
            assert (answer.status_code, answer.json()["error"]) == (403, "revoked"), path
    assert digest(two.site.house) == before
    told = [record.getMessage() for record in caplog.records if record.name == "loyaltill.hq.refused"]
    assert sorted(told) == sorted(
        f"refused till={two.mine.id.hex()} code=revoked route={path}: this till was shut out" for _, path in tried
    )
    request = two.mine.pair_request(two.site.house.hq.make_pairing_code())
    again = two.site.ask("POST", "/v1/pair", data=encode_pair_request(request))
    assert (again.status_code, again.json()["error"]) == (403, "revoked")


def test_the_other_till_goes_on_while_one_is_shut_out(two: Two) -> None:
    two.site.house.hq.tills.revoke("Till 1", lost=True)
    two.other.enrol("7002")
    answer = two.site.as_till(two.other, "POST", "/v1/sync/journal", data=encode_batch(two.other.batch(3)))
    assert answer.json()["acked"] == 3
