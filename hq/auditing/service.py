"""The whole audit of a book, from one state of it; nothing is written, and no table is held in memory."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from hq.auditing.chains import Chains, Details
from hq.auditing.entries import Entries, look_at_parked
from hq.auditing.journals import stored_entries
from hq.auditing.leases import Leases
from hq.auditing.pools import look_at_pools
from hq.auditing.postings import Postings
from hq.auditing.sums import Sums, merged_accounts
from hq.auditing.values import Audit, Check, Tally
from hq.book.settings import read_settings
from hq.leases.unheard import unheard_tills


def audit(connection: Connection, at: datetime, told: Callable[[int], None] = lambda _entries: None) -> Audit:
    """Look at everything.

    Args:
        connection: On a book, in a transaction that sees one state.
        at: Aware instant of now.
        told: Hears how many stored entries were looked at.
    """
    became = merged_accounts(connection)
    parked, posted, pools = Tally(Check.PARKED), Tally(Check.POSTINGS), Tally(Check.POOLS)
    chains, details, entries = Chains(connection), Details(), Entries()
    postings, sums = Postings(posted, parked, became), Sums(connection, became)
    with Leases() as leases:
        for some in stored_entries(connection):
            chains.look(some)
            counted = entries.look(connection, some)
            details.look(connection, some, {one.place for one in counted})
            postings.expect(counted)
            leases.expect(counted)
            told(chains.chains.looked_at)
        chains.finish()
        details.finish()
        entries.finish(connection)
        look_at_parked(connection, parked)
        sums.walk(postings)
        postings.finish(connection)
        leases.finish(connection)
    _look_at_pools(connection, became, pools, at)
    journals = (chains.chains, chains.epochs, chains.heads, details.tally, entries.tally, parked, posted)
    accounts = (sums.balances, sums.lots, sums.checksums, sums.merges, pools, leases.draws, leases.closes)
    return Audit(as_of=at, tallies=(*journals, *accounts))


def _look_at_pools(connection: Connection, became: dict[bytes, bytes], tally: Tally, at: datetime) -> None:
    """Look at the pools, unless HQ is recovering: then it does not know what is leased."""
    settings = read_settings(connection)
    silent = unheard_tills(connection, settings.hq_epoch) if settings is not None else []
    if silent:
        tally.left_out = True
        tally.note = f"HQ was restored, and {len(silent)} tills have not said yet what they hold"
        return
    look_at_pools(connection, became, tally, at)
