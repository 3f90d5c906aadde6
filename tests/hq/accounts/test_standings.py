"""What HQ knows of members."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hq.accounts.standings import standing, standings_of
from hq.ingest.membership import set_segments
from loyalty.holding.standing import LotBalance, Standing
from loyalty.journal.detail import DetailTier
from loyalty.journal.entry import Lot, Posting
from tests.hq.houses import House
from tests.hq.tills import POINTS

LOT = Lot(lot_id=b"\x01" * 16, usable_at=5, expires_at=1_900_000_000)
FRIEND = b"\x0f" * 16


def test_a_standing_says_everything_that_hq_knows(any_house: House) -> None:
    till, other = any_house.till(), any_house.till("Till 2")
    member = till.enrol("7001", nickname="Әлия", language="kk", birthday="02-29", referrer=FRIEND)
    plain = till.enrol("7002", business_date="soon")
    till.add("sale", Posting(account=member, unit=POINTS, amount=7, lot=LOT), member=member, business_date="2026-03-01")
    till.add("tier", member=member, tier=DetailTier(after="gold", until=1_800_000_000))
    any_house.take(till)
    alias = other.enrol("7001")
    any_house.take(other)
    with any_house.hq.book.write() as connection:
        set_segments(connection, {member: ["low", "lapsed"]})
        found = standings_of(connection, [member, plain, alias, FRIEND])
        assert (standing(connection, plain), standing(connection, alias)) == (Standing(member=plain), None)
    assert found == {
        member: Standing(
            member=member,
            balances=((POINTS, 7),),
            lots=(LotBalance(unit=POINTS, lot=LOT, amount=7),),
            tier="gold",
            tier_until=datetime(2027, 1, 15, 8, tzinfo=UTC),
            nickname="Әлия",
            language="kk",
            segments=("lapsed", "low"),
            birthday=(2, 29),
            joined_on=date(2026, 3, 2),
            last_visit_on=date(2026, 3, 1),
            referrer=FRIEND,
        ),
        plain: Standing(member=plain),
    }
