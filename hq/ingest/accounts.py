"""Whose account is whose, and making those that entries open: of coupons, gift cards and pools, which nobody enrols."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hq.book.dialects import among, in_chunks, insert_missing
from hq.book.schema import account, member, terminal
from hq.ingest.arrivals import Arrived


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """To whom an account's postings go.

    Attributes:
        account: The account itself, or the one that it became by a merge.
        last_visit_on: When the member behind it was last seen, or None.
        home: The store of that visit, or of the enrolment; None where it is not known.
        tier, tier_at_ms: The tier that the member is in, and since when; None where HQ moved them to none.
    """

    account: bytes
    last_visit_on: str | None
    home: str | None
    tier: str | None
    tier_at_ms: int | None


def owners_of(connection: Connection, accounts: Iterable[bytes]) -> dict[bytes, Owner]:
    """Give the owner of each account that HQ has."""
    query = select(
        account.c.account_id,
        account.c.canonical_id,
        member.c.last_visit_on,
        member.c.home,
        member.c.tier,
        member.c.tier_at_ms,
    ).select_from(account.outerjoin(member, member.c.member_id == account.c.canonical_id))
    return {
        account_id: Owner(
            account=canonical_id, last_visit_on=last_visit_on, home=home, tier=tier, tier_at_ms=tier_at_ms
        )
        for some in in_chunks(set(accounts))
        for account_id, canonical_id, last_visit_on, home, tier, tier_at_ms in connection.execute(
            query.where(among(connection, account.c.account_id, some))
        )
    }


def stores_of(connection: Connection, terminals: Iterable[bytes]) -> dict[bytes, str]:
    """Give the store in which each of some tills stands; HQ itself stands in none."""
    query = select(terminal.c.terminal_id, terminal.c.store).where(terminal.c.role == "till")
    return {
        terminal_id: store
        for some in in_chunks(set(terminals))
        for terminal_id, store in connection.execute(query.where(among(connection, terminal.c.terminal_id, some)))
    }


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
        for found in connection.execute(
            select(account.c.account_id).where(among(connection, account.c.account_id, some))
        ).scalars()
    }
