"""Members page by page, with what a programme's rules ask of them."""

import json
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, select

from hq.accounts.holdings import holdings_of
from hq.book.dialects import in_chunks
from hq.book.schema import member
from loyalty.holding.standing import Standing


def member_page(connection: Connection, after: bytes, most: int) -> list[bytes]:
    """Give the first members behind ``after``, by id; who was merged into another is none."""
    own = select(member.c.member_id).where(member.c.member_id > after, member.c.canonical_id == member.c.member_id)
    return list(connection.execute(own.order_by(member.c.member_id).limit(most)).scalars())


def standings(connection: Connection, members: Collection[bytes]) -> list[Standing]:
    """Give the standings of some members, by id."""
    held = holdings_of(connection, members)
    rows = {
        row.member_id: row
        for some in in_chunks(members)
        for row in connection.execute(select(member).where(member.c.member_id.in_(some)))
    }
    return [
        Standing(
            member=one,
            balances=held[one].balances,
            lots=held[one].lots,
            **_person(rows[one]),
        )
        for one in sorted(rows)
    ]


def _person(row: Any) -> dict[str, Any]:
    return {
        "tier": row.tier,
        "tier_until": datetime.fromtimestamp(row.tier_until_s, UTC) if row.tier_until_s is not None else None,
        "language": row.language,
        "segments": tuple(json.loads(row.segments)) if row.segments else (),
        "birthday": (int(row.birthday[:2]), int(row.birthday[3:])) if row.birthday else None,
        "joined_on": _date(row.joined_on),
        "last_visit_on": _date(row.last_visit_on),
        "referrer": row.referrer,
    }


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
