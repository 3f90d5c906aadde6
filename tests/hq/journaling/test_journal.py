"""HQ's own journal: written once, posted like a till's, chained like a till's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hq.accounts.holdings import holdings
from hq.journaling.drafts import HqDraft, job_entry_id
from hq.journaling.journal import ENTRIES_AT_ONCE, Written
from loyalty.holding.standing import Holdings
from loyalty.journal.chain import first_head, next_head, terminal_id
from loyalty.journal.codec import decode_core, decode_detail, detail_digest
from loyalty.journal.detail import DetailIssued, DetailTier, Override
from loyalty.journal.entry import EntryKind, Lot, Opened, Posting
from sync.protocol.values import FeedMember
from tests.hq.houses import House

DAY = date(2026, 3, 2)
COUPON = b"\x0c" * 16
SECRET = bytes(32)
LOT = Lot(lot_id=b"\x01" * 16, expires_at=5)


def draft(entry_id: bytes, *postings: Posting, kind: EntryKind = EntryKind.EXPIRE, **more: Any) -> HqDraft:
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    return HqDraft(entry_id=entry_id, kind=kind, at=at, currency="KZT", currency_scale=2, postings=postings, **more)


def taken(account: bytes, amount: int, lot: Lot | None = LOT) -> Posting:
    return Posting(account=account, unit="points", amount=amount, lot=lot)


def member_with_points(house: House) -> bytes:
    till = house.till()
    member = till.enrol("7001")
    till.add("sale", taken(member, 10))
    house.take(till)
    return member


def held(house: House, account: bytes) -> Holdings:
    with house.hq.book.read() as connection:
        return holdings(connection, account)


def test_a_draft_is_posted_and_its_entry_stands_in_a_chain_of_hqs_own(any_house: House) -> None:
    member = member_with_points(any_house)
    expire = draft(job_entry_id(SECRET, "expire", member, DAY), taken(member, -10), member=member, programme="0f" * 16)
    issue = draft(
        job_entry_id(SECRET, "birthday", member, DAY),
        taken(COUPON, 1, None),
        kind=EntryKind.ISSUE,
        opens=(Opened(account=COUPON, kind="coupon"),),
        member=member,
        issued=(DetailIssued(coupon="cake", code="C1", account=COUPON),),
    )
    assert any_house.hq.journal.write([expire, issue]) == Written(entries=2, known=0)
    assert held(any_house, member) == Holdings(balances=(("points", 0),))
    assert held(any_house, COUPON) == Holdings(balances=(("points", 1),))
    (row,) = any_house.rows("SELECT terminal_id, public_key, epoch FROM terminal WHERE role = 'hq'")
    own, key, epoch = row
    assert (own, epoch) == (terminal_id(key), 1)
    head = first_head(key, 1)
    stored = any_house.rows(
        "SELECT sequence, hash, core, detail FROM journal WHERE terminal_id = :own ORDER BY sequence", own=own
    )
    for sequence, (number, hash_, core, detail) in enumerate(stored, start=1):
        head = next_head(head, core)
        assert (number, hash_, decode_core(core).detail_digest) == (sequence, head, detail_digest(detail))
    assert [decode_core(row[2]).kind for row in stored] == ["expire", "issue"]
    said = decode_detail(stored[1][3])
    assert (said.member, said.issued, said.business_date) == (member, issue.issued, "2026-03-02")
    assert any_house.rows("SELECT sequence FROM journal_head WHERE terminal_id = :own", own=own) == [(2,)]


def test_a_job_that_runs_again_posts_nothing_again(any_house: House) -> None:
    member = member_with_points(any_house)
    drafts = [draft(job_entry_id(SECRET, "expire", member + unit, DAY), taken(member, -2)) for unit in (b"a", b"b")]
    journal = any_house.hq.journal
    assert journal.write([drafts[0], drafts[0]]) == Written(entries=1, known=1)
    assert journal.write(drafts) == Written(entries=1, known=1)
    assert journal.write(drafts) == Written(entries=0, known=2)
    assert journal.write([]) == Written(entries=0, known=0)
    assert held(any_house, member).balances == (("points", 6),)
    assert any_house.hq.totals().exceptions == 0


def test_a_job_may_be_longer_than_a_transaction(house: House) -> None:
    member = member_with_points(house)
    many = ENTRIES_AT_ONCE + 7
    drafts = (
        draft(job_entry_id(SECRET, "gift", bytes([n // 256, n % 256]), DAY), taken(member, 1)) for n in range(many)
    )
    assert house.hq.journal.write(drafts) == Written(entries=many, known=0)
    assert held(house, member).balances == (("points", 10 + many),)


def test_what_a_job_reads_and_writes_may_be_one_transaction(any_house: House) -> None:
    member = member_with_points(any_house)
    with any_house.hq.book.write() as connection:
        left = holdings(connection, member).balance("points")
        written = any_house.hq.journal.write_in(connection, [draft(b"\x0e" * 16, taken(member, -left))])
    assert (written.entries, held(any_house, member).balances) == (1, (("points", 0),))


def test_the_journal_goes_on_after_a_restart_under_the_same_key(
    build: Callable[..., House], any_url: str | None
) -> None:
    house = build(any_url)
    member = member_with_points(house)
    house.hq.journal.write([draft(b"\x01" * 16, taken(member, -1))])
    house.hq.close()
    again = build(any_url)
    again.hq.journal.write([draft(b"\x02" * 16, taken(member, -1)), draft(b"\x01" * 16, taken(member, -1))])
    assert again.rows("SELECT max(sequence), count(distinct terminal_id) FROM journal_head") == [(2, 2)]
    assert held(again, member).balances == (("points", 8),)


def test_a_tier_entry_moves_a_member(any_house: House) -> None:
    member = member_with_points(any_house)
    tier = DetailTier(before=None, after="gold", until=1_800_000_000)
    any_house.hq.journal.write([draft(b"\x01" * 16, kind=EntryKind.TIER, member=member, tier=tier)])
    rows = any_house.hq.feed.page(terminal=b"\x00" * 16, epoch=1, after=0).rows
    told = [row for row in rows if isinstance(row, FeedMember)]
    assert [(row.tier, row.tier_until) for row in told] == [("gold", 1_800_000_000)]


def test_what_cannot_be_posted_is_parked_as_a_tills(house: House) -> None:
    why = Override(operator="hq", reason="a mistake")
    lost = draft(b"\x01" * 16, taken(COUPON, 5), kind=EntryKind.ADJUST, override=why)
    assert house.hq.journal.write([lost]) == Written(entries=1, known=0)
    assert house.hq.totals().parked == 1


def test_hq_is_no_till(any_house: House) -> None:
    member = member_with_points(any_house)
    any_house.hq.journal.write([draft(b"\x01" * 16, taken(member, -1))])
    assert [till.name for till in any_house.hq.overview.tills()] == ["Till 1"]


@pytest.mark.parametrize(
    "other",
    [
        (SECRET, "tier", b"m", DAY),
        (SECRET, "expire", b"n", DAY),
        (SECRET, "expire", b"m", date(2026, 3, 3)),
        (SECRET, "expir", b"em", DAY),
        (b"\x01" * 32, "expire", b"m", DAY),
    ],
)
def test_the_id_of_what_a_job_does_depends_on_hqs_secret_job_subject_and_day(
    other: tuple[bytes, str, bytes, date],
) -> None:
    assert job_entry_id(SECRET, "expire", b"m", DAY) == job_entry_id(SECRET, "expire", b"m", DAY)
    assert job_entry_id(SECRET, "expire", b"m", DAY) != job_entry_id(*other)
