"""What accounts have at HQ, in the values that tills and rules use too."""

from collections.abc import Collection

from sqlalchemy import BindParameter, Connection, bindparam, select

from hq.book.dialects import in_chunks
from hq.book.schema import account, balance, lot
from loyalty.holding.standing import NOTHING, Holdings, LotBalance
from loyalty.journal.entry import Lot

_SOME: BindParameter[bytes] = bindparam("some", expanding=True)
_BALANCES = select(balance).where(balance.c.account_id.in_(_SOME)).order_by(balance.c.account_id, balance.c.unit)
_LOTS = select(lot).where(lot.c.account_id.in_(_SOME)).order_by(lot.c.account_id, lot.c.unit, lot.c.lot_id)


def holdings(connection: Connection, account_id: bytes) -> Holdings:
    """Give what an account has, after merges; nothing for an unknown one."""
    owner = connection.execute(select(account.c.canonical_id).where(account.c.account_id == account_id)).scalar()
    return NOTHING if owner is None else holdings_of(connection, [owner])[owner]


def holdings_of(connection: Connection, accounts: Collection[bytes]) -> dict[bytes, Holdings]:
    """Give what each of some accounts has; no account may be an alias."""
    balances: dict[bytes, list[tuple[str, int]]] = {one: [] for one in accounts}
    lots: dict[bytes, list[LotBalance]] = {one: [] for one in accounts}
    for some in in_chunks(accounts):
        for row in connection.execute(_BALANCES, {"some": some}):
            balances[row.account_id].append((row.unit, row.amount))
        for row in connection.execute(_LOTS, {"some": some}):
            of = Lot(lot_id=row.lot_id, usable_at=row.usable_at_s, expires_at=row.expires_at_s)
            lots[row.account_id].append(LotBalance(unit=row.unit, lot=of, amount=row.amount))
    return {one: Holdings(balances=tuple(sorted(balances[one])), lots=tuple(lots[one])) for one in accounts}


def accounts_with_ended_lots(
    connection: Connection, at_s: int, *, after: bytes = b"", most: int = 1_000
) -> list[bytes]:
    """Give the first accounts behind ``after``, by id, that have lots which are over at ``at_s`` (epoch seconds)."""
    ended = select(lot.c.account_id).where(lot.c.expires_at_s <= at_s, lot.c.amount != 0)
    over = ended.cte("ended").prefix_with("MATERIALIZED")  # else SQLite reads every lot, for the sake of the order
    query = select(over.c.account_id).where(over.c.account_id > after).distinct()
    return list(connection.execute(query.order_by(over.c.account_id).limit(most)).scalars())
