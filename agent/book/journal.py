"""The journal's rows: append an entry, find one, hand a run of them to the upload."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, insert, literal_column, select, text

from agent.book import members
from agent.book.book import Writing
from agent.book.epochs import as_printed
from agent.book.schema import journal, pending
from agent.book.statements import Prepared, Row
from loyalty.journal.chain import next_head
from loyalty.journal.codec import decode_core, detail_digest, encode_core, encode_detail
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import EntryCore, EntryKind, LeaseDraw, Opened, Posting, Reference
from sync.protocol.values import SentEntry

_BATCH_HEADER_BYTES = 1_024
_c = journal.c
_INSERT = Prepared(insert(journal))
_INSERT_PENDING = Prepared(insert(pending))
_FOLLOW = Prepared(text("UPDATE pending SET account = :now WHERE sequence = :at AND account = :of"))
_ROW = select(_c.sequence, _c.entry_id, _c.kind, _c.hash, _c.receipt_number, _c.core, _c.detail, _c.answer_key)
_DETAIL = 6
_BY_ID = Prepared(_ROW.where(_c.entry_id == bindparam("entry_id")))
_BY_BUSINESS_KEY = Prepared(_ROW.where(_c.business_key == bindparam("business_key")))
_BY_SEQUENCE = Prepared(_ROW.where(_c.sequence == bindparam("sequence")))
_RUN = Prepared(
    select(_c.hash, _c.core, _c.detail)
    .where(_c.sequence >= bindparam("first"))
    .order_by(_c.sequence)
    .limit(bindparam("most"))
)
_CORES = Prepared(select(_c.core).order_by(_c.sequence))
_ENROLMENTS = Prepared(  # the kind is written out, not bound, so that SQLite sees that its partial index will do
    select(_c.entry_id, _c.detail)
    .where(_c.kind == literal_column("'enrol'"), _c.detail != literal_column("x''"))
    .order_by(_c.sequence)
)
_NOT_PENDING = Prepared(
    text(
        "SELECT sequence, core FROM journal WHERE (sequence > :applied OR sequence IN (SELECT value FROM json_each(:parked)))"
        " AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.sequence = journal.sequence) ORDER BY sequence"
    )
)
_LATEST_RECEIPTS = Prepared(
    _ROW.where(_c.receipt_number.is_not(None)).order_by(_c.sequence.desc()).limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One entry as it stands in the journal.

    Attributes:
        sequence: The till's own position.
        wire, hash: Its sequence and the hash after it in the epoch in which it was written, as its receipt says.
    """

    sequence: int
    wire: int
    entry_id: bytes
    kind: str
    hash: bytes
    receipt_number: int | None
    core: bytes
    detail: bytes
    answer_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry about to be written; its core's digest follows from the detail.

    Its postings name canonical accounts: under them this till counts the amounts until HQ shows them.

    Attributes:
        leases: What it draws under leases; whoever writes it has spent them in the same transaction.
        leased: How much of what is taken from an account, unit and lot (or None) is under leases.
        closes: Leases that it gives back.
    """

    entry_id: bytes
    kind: EntryKind
    detail: EntryDetail
    postings: tuple[Posting, ...] = ()
    references: tuple[Reference, ...] = ()
    opens: tuple[Opened, ...] = ()
    leases: tuple[LeaseDraw, ...] = ()
    leased: Mapping[tuple[bytes, str, bytes | None], int] = field(default_factory=dict)
    closes: tuple[bytes, ...] = ()
    programme: str | None = None
    business_key: bytes | None = None
    answer_key: str | None = None


def append(writing: Writing, draft: Draft) -> Stored:
    """Write an entry behind the head, and its postings as pending."""
    detail = encode_detail(draft.detail)
    core = encode_core(
        EntryCore(
            entry_id=draft.entry_id,
            kind=draft.kind.value,
            postings=draft.postings,
            references=draft.references,
            programme=draft.programme,
            detail_digest=detail_digest(detail),
            opens=draft.opens,
            leases=draft.leases,
            closes=draft.closes,
        )
    )
    number = draft.detail.receipt_number
    new_hash = next_head(writing.head.hash, core)
    sequence = writing.advance(new_hash, number)
    row = Stored(
        sequence=sequence,
        wire=writing.head.wire,
        entry_id=draft.entry_id,
        kind=draft.kind.value,
        hash=new_hash,
        receipt_number=number,
        core=core,
        detail=detail,
        answer_key=draft.answer_key,
    )
    _INSERT.run(
        writing.connection,
        sequence=sequence,
        entry_id=row.entry_id,
        kind=row.kind,
        hash=new_hash,
        receipt_number=number,
        business_key=draft.business_key,
        answer_key=draft.answer_key,
        core=core,
        detail=detail,
    )
    _INSERT_PENDING.run_many(
        writing.connection, [_pending_row(sequence, posting, draft.leased) for posting in draft.postings]
    )
    return row


def pend_where_they_are(connection: Connection, stored: Stored, named: Iterable[bytes]) -> None:
    """Count what an entry posted to some accounts where these went by merges: a hold names those of its own time."""
    for account in set(named):
        now = members.canonical(connection, account)
        if now != account:
            _FOLLOW.run(connection, at=stored.sequence, of=account, now=now)


def pend_again(connection: Connection, applied: int, parked: str) -> None:
    """Count own entries as pending again that HQ's balances contained once, and after its restore do not contain.

    Those are the entries behind position ``applied`` and the ``parked`` ones (positions, a list in JSON) that have nothing
    pending any more.
    """
    for sequence, core in _NOT_PENDING.rows(connection, applied=applied, parked=parked):
        rows = [_pending_row(sequence, posting, {}) for posting in decode_core(core).postings]
        _INSERT_PENDING.run_many(connection, [{**row, "account": _canonical(connection, row)} for row in rows])


def _canonical(connection: Connection, row: dict[str, object]) -> bytes:
    account = row["account"]
    assert isinstance(account, bytes)
    return members.canonical(connection, account)


def _pending_row(
    sequence: int, posting: Posting, leased: Mapping[tuple[bytes, str, bytes | None], int]
) -> dict[str, object]:
    lot = posting.lot
    covered = leased.get((posting.account, posting.unit, lot.lot_id if lot is not None else None), 0) if leased else 0
    return {
        "sequence": sequence,
        "account": posting.account,
        "unit": posting.unit,
        "amount": posting.amount,
        "lot_id": lot.lot_id if lot is not None else None,
        "usable_at": lot.usable_at if lot is not None else None,
        "expires_at": lot.expires_at if lot is not None else None,
        "leased": min(covered, max(0, -posting.amount)),
    }


def by_id(connection: Connection, entry_id: bytes) -> Stored | None:
    """Find an entry by its id."""
    return _stored(connection, _BY_ID.one(connection, entry_id=entry_id))


def by_business_key(connection: Connection, business_key: bytes) -> Stored | None:
    """Find the sale that a host sent before under another idempotency key."""
    return _stored(connection, _BY_BUSINESS_KEY.one(connection, business_key=business_key))


def by_sequence(connection: Connection, sequence: int) -> Stored | None:
    """Find an entry by its sequence."""
    return _stored(connection, _BY_SEQUENCE.one(connection, sequence=sequence))


def latest_receipts(connection: Connection, most: int) -> list[Stored]:
    """Give the last entries that have a receipt, the newest first."""
    rows = _LATEST_RECEIPTS.rows(connection, most=most)
    return [found for row in rows if (found := _stored(connection, row)) is not None]


def run(connection: Connection, before: bytes, first: int, most: int, most_bytes: int) -> Sequence[SentEntry]:
    """Give at least one and at most ``most`` entries from ``first`` on, cut before ``most_bytes`` are passed.

    They end before an entry whose bytes do not give its hash, going on from ``before``, the hash before the first; where
    that is the first one, there are none.
    """
    taken: list[SentEntry] = []
    size = _BATCH_HEADER_BYTES
    rows = _RUN.run(connection, first=first, most=most)
    for row in rows:
        stored, core, detail = tuple(row)
        before = next_head(before, core)
        if before != stored:
            break
        size += len(core) + len(detail) + 2
        if taken and size > most_bytes:
            break
        taken.append(SentEntry(core=core, detail=detail))
    rows.close()
    return taken


def enrolments(connection: Connection) -> list[tuple[bytes, bytes]]:
    """Give (entry id, detail) of every enrolment of this till, the oldest first."""
    return [(entry_id, detail) for entry_id, detail in _ENROLMENTS.run(connection)]


def _stored(connection: Connection, row: Row | None) -> Stored | None:
    if row is None or not row[_DETAIL]:  # erased: as if it had been removed
        return None
    sequence, entry_id, kind, chained, receipt_number, core, detail, answer_key = row
    wire, hash_ = as_printed(connection, sequence, chained)
    return Stored(
        sequence=sequence,
        wire=wire,
        entry_id=entry_id,
        kind=kind,
        hash=hash_,
        receipt_number=receipt_number,
        core=core,
        detail=detail,
        answer_key=answer_key,
    )


def cores(connection: Connection) -> Iterator[bytes]:
    """Stream the core of every entry, the oldest first."""
    for (core,) in _CORES.stream(connection):
        yield core
