"""Rot: an entry whose bytes no longer give its hash is sealed as evidence; nobody guesses what it was.

The chain says which bytes changed: of two neighbours that do not fit, the one that the next entry goes on from is whole. An entry that
is sealed keeps its position; a new one of kind `evidence` stands there, with the changed bytes in its detail. It posts nothing, and a
person at HQ decides. Source: docs/SPEC-journal.md, section 9.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, bindparam, select, update

from agent.book.schema import journal, pending
from agent.book.statements import Prepared
from loyalty.journal.chain import next_head
from loyalty.journal.codec import decode_detail, detail_digest, encode_core, encode_detail
from loyalty.journal.detail import DetailEvidence, EntryDetail
from loyalty.journal.entry import ENTRY_ID_BYTES, SALT_BYTES, EntryCore, EntryKind
from loyalty.journal.shapes import MalformedEntry

MOST_BYTES = 128 * 1024
"""Most bytes of each changed part that the evidence keeps: hexadecimal doubles them, and a detail is bounded."""
_MOST_POSTINGS = 200
_UNKNOWN = EntryDetail(
    salt=bytes(SALT_BYTES),
    local_time="1970-01-01T00:00:00+00:00",
    business_date="1970-01-01",
    store="?",
    currency="XXX",
    currency_scale=0,
)
_DETAIL = Prepared(select(journal.c.detail).where(journal.c.sequence == bindparam("position")))
_PENDING = Prepared(
    select(pending.c.account, pending.c.unit, pending.c.amount)
    .where(pending.c.sequence == bindparam("position"))
    .limit(bindparam("most"))
)
_SEAL = Prepared(
    update(journal)
    .where(journal.c.sequence == bindparam("position"))
    .values(
        entry_id=bindparam("new_id"),
        kind=EntryKind.EVIDENCE.value,
        core=bindparam("new_core"),
        detail=bindparam("new_detail"),
        business_key=bindparam("nothing"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry as it is stored: its position, the hash after it, its core, and the hash before the first of an epoch."""

    position: int
    hash: bytes
    core: bytes
    begins: bytes | None


def sound(before: bytes, rows: Sequence[Row]) -> Iterator[tuple[Row, bool]]:
    """Tell of each row, in order, whether its core is the one that was written.

    Args:
        before: The hash before the first row, known to be good.
        rows: As stored, without gaps.
    """
    for place, row in enumerate(rows):
        before = row.begins or before
        computed = next_head(before, row.core)
        following = rows[place + 1] if place + 1 < len(rows) else None
        whole = computed == row.hash or (
            following is not None
            and following.begins is None
            and next_head(computed, following.core) == following.hash  # only the hash beside it changed
        )
        before = computed if whole else row.hash
        yield row, whole


def seal(connection: Connection, row: Row) -> bytes:
    """Put an evidence entry in the place of one whose core changed; gives the new core."""
    detail: bytes = _DETAIL.scalar(connection, position=row.position)
    evidence = DetailEvidence(
        hash=row.hash,
        core=row.core[:MOST_BYTES],
        detail=detail[:MOST_BYTES],
        postings=tuple(
            (account, unit, amount)
            for account, unit, amount in _PENDING.rows(connection, position=row.position, most=_MOST_POSTINGS)
        ),
    )
    new_detail = encode_detail(_detail_of(detail, evidence, row))
    core = EntryCore(
        entry_id=_derived(b"loyaltill-rot-id", ENTRY_ID_BYTES, row.hash, row.core),
        kind=EntryKind.EVIDENCE.value,
        postings=(),
        references=(),
        programme=None,
        detail_digest=detail_digest(new_detail),
    )
    new_core = encode_core(core)
    _SEAL.run(
        connection, position=row.position, new_id=core.entry_id, new_core=new_core, new_detail=new_detail, nothing=None
    )
    return new_core


def _detail_of(detail: bytes, evidence: DetailEvidence, row: Row) -> EntryDetail:
    """Say where and when as the entry's own detail does, where that can still be read."""
    try:
        said = decode_detail(detail)
    except MalformedEntry:
        said = _UNKNOWN
    return EntryDetail(
        salt=_derived(b"loyaltill-rot-s", SALT_BYTES, detail, row.core),  # the changed detail holds a salt of its own
        local_time=said.local_time,
        business_date=said.business_date,
        store=said.store,
        currency=said.currency,
        currency_scale=said.currency_scale,
        evidence=evidence,
    )


def _derived(person: bytes, size: int, *parts: bytes) -> bytes:
    """Give bytes that follow from the changed ones: sealed again on a copy of the disk, the evidence is the same."""
    digest = blake2b(digest_size=size, person=person)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
