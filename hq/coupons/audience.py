"""Who gets a coupon: members by card, by segment or by tier, page by page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hq.book.dialects import in_chunks
from hq.book.schema import account, card, member
from hq.coupons.values import PAGE, Campaign, Way
from hq.jobs.members import member_page, standings
from hq.jobs.scenes import ANYWHERE, Scenes, home_stores
from loyalty.cards import card_key, is_card
from loyalty.holding.standing import Standing
from loyalty.programme.model import Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Members of one page.

    Attributes:
        members: (id, store where they joined), each once.
        cards: The card by which each was named, where one was.
        next: The id behind which the next page begins; None at the end.
        unknown: Cards that nobody has.
    """

    members: tuple[tuple[bytes, str], ...]
    cards: dict[bytes, str]
    next: bytes | None = None
    unknown: tuple[str, ...] = ()


def by_card(connection: Connection, numbers: Sequence[str], identifier_key: bytes) -> Audience:
    """Find the members of some cards; two cards of one member are one member."""
    keys = {number: card_key(number, identifier_key) for number in numbers if is_card(number)}
    query = select(card.c.card_key, account.c.canonical_id).join(account, card.c.member_id == account.c.account_id)
    owners: dict[int, bytes] = {
        row.card_key: row.canonical_id
        for some in in_chunks(set(keys.values()))
        for row in connection.execute(query.where(card.c.card_key.in_(some)))
    }
    found: dict[bytes, str] = {}
    for number, key in keys.items():
        if key in owners:
            found.setdefault(owners[key], number)
    unknown = tuple(number for number in dict.fromkeys(numbers) if keys.get(number) not in owners)
    return Audience(members=_at_home(connection, found), cards=found, unknown=unknown)


def by_programme(connection: Connection, scenes: Scenes, campaign: Campaign, after: bytes) -> Audience:
    """Find the members behind ``after`` who are in the campaign's segment or tier now, as their tills would say."""
    if campaign.way is Way.SEGMENT:
        page = _maybe_in(connection, campaign.named, after)
    else:
        page = member_page(connection, after, PAGE)
    homes = dict(_at_home(connection, page))
    found = []
    for standing in standings(connection, page):
        scene = scenes.of(homes[standing.member])
        if campaign.way is Way.SEGMENT:
            meant = campaign.named in standing.segments
        else:
            meant = scene.programme is not None and _tier(scene.programme, standing, scenes) == campaign.named
        if meant:
            found.append((standing.member, homes[standing.member]))
    return Audience(members=tuple(found), cards={}, next=page[-1] if len(page) == PAGE else None)


def _maybe_in(connection: Connection, segment: str, after: bytes) -> list[bytes]:
    own = select(member.c.member_id).where(member.c.member_id > after, member.c.canonical_id == member.c.member_id)
    named = own.where(member.c.segments.contains(f'"{segment}"', autoescape=True))
    return list(connection.execute(named.order_by(member.c.member_id).limit(PAGE)).scalars())


def _tier(programme: Programme, standing: Standing, scenes: Scenes) -> str | None:
    """Give a member's tier; one that the progress reaches counts before HQ has said so, as at tills."""
    return programme.ladder.of(standing, scenes.at)


def _at_home(connection: Connection, members: Collection[bytes]) -> tuple[tuple[bytes, str], ...]:
    homes = home_stores(connection, members)
    return tuple((one, homes.get(one, ANYWHERE)) for one in members)
