"""What HQ knows of members, in the value that the rules take."""

import json
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, select

from hq.accounts.holdings import holdings_of
from hq.book.dialects import in_chunks
from hq.book.schema import member
from loyalty.holding.standing import Holdings, Standing


def standings_of(connection: Connection, members: Collection[bytes]) -> dict[bytes, Standing]:
    """Give the standing of each of some members; who is unknown, or stands for another after a merge, is left out."""
    own = select(member).where(member.c.canonical_id == member.c.member_id)
    rows = {
        row.member_id: row
        for some in in_chunks(members)
        for row in connection.execute(own.where(member.c.member_id.in_(some)))
    }
    held = holdings_of(connection, list(rows))
    return {one: _standing(row, held[one]) for one, row in rows.items()}


def standing(connection: Connection, member_id: bytes) -> Standing | None:
    """Give one member's standing, or None."""
    return standings_of(connection, [member_id]).get(member_id)


def _standing(row: Any, held: Holdings) -> Standing:
    return Standing(
        member=row.member_id,
        balances=held.balances,
        lots=held.lots,
        tier=row.tier,
        tier_until=datetime.fromtimestamp(row.tier_until_s, UTC) if row.tier_until_s is not None else None,
        nickname=row.nickname,
        language=row.language,
        segments=tuple(json.loads(row.segments)) if row.segments else (),
        birthday=(int(row.birthday[:2]), int(row.birthday[3:])) if row.birthday else None,
        joined_on=date.fromisoformat(row.joined_on) if row.joined_on else None,
        last_visit_on=date.fromisoformat(row.last_visit_on) if row.last_visit_on else None,
        referrer=row.referrer,
    )
