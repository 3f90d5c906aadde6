"""The review of tiers."""

from collections.abc import Iterator
from datetime import UTC

from sqlalchemy import Connection

from hq.jobs.members import member_page, standings
from hq.jobs.scenes import ANYWHERE, Scene, Scenes, home_stores
from hq.jobs.values import PAGE
from hq.journaling.drafts import HqDraft, job_entry_id
from hq.journaling.journal import HqJournal
from loyalty.due.tier_review import Review, review
from loyalty.holding.standing import Standing
from loyalty.journal.entry import EntryKind


def tier_page(
    connection: Connection, scenes: Scenes, journal: HqJournal, after: bytes
) -> tuple[list[bytes], list[HqDraft]]:
    """Review the members behind ``after``."""
    if not any(one.ladder.by is not None for one in scenes.programmes()):
        return [], []
    members = member_page(connection, after, PAGE)
    homes = home_stores(connection, members)
    return members, list(_moves(standings(connection, members), homes, scenes, journal))


def _moves(members: list[Standing], homes: dict[bytes, str], scenes: Scenes, journal: HqJournal) -> Iterator[HqDraft]:
    for standing in members:
        scene = scenes.of(homes.get(standing.member, ANYWHERE))
        if scene.programme is None:
            continue
        found = review(scene.programme.ladder, standing, scenes.at, scene.zone)
        if found is not None:
            yield _draft(standing, found, scene, journal.settings.own_key)


def _draft(standing: Standing, found: Review, scene: Scene, secret: bytes) -> HqDraft:
    programme, tier = scene.programme, found.tier
    assert programme is not None
    said = f"{tier.before}\0{tier.after}\0{tier.until}".encode()
    return HqDraft(
        entry_id=job_entry_id(secret, "tier", standing.member + said, scene.moment.at.astimezone(UTC).date()),
        kind=EntryKind.TIER,
        at=scene.moment.at,
        store=scene.moment.store,
        currency=programme.currency.code,
        currency_scale=programme.currency.scale,
        postings=found.postings,
        programme=programme.version,
        member=standing.member,
        tier=tier,
    )
