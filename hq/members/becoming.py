"""What HQ knows of a member beside units, when another becomes them.

Source: docs/SPEC-sync.md, section 4.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select, update

from hq.book.dialects import in_chunks
from hq.book.schema import account, card, member
from hq.feed.log import Change, card_change, member_change, record_changes
from loyalty.journal.detail import DetailTier
from loyalty.parts.tiers import Ladder

_TOLD = ("nickname", "language", "birthday")
"""What a person said of themselves: what the one who stays lacks is taken from the other."""
_PERSON: dict[str, None] = dict.fromkeys((*_TOLD, "referrer", "segments"))


def row_of(connection: Connection, member_id: bytes) -> Any:
    """Give what HQ knows of a member."""
    return connection.execute(select(member).where(member.c.member_id == member_id)).one()


def tier_of(gone: Any, stays: Any, ladder: Ladder) -> DetailTier | None:
    """Give the move that brings the one who stays to the better tier of the two; None where they are in it."""
    if gone.tier is None or ladder.higher(stays.tier, gone.tier) != gone.tier:
        return None
    if gone.tier == stays.tier and not _lasts_longer(gone.tier_until_s, stays.tier_until_s):
        return None
    if gone.tier not in {tier.id for tier in ladder.tiers}:
        return None
    return DetailTier(before=stays.tier, after=gone.tier, until=gone.tier_until_s)


def become(connection: Connection, gone: bytes, aliases: Collection[bytes], stays: bytes) -> int:
    """Let one member, and all who became them before, be another from now on; gives how many cards that were not theirs are.

    Nobody may have anything left to post to ``gone`` in this transaction.
    """
    before, kept = row_of(connection, gone), row_of(connection, stays)
    names = [gone, *aliases]
    of = member.c.member_id
    connection.execute(update(member).where(of == stays).values(**_together(before, kept, {stays, *names})))
    for some in in_chunks(names):
        connection.execute(update(member).where(of.in_(some)).values(canonical_id=stays, **_PERSON))
        connection.execute(update(account).where(account.c.account_id.in_(some)).values(canonical_id=stays))
    cards = _lead(connection, names, stays)
    changes: list[Change] = [*map(member_change, [stays, *names]), *map(card_change, cards)]
    record_changes(connection, changes)
    return len(cards)


def _lead(connection: Connection, names: Collection[bytes], stays: bytes) -> list[int]:
    """Let the cards of some members lead to another."""
    cards: list[int] = []
    for some in in_chunks(names):
        cards += connection.execute(select(card.c.card_key).where(card.c.member_id.in_(some))).scalars()
        connection.execute(update(card).where(card.c.member_id.in_(some)).values(member_id=stays))
    return cards


def _together(gone: Any, stays: Any, both: Collection[bytes]) -> dict[str, Any]:
    """Give what is known of the two as one; nobody is brought by themselves."""
    values: dict[str, Any] = {name: getattr(stays, name) or getattr(gone, name) for name in _TOLD}
    referrers = (one.referrer for one in (stays, gone))
    values["referrer"] = next((one for one in referrers if one is not None and one not in both), None)
    values["joined_at_ms"] = min(gone.joined_at_ms, stays.joined_at_ms)
    values["joined_on"] = min((one.joined_on for one in (gone, stays) if one.joined_on), default=None)
    later = max((stays, gone), key=lambda one: one.last_visit_on or "")
    values["last_visit_on"], values["home"] = later.last_visit_on, later.home
    return values


def _lasts_longer(one: int | None, other: int | None) -> bool:
    return other is not None and (one is None or one > other)
