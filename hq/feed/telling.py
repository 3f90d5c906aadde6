"""Everything about single members, for a till that asks for them by name."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, select

from hq.book.schema import balance, card, lot, member
from hq.feed.values import member_rows
from sync.protocol.values import MAX_FEED_ROWS, FeedBalance, FeedCard, FeedLot, FeedRow


def tell_members(
    connection: Connection, wanted: Sequence[bytes], changed: Collection[bytes] = ()
) -> tuple[tuple[bytes, ...], tuple[FeedRow, ...]]:
    """Give whom of ``wanted`` a page can tell, and all rows of theirs, at most `MAX_FEED_ROWS`.

    A member who became another one by a merge is told together with that one. Who has more rows than a page holds is
    named and not told: the till goes on with what it has. It tells them by the member row that the page lacks, so one whose row
    is on the page anyway, as one of ``changed``, is not even named, and asked for again. Of zero balances nothing is said.
    """
    query = select(member.c.member_id, member.c.canonical_id).where(member.c.member_id.in_(wanted))
    canonical = {row.member_id: row.canonical_id for row in connection.execute(query)}
    told: dict[bytes, None] = {}
    rows: dict[FeedRow, None] = {}
    for asked in dict.fromkeys(wanted):
        owner = canonical.get(asked, asked)
        found = _rows_of(connection, {asked, owner}, owner) if asked in canonical else []
        if len(found) <= MAX_FEED_ROWS:
            if len(rows) + len(found) > MAX_FEED_ROWS:
                break
            rows.update(dict.fromkeys(found))
        elif asked in changed or owner in changed:
            continue
        told.update(dict.fromkeys((asked, owner)))
    return tuple(told), tuple(rows)


def _rows_of(connection: Connection, names: set[bytes], owner: bytes) -> list[FeedRow]:
    return [*member_rows(connection, names).values(), *_cards(connection, names), *_held(connection, owner)]


def _cards(connection: Connection, members: set[bytes]) -> Iterable[FeedRow]:
    for row in connection.execute(select(card.c.card_key, card.c.member_id).where(card.c.member_id.in_(members))):
        yield FeedCard(card_key=row.card_key, member=row.member_id)


def _held(connection: Connection, account: bytes) -> Iterable[FeedRow]:
    balances = select(balance.c.unit, balance.c.amount).where(balance.c.account_id == account, balance.c.amount != 0)
    for row in connection.execute(balances):
        yield FeedBalance(account=account, unit=row.unit, amount=row.amount)
    for row in connection.execute(select(lot).where(lot.c.account_id == account)):
        yield FeedLot(
            account=account,
            unit=row.unit,
            lot_id=row.lot_id,
            amount=row.amount,
            usable_at=row.usable_at_s,
            expires_at=row.expires_at_s,
        )
