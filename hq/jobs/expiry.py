"""Lots that are over, of every account; and the units of members who stayed away too long."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date
from hashlib import sha256

from sqlalchemy import Connection, func, select

from hq.accounts.holdings import accounts_with_ended_lots, holdings_of
from hq.book.book import Book
from hq.book.schema import balance, member
from hq.jobs.members import standings
from hq.jobs.scenes import ANYWHERE, Scene, Scenes, home_stores
from hq.jobs.values import PAGE
from hq.journaling.drafts import HqDraft, job_entry_id
from hq.journaling.journal import HqJournal
from hq.leases.free import less_leased
from loyalty.due.expiry import plan_expiry, plan_idle_expiry
from loyalty.journal.entry import EntryKind, Posting
from loyalty.numbers.currency import NO_CURRENCY

_FOUND_AT_ONCE = 50_000


def ended_pages(book: Book, scenes: Scenes) -> Iterator[list[bytes]]:
    """Give the accounts that have lots which are over, a page at a time: pools, coupons and gift cards too.

    Finding them costs as much as there are, so many are found at once.
    """
    after = b""
    while True:
        with book.read() as connection:
            found = accounts_with_ended_lots(connection, int(scenes.at.timestamp()), after=after, most=_FOUND_AT_ONCE)
        if not found:
            return
        yield from (found[first : first + PAGE] for first in range(0, len(found), PAGE))
        after = found[-1]


def ended_drafts(
    connection: Connection, scenes: Scenes, journal: HqJournal, accounts: Sequence[bytes]
) -> list[HqDraft]:
    """Plan some accounts, as they are now."""
    held = less_leased(connection, holdings_of(connection, accounts))
    homes = home_stores(connection, accounts)
    return [
        _draft(
            _id(journal, "expire", account, postings, scenes),
            account,
            postings,
            scenes.of(homes.get(account, ANYWHERE)),
            member=account in homes,
        )
        for account in accounts
        if (postings := plan_expiry(account, held[account], scenes.at))
    ]


def idle_page(
    connection: Connection, scenes: Scenes, journal: HqJournal, after: bytes
) -> tuple[list[bytes], list[HqDraft]]:
    """Plan the members behind ``after`` who may have stayed away too long for some unit."""
    cutoff = _cutoff(scenes)
    if cutoff is None:
        return [], []
    units = {unit.id for one in scenes.programmes() for unit in one.units if unit.idle is not None}
    last_seen = func.coalesce(member.c.last_visit_on, member.c.joined_on)
    held = select(balance.c.account_id).where(balance.c.unit.in_(units), balance.c.amount > 0)
    query = select(member.c.member_id).where(
        member.c.member_id > after,
        member.c.canonical_id == member.c.member_id,
        last_seen <= cutoff.isoformat(),
        member.c.member_id.in_(held),
    )
    members = list(connection.execute(query.order_by(member.c.member_id).limit(PAGE)).scalars())
    return members, list(_idle(connection, scenes, journal, members))


def _idle(connection: Connection, scenes: Scenes, journal: HqJournal, members: Sequence[bytes]) -> Iterator[HqDraft]:
    homes = home_stores(connection, members)
    free = less_leased(connection, {one.member: one for one in standings(connection, members)})
    for standing in free.values():
        scene = scenes.of(homes.get(standing.member, ANYWHERE))
        last = standing.last_visit_on or standing.joined_on
        units = scene.programme.units if scene.programme is not None else ()
        postings = tuple(
            posting
            for unit in units
            for posting in plan_idle_expiry(standing.member, standing, unit, last, scenes.at, scene.zone)
        )
        if postings:
            entry_id = _id(journal, "expire.idle", standing.member, postings, scenes)
            yield _draft(entry_id, standing.member, postings, scene, member=True)


def _cutoff(scenes: Scenes) -> date | None:
    """Give the latest day on which somebody was last seen who may have stayed away too long anywhere."""
    idle = [unit.idle for one in scenes.programmes() for unit in one.units if unit.idle is not None]
    today = scenes.at.astimezone(UTC).date()
    return max((one.before(today) for one in idle), default=None)


def _id(journal: HqJournal, job: str, account: bytes, postings: Sequence[Posting], scenes: Scenes) -> bytes:
    day = scenes.at.astimezone(UTC).date()
    return job_entry_id(journal.settings.own_key, job, account + _digest(postings), day)


def _draft(entry_id: bytes, account: bytes, postings: tuple[Posting, ...], scene: Scene, *, member: bool) -> HqDraft:
    programme = scene.programme
    currency = programme.currency if programme is not None else NO_CURRENCY
    return HqDraft(
        entry_id=entry_id,
        kind=EntryKind.EXPIRE,
        at=scene.moment.at,
        store=scene.moment.store,
        currency=currency.code,
        currency_scale=currency.scale,
        postings=postings,
        programme=programme.version if programme is not None else None,
        member=account if member else None,
    )


def _digest(postings: Sequence[Posting]) -> bytes:
    """Tell apart what ends of one account on one day; the same that comes back and ends again waits for the next day."""
    said = "".join(
        f"{one.unit}\0{one.lot.lot_id.hex() if one.lot is not None else ''}\0{one.amount}\0" for one in postings
    )
    return sha256(said.encode()).digest()
