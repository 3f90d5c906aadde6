"""The stored journals: heads, hashes and bytes. Nothing here changes or removes an entry; see `hq.ingest.forgotten`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, bindparam, select

from hq.attention.parking import Place
from hq.book.dialects import among, in_chunks, insert_rows, put_rows
from hq.book.schema import backed_up, entry, journal, journal_head
from hq.ingest.arrivals import Arrived, read_arrived
from loyalty.journal.chain import first_head
from sync.protocol.values import SentEntry

_HEAD = select(journal_head.c.sequence, journal_head.c.hash, journal_head.c.promised).where(
    journal_head.c.terminal_id == bindparam("terminal"), journal_head.c.epoch == bindparam("epoch")
)
_LOCKED = _HEAD.with_for_update()
_BACKED_UP = select(backed_up.c.sequence).where(
    backed_up.c.terminal_id == bindparam("terminal"), backed_up.c.epoch == bindparam("epoch")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """How far a journal is stored: (0, ``h_0``) for an unknown one.

    Attributes:
        promised: Up to there the till said that entries are on their way and may depend on one another.
    """

    terminal: bytes
    public_key: bytes
    epoch: int
    sequence: int
    hash: bytes
    promised: int = 0


def read_head(
    connection: Connection, *, terminal: bytes, public_key: bytes, epoch: int, lock: bool = True
) -> JournalHead:
    """Give the head, and with ``lock`` keep others from moving it until the transaction ends."""
    row = connection.execute(_LOCKED if lock else _HEAD, {"terminal": terminal, "epoch": epoch}).one_or_none()
    sequence, stored, promised = row or (0, first_head(public_key, epoch), 0)
    return JournalHead(
        terminal=terminal, public_key=public_key, epoch=epoch, sequence=sequence, hash=stored, promised=promised
    )


def hash_at(connection: Connection, head: JournalHead, sequence: int) -> bytes:
    """Give the hash at a sequence from 0 to the head's."""
    if sequence == head.sequence:
        return head.hash
    if sequence == 0:
        return first_head(head.public_key, head.epoch)
    place = and_(journal.c.terminal_id == head.terminal, journal.c.epoch == head.epoch, journal.c.sequence == sequence)
    stored: bytes = connection.execute(select(journal.c.hash).where(place)).scalar_one()
    return stored


def append(connection: Connection, arrived: Sequence[Arrived]) -> None:
    """Store entries after the head and move it to the last of them; at least one entry."""
    rows = [
        {
            "terminal_id": one.terminal,
            "epoch": one.epoch,
            "sequence": one.sequence,
            "hash": one.hash,
            "core": one.sent.core,
            "detail": one.sent.detail,
            "received_at_ms": one.received_ms,
        }
        for one in arrived
    ]
    insert_rows(connection, journal, rows)
    last = {name: rows[-1][name] for name in ("terminal_id", "epoch", "sequence", "hash")}
    put_rows(connection, journal_head, [last], change=("sequence", "hash"))


def promise(connection: Connection, head: JournalHead, through: int) -> None:
    """Note that the till said that it is sending up to ``through``; what it said before stays said."""
    if through > head.promised:
        row = {
            "terminal_id": head.terminal,
            "epoch": head.epoch,
            "sequence": head.sequence,
            "hash": head.hash,
            "promised": through,
        }
        put_rows(connection, journal_head, [row], change=("promised",))


def is_level(connection: Connection, terminal: bytes, epoch: int) -> bool:
    """Tell whether HQ has everything of a journal that its till said there is."""
    row = connection.execute(_HEAD, {"terminal": terminal, "epoch": epoch}).one_or_none()
    return row is None or row.sequence >= row.promised


def backed_up_to(connection: Connection, head: JournalHead) -> int:
    """Give how much of a journal the newest verified backup holds; never more than HQ holds."""
    own = {"terminal": head.terminal, "epoch": head.epoch}
    found = connection.execute(_BACKED_UP, own).scalar_one_or_none() or 0
    return min(found, head.sequence)


def cores_of(connection: Connection, entry_ids: Sequence[bytes]) -> dict[bytes, bytes]:
    """Give the stored core of each of the entry ids that HQ has seen before."""
    same = and_(
        journal.c.terminal_id == entry.c.terminal_id,
        journal.c.epoch == entry.c.epoch,
        journal.c.sequence == entry.c.sequence,
    )
    query = select(entry.c.entry_id, journal.c.core).select_from(entry.join(journal, same))
    return {
        row.entry_id: row.core
        for some in in_chunks(entry_ids)
        for row in connection.execute(query.where(among(connection, entry.c.entry_id, some)))
    }


def stored_at(connection: Connection, place: Place) -> Arrived:
    """Give a stored entry again, as it arrived."""
    terminal, epoch, sequence = place
    own = and_(journal.c.terminal_id == terminal, journal.c.epoch == epoch, journal.c.sequence == sequence)
    row = connection.execute(select(journal).where(own)).one()
    sent = SentEntry(core=row.core, detail=row.detail)
    arrived = read_arrived(place, sent, hash_after=row.hash, received_ms=row.received_at_ms)
    return arrived if row.detail else replace(arrived, erased=True)
