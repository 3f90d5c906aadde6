"""Forgetting a member: the person goes, the arithmetic stays.

The request is written first, with everything that can be done at once; then details are erased slice by slice, each in a
transaction of its own that notes how far it came. Asked again, it goes on. Source: docs/SPEC-sync.md, section 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select, tuple_, update

from hq.attention.parking import Place
from hq.book.book import Book
from hq.book.dialects import in_chunks, insert_missing
from hq.book.schema import card, erased_card, erased_member, erasure, journal, lease, member
from hq.book.settings import Settings
from hq.feed.log import card_change, forgotten_change, member_change, record_changes
from hq.ingest.arrivals import read_arrived
from hq.ingest.forgotten import forgotten_by
from hq.leases.tables import leases_where, set_state
from hq.members.finding import aliases_of, key_of, member_of
from hq.members.values import MAX_BY, MAX_REASON, Erase, Erased
from hq.ports import Clock, epoch_ms
from loyalty.numbers.limits import is_storable
from loyalty.refusals import Refusal, RefusalCode
from sync.protocol.leases import LeaseState
from sync.protocol.values import SentEntry

SLICE = 1_000
"""Entries that one transaction looks at."""
_NOBODY: dict[str, None] = dict.fromkeys(
    ("nickname", "language", "birthday", "joined_on", "last_visit_on", "segments", "referrer", "home")
)
_of_place = tuple_(journal.c.terminal_id, journal.c.epoch, journal.c.sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """Forgets members."""

    book: Book
    settings: Settings
    clock: Clock

    def erase(self, asked: Erase) -> Erased | Refusal:
        """Forget the member of a card; goes on where it stopped, and with a member who is forgotten does nothing.

        Raises:
            BookBusy: the book could not be written just now; what was done stays done, and it can be asked again.
        """
        if not asked.reason.strip() or not is_storable(asked.reason, MAX_REASON):
            detail = f"say why, in at most {MAX_REASON} characters"
            return Refusal(code=RefusalCode.BAD_REQUEST, field="reason", detail=detail)
        key = key_of(asked.card, self.settings.identifier_key)
        with self.book.write() as connection:
            _leave_nothing(connection)
            found = member_of(connection, key)
            known = found is None
            if found is None:
                found = _erased_before(connection, key)
            if found is None:
                return Refusal(code=RefusalCode.CARD_UNKNOWN, field="card", detail="no member has this card")
            if not known:
                self._begin(connection, found, asked)
        while not self._slice(found):
            pass
        self.book.settle()
        with self.book.read() as connection:
            row = connection.execute(select(erasure).where(erasure.c.member_id == found)).one()
        return Erased(member=found, entries=row.entries, known=known)

    def _begin(self, connection: Connection, found: bytes, asked: Erase) -> None:
        now_ms = epoch_ms(self.clock())
        names = [found, *aliases_of(connection, found)]
        row = {
            "member_id": found,
            "asked_at_ms": now_ms,
            "asked_by": asked.by[:MAX_BY],
            "reason": asked.reason,
            "terminal_id": b"",
            "epoch": 0,
            "sequence": 0,
            "entries": 0,
        }
        insert_missing(connection, erasure, [row])
        insert_missing(connection, erased_member, [{"member_id": one, "erasure_id": found} for one in names])
        cards = _withdraw(connection, names)
        withdrawn = [{"card_key": one, "erasure_id": found, "asked_at_ms": now_ms} for one in cards]
        insert_missing(connection, erased_card, withdrawn)
        brought = _forget(connection, names)
        held = leases_where(connection, lease.c.account_id == found, lease.c.state == LeaseState.OPEN.value)
        set_state(connection, [kept.lease.lease_id for kept in held], LeaseState.RECALLED, now_ms)
        record_changes(
            connection,
            [*map(member_change, (*names, *brought)), *map(card_change, cards), *map(forgotten_change, names)],
        )

    def _slice(self, found: bytes) -> bool:
        """Erase what belongs to an erasure among the next entries; True once there are none."""
        with self.book.write() as connection:
            _leave_nothing(connection)
            own = erasure.c.member_id == found
            row = connection.execute(select(erasure).where(own)).one()
            if row.done_at_ms is not None:
                return True
            rows = _next(connection, (row.terminal_id, row.epoch, row.sequence))
            if not rows:
                connection.execute(update(erasure).where(own).values(done_at_ms=epoch_ms(self.clock())))
                return True
            erased = self._erase_in(connection, rows, found)
            last = rows[-1]
            at = {"terminal_id": last.terminal_id, "epoch": last.epoch, "sequence": last.sequence}
            connection.execute(update(erasure).where(own).values(**at, entries=row.entries + erased))
        return False

    def _erase_in(self, connection: Connection, rows: Sequence[Any], found: bytes) -> int:
        forgotten = forgotten_by(connection, self.settings.identifier_key, [found])
        erased = 0
        for row in rows:
            place = (row.terminal_id, row.epoch, row.sequence)
            sent = SentEntry(core=row.core, detail=row.detail)
            arrived = read_arrived(place, sent, hash_after=row.hash, received_ms=row.received_at_ms)
            if row.detail and forgotten.whose(arrived) is not None:
                connection.execute(update(journal).where(_at(place)).values(detail=b""))
                erased += 1
        return erased


def _erased_before(connection: Connection, key: int | None) -> bytes | None:
    found: bytes | None = connection.execute(
        select(erased_card.c.erasure_id).where(erased_card.c.card_key == key)
    ).scalar_one_or_none()
    return found


def _withdraw(connection: Connection, names: Sequence[bytes]) -> list[int]:
    cards: list[int] = []
    for some in in_chunks(names):
        own = card.c.member_id.in_(some)
        cards += connection.execute(select(card.c.card_key).where(own)).scalars()
        connection.execute(update(card).where(own).values(member_id=None, last_four=""))
    return cards


def _forget(connection: Connection, names: Sequence[bytes]) -> list[bytes]:
    """Take the person out of what HQ knows of members; gives those who were brought by them."""
    brought: list[bytes] = []
    for some in in_chunks(names):
        connection.execute(update(member).where(member.c.member_id.in_(some)).values(**_NOBODY))
        by_them = and_(member.c.referrer.in_(some), member.c.referrer.is_not(None))
        brought += connection.execute(select(member.c.member_id).where(by_them)).scalars()
        connection.execute(update(member).where(by_them).values(referrer=None))
    return brought


def _next(connection: Connection, after: Place) -> Sequence[Any]:
    ordered = select(journal).where(_of_place > after).order_by(*_of_place.clauses)
    return connection.execute(ordered.limit(SLICE)).all()


def _at(place: Place) -> Any:
    terminal, epoch, sequence = place
    return and_(journal.c.terminal_id == terminal, journal.c.epoch == epoch, journal.c.sequence == sequence)


def _leave_nothing(connection: Connection) -> None:
    """Let SQLite overwrite whole pages too that become free, such as those of a long detail."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
