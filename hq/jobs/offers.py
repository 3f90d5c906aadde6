"""What HQ gives by the date: for birthdays, to win back who stayed away, to welcome. See `loyalty.due.dated`."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from hq.accounts.holdings import holdings
from hq.jobs.members import member_page, standings
from hq.jobs.scenes import ANYWHERE, Scene, Scenes, home_stores
from hq.jobs.values import PAGE
from hq.journaling.drafts import HqDraft, job_entry_id
from hq.journaling.journal import HqJournal
from loyalty.due.dated import ask_dated, dated_heads, occasion
from loyalty.holding.accounts import pool_account
from loyalty.holding.standing import Holdings, Standing
from loyalty.journal.entry import EntryKind, Opened
from loyalty.programme.model import Programme
from loyalty.quote import Quote
from loyalty.quote.posting import post
from loyalty.quote.recording import record
from loyalty.rules.stages import Head
from loyalty.sale.basket import Basket


def offer_page(connection: Connection, scenes: Scenes, journal: HqJournal, after: bytes) -> tuple[list[bytes], int]:
    """Give the members behind ``after`` what is due to them; gives the members and how many entries were written.

    One entry at a time, since what is given may be limited in all: the next one must see what this one took.
    """
    if not any(dated_heads(one) for one in scenes.programmes()):
        return [], 0
    members = member_page(connection, after, PAGE)
    homes = home_stores(connection, members)
    entries = 0
    for standing in standings(connection, members):
        scene = scenes.of(homes.get(standing.member, ANYWHERE))
        for draft in _due(connection, journal, standing, scene):
            entries += journal.write_in(connection, [draft]).entries
    return members, entries


def _due(connection: Connection, journal: HqJournal, standing: Standing, scene: Scene) -> Iterator[HqDraft]:
    programme = scene.programme
    if programme is None or not programme.valid_on(scene.moment.business_date):
        return
    for head in dated_heads(programme):
        pools = _pools(connection, programme, standing, scene)
        found = ask_dated(programme, head, standing, scene.moment, pools)
        if found is not None:
            yield _draft(programme, head, standing, scene, found, journal.settings.own_key)


def _pools(connection: Connection, programme: Programme, standing: Standing, scene: Scene) -> Mapping[str, Holdings]:
    names = programme.pools(scene.moment, standing.member)
    return {name: holdings(connection, pool_account(programme.id, name)) for name in names}


def _draft(programme: Programme, head: Head, standing: Standing, scene: Scene, found: Quote, secret: bytes) -> HqDraft:
    day = occasion(head, standing, scene.moment.business_date)
    entry_id = job_entry_id(secret, f"offer\0{programme.id}\0{head.id}", standing.member, day)
    posted = post(programme, found, entry_id, standing.member)
    kept = record(Basket(currency=programme.currency, lines=()), found, posted, awarded=True)
    return HqDraft(
        entry_id=entry_id,
        kind=EntryKind.ISSUE,
        at=scene.moment.at,
        store=scene.moment.store,
        currency=programme.currency.code,
        currency_scale=programme.currency.scale,
        postings=posted.postings,
        opens=tuple(Opened(account=account, kind=kind.value) for account, kind in posted.opens),
        programme=programme.version,
        member=standing.member,
        awards=kept.awards,
        issued=kept.issued,
    )
