"""How much of members tills hold: all of everyone while the merchant is small, else of everyone one balance."""

import json

from sqlalchemy import Connection, select

from hq.book.schema import member, programme, programme_release
from loyalty.holding.units import POINTS, Holder

_FIRST_UNITS = (
    select(programme.c.units)
    .join(programme_release, programme_release.c.version == programme.c.version)
    .where(programme_release.c.withdrawn_at_ms.is_(None))
    .order_by(programme_release.c.number)
    .limit(1)
)


class Reach:
    """Tells whether every till holds everyone; looks again only while that is so, at most once in `LOOK_EVERY` pages."""

    LOOK_EVERY = 100

    def __init__(self, everyone_up_to: int) -> None:
        self._most = everyone_up_to
        self._everyone = True
        self._asked = 0

    def everyone(self, connection: Connection) -> bool:
        """Tell whether the merchant has no more members than every till may hold all of."""
        if self._everyone and self._asked % self.LOOK_EVERY == 0:
            beyond = select(member.c.member_id).order_by(member.c.member_id).offset(self._most).limit(1)
            self._everyone = connection.execute(beyond).first() is None
        self._asked += 1
        return self._everyone


def base_unit(connection: Connection) -> str | None:
    """Give the unit whose balance tills keep of everyone: of the first release that counts, points before others."""
    units = json.loads(connection.execute(_FIRST_UNITS).scalar_one_or_none() or "{}")
    held = sorted(unit for unit, (_, _, holder) in units.items() if holder == Holder.MEMBER)
    return POINTS if POINTS in held else next(iter(held), None)
