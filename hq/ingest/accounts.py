"""Making the accounts that entries open: those of coupons, gift cards and pools, which nobody enrols."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from hq.book.dialects import in_chunks, insert_missing
from hq.book.schema import account
from hq.ingest.arrivals import Arrived


def open_accounts(connection: Connection, entries: Iterable[Arrived]) -> list[bytes]:
    """Make the accounts that ``entries`` open and HQ lacks, in order of account; gives those that are new.

    An entry that is parked opens its accounts all the same: later entries of its till do not name them again.
    """
    kinds: dict[bytes, str] = {}
    for one in entries:
        for opened in one.core.opens if one.core else ():
            kinds.setdefault(opened.account, opened.kind)
    new = sorted(kinds.keys() - _known(connection, kinds))
    insert_missing(connection, account, [{"account_id": one, "canonical_id": one, "kind": kinds[one]} for one in new])
    return new


def _known(connection: Connection, accounts: Iterable[bytes]) -> set[bytes]:
    return {
        found
        for some in in_chunks(list(accounts))
        for found in connection.execute(select(account.c.account_id).where(account.c.account_id.in_(some))).scalars()
    }
