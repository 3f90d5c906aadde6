"""Accounts that an entry opens: those it posts to of which nobody has told this till yet."""

from sqlalchemy import Connection

from agent.book import members
from loyalty.journal.entry import Opened
from loyalty.quote.posting import Posted


def opens(connection: Connection, posted: Posted) -> tuple[Opened, ...]:
    """Name them; HQ makes the ones that it lacks."""
    if not posted.opens:
        return ()
    new = members.unseen(connection, [account for account, _ in posted.opens])
    return tuple(Opened(account=account, kind=kind.value) for account, kind in posted.opens if account in new)
