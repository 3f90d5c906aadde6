"""Reading totals, tills and members out of the book, each answer from one snapshot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from hq.attention.parking import ExceptionReason, ItemState
from hq.book.book import Book
from hq.book.dialects import in_chunks
from hq.book.schema import balance, card, exception, journal_head, ledger, member, parked, terminal
from hq.overview.values import ExceptionRow, HqTotals, MemberBalance, MemberRow, MembersPage, TillRow
from hq.pairing.terminals import TILL_ROLE
from loyalty.cards import card_key, is_card
from loyalty.holding.balances import balances_digest
from loyalty.holding.units import is_hidden
from loyalty.journal.chain import head_code
from loyalty.journal.entry import EntryKind

PAGE_ROWS = 50
MAX_TILLS = 10_000
MAX_EXCEPTIONS = 50
_STREAM_ROWS = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Balances = dict[bytes, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Answers questions about the whole book."""

    book: Book
    identifier_key: bytes

    def totals(self) -> HqTotals:
        """Add everything up, from the rows themselves and not from counters."""
        canonical = member.c.canonical_id == member.c.member_id
        with self.book.read() as connection:
            return HqTotals(
                entries=int(connection.execute(select(func.sum(journal_head.c.sequence))).scalar_one() or 0),
                members=connection.execute(select(func.count()).select_from(member).where(canonical)).scalar_one(),
                earned=_sum_of_lines(connection, _EARNED),
                reversed={unit: -amount for unit, amount in _sum_of_lines(connection, _REVERSED).items()},
                outstanding=_outstanding(connection),
                parked=_count(connection, parked.c.state == ItemState.OPEN.value),
                exceptions=_count(connection, exception.c.state == ItemState.OPEN.value),
            )

    def tills(self) -> tuple[TillRow, ...]:
        """List the tills by store and name, at most `MAX_TILLS`."""
        own = and_(journal_head.c.terminal_id == terminal.c.terminal_id, journal_head.c.epoch == terminal.c.epoch)
        columns = (terminal, journal_head.c.sequence, journal_head.c.hash)
        query = select(*columns).select_from(terminal.outerjoin(journal_head, own))
        query = query.where(terminal.c.role == TILL_ROLE).limit(MAX_TILLS)
        with self.book.read() as connection:
            rows = connection.execute(query.order_by(terminal.c.store, terminal.c.name, terminal.c.terminal_id)).all()
        return tuple(
            TillRow(
                terminal_id=row.terminal_id,
                name=row.name,
                store=row.store,
                last_seen_at=_instant(row.last_seen_at_ms) if row.last_seen_at_ms is not None else None,
                entries=row.sequence or 0,
                head_code=head_code(row.hash) if row.hash else None,
                shut_out=row.revoked_at_ms is not None,
            )
            for row in rows
        )

    def exceptions(self) -> tuple[ExceptionRow, ...]:
        """List what a person should look at, the newest first, at most `MAX_EXCEPTIONS`."""
        about = exception.outerjoin(terminal, terminal.c.terminal_id == exception.c.terminal_id)
        query = select(exception.c.reason, exception.c.raised_at_ms, terminal.c.name, terminal.c.store)
        open_ones = query.select_from(about).where(exception.c.state == ItemState.OPEN.value)
        ordered = open_ones.order_by(
            exception.c.raised_at_ms.desc(), exception.c.terminal_id, exception.c.epoch, exception.c.sequence.desc()
        )
        with self.book.read() as connection:
            rows = connection.execute(ordered.limit(MAX_EXCEPTIONS)).all()
        return tuple(
            ExceptionRow(
                reason=ExceptionReason(row.reason),
                till=row.name,
                store=row.store,
                raised_at=_instant(row.raised_at_ms),
            )
            for row in rows
        )

    def members(self, page: int, *, page_rows: int = PAGE_ROWS) -> MembersPage:
        """Give a page of members from 1; a page past the end is the last one."""
        canonical = member.c.canonical_id == member.c.member_id
        with self.book.read() as connection:
            count = connection.execute(select(func.count()).select_from(member).where(canonical)).scalar_one()
            pages = max(1, -(-count // page_rows))
            page = min(max(1, page), pages)
            ordered = select(member).where(canonical).order_by(member.c.joined_at_ms.desc(), member.c.member_id)
            rows = connection.execute(ordered.limit(page_rows).offset((page - 1) * page_rows)).all()
            ids = [row.member_id for row in rows]
            cards = _last_fours(connection, ids)
            balances = _balances_of(connection, ids)
        return MembersPage(
            page=page,
            pages=pages,
            rows=tuple(
                MemberRow(
                    member_id=row.member_id,
                    last_four=cards.get(row.member_id, ()),
                    nickname=row.nickname,
                    tier=row.tier,
                    balances=tuple(pair for pair in balances.get(row.member_id, ()) if not is_hidden(pair[0])),
                    joined_at=_instant(row.joined_at_ms),
                )
                for row in rows
            ),
        )

    def member_balance(self, who: str | bytes) -> MemberBalance | None:
        """Give what a member has; ``who`` is a card number, or a member's id as bytes. None for an unknown one."""
        with self.book.read() as connection:
            member_id = self._canonical(connection, who)
            if member_id is None:
                return None
            balances = _balances_of(connection, [member_id]).get(member_id, ())
        return MemberBalance(member_id=member_id, balances=balances)

    def balances_digest(self) -> bytes:
        """Digest every balance that is not zero, for a comparison with a till's."""
        query = select(balance).order_by(balance.c.account_id, balance.c.unit)
        with self.book.read() as connection:
            rows = connection.execution_options(yield_per=_STREAM_ROWS).execute(query)
            return balances_digest((row.account_id, row.unit, row.amount) for row in rows)

    def head_of(self, terminal_id: bytes, epoch: int) -> bytes | None:
        """Give the hash up to which HQ holds a till's journal, or None for an unknown one."""
        own = and_(journal_head.c.terminal_id == terminal_id, journal_head.c.epoch == epoch)
        with self.book.read() as connection:
            found: bytes | None = connection.execute(select(journal_head.c.hash).where(own)).scalar_one_or_none()
        return found

    def _canonical(self, connection: Connection, who: str | bytes) -> bytes | None:
        query = select(member.c.canonical_id)
        if isinstance(who, bytes):
            query = query.where(member.c.member_id == who)
        elif is_card(who):
            key = card_key(who, self.identifier_key)
            query = query.join(card, card.c.member_id == member.c.member_id).where(card.c.card_key == key)
        else:
            return None
        found: bytes | None = connection.execute(query).scalar_one_or_none()
        return found


_EARNED = or_(
    and_(ledger.c.kind == EntryKind.SALE.value, ledger.c.amount > 0),
    and_(ledger.c.kind == EntryKind.VOID.value, ledger.c.amount < 0),
)
_REVERSED = and_(ledger.c.kind == EntryKind.RETURN.value, ledger.c.amount < 0)


def _sum_of_lines(connection: Connection, which: ColumnElement[bool]) -> dict[str, int]:
    query = select(ledger.c.unit, func.sum(ledger.c.amount)).where(which).group_by(ledger.c.unit)
    return {unit: int(amount) for unit, amount in connection.execute(query.order_by(ledger.c.unit))}


def _outstanding(connection: Connection) -> dict[str, int]:
    query = select(balance.c.unit, func.sum(balance.c.amount)).group_by(balance.c.unit).order_by(balance.c.unit)
    return {unit: int(amount) for unit, amount in connection.execute(query)}


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    count: int = connection.execute(select(func.count()).where(which)).scalar_one()
    return count


def _last_fours(connection: Connection, members: Sequence[bytes]) -> dict[bytes, tuple[str, ...]]:
    query = select(card.c.member_id, card.c.last_four).where(card.c.member_id.in_(members))
    return _grouped((row.member_id, row.last_four) for row in connection.execute(query.order_by(card.c.card_key)))


def _balances_of(connection: Connection, accounts: Sequence[bytes]) -> _Balances:
    found: _Balances = {}
    for some in in_chunks(accounts):
        query = select(balance).where(balance.c.account_id.in_(some)).order_by(balance.c.unit)
        for row in connection.execute(query):
            found[row.account_id] = (*found.get(row.account_id, ()), (row.unit, row.amount))
    return found


def _grouped(pairs: Iterable[tuple[bytes, str]]) -> dict[bytes, tuple[str, ...]]:
    groups: dict[bytes, tuple[str, ...]] = {}
    for key, value in pairs:
        groups[key] = (*groups.get(key, ()), value)
    return groups


def _instant(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)
