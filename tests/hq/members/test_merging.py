"""Two members who are one: what HQ moves, what it keeps, and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hq.ingest.arrivals import read_arrived
from hq.ingest.drawing import LateUse
from hq.ingest.journals import append
from hq.ingest.posting import post_arrived
from hq.members.values import Merge, Merged
from hq.ports import epoch_ms
from loyalty.holding.lots import lot_of
from loyalty.journal.codec import decode_core, decode_detail
from loyalty.journal.detail import DetailTier, Override
from loyalty.journal.entry import Posting, Reference
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.refusals import Refusal, RefusalCode
from tests.hq.houses import House
from tests.hq.jobs.shops import bought, held, kinds, seconds, shop, tier, units
from tests.hq.tills import FakeTill

TIERS = """
[[tier]]
id = "blue"
names.en = "Blue"
[[tier]]
id = "gold"
names.en = "Gold"
from = "100.00"
[tiers]
by = "spend"
"""
END = "2027-01-01T00:00+05:00"


def merge(house: House, card: str = "7001", into: str = "7002", **more: str) -> Merged | Refusal:
    return house.hq.merging.merge(Merge(card=card, into=into, reason="enrolled twice", by="Aliya", **more))


def done(house: House, card: str = "7001", into: str = "7002", **more: str) -> Merged:
    found = merge(house, card, into, **more)
    assert isinstance(found, Merged), found
    return found


def two(house: House, tables: str = "") -> tuple[FakeTill, bytes, bytes]:
    """A shop with two members; the first has points of a lot and of none, and a use that nobody sees."""
    till = shop(house, tables)
    gone = till.enrol("7001", nickname="Dana", birthday="02-29")
    stays = till.enrol("7002", language="kk")
    till.add("adjust", units(gone, 20, END), units(gone, 5), units(gone, 3, unit="used.off"))
    till.add("adjust", units(stays, 7, END), units(stays, 1, unit="used.off"))
    house.take(till)
    return till, gone, stays


def sums(house: House) -> list[tuple[object, ...]]:
    """The ledger added up, and the balances, where they differ."""
    return house.rows(
        "SELECT ledger.account_id, ledger.unit, sum(ledger.amount) FROM ledger JOIN balance"
        " ON balance.account_id = ledger.account_id AND balance.unit = ledger.unit"
        " GROUP BY ledger.account_id, ledger.unit, balance.amount HAVING sum(ledger.amount) <> balance.amount"
    )


def test_everything_of_one_becomes_the_others_lot_by_lot(any_house: House) -> None:
    _, gone, stays = two(any_house)
    found = done(any_house)
    assert (found.gone, found.stays, found.cards, found.leases, found.known) == (gone, stays, 1, 0, False)
    now = held(any_house, stays)
    assert now.balances == (("points", 32), ("used.off", 4))
    assert [(one.lot, one.amount) for one in now.lots] == [(lot_of(None, seconds(END)), 27)]
    assert held(any_house, gone) == now  # an alias leads to it
    assert any_house.rows("SELECT amount FROM balance WHERE account_id = :own", own=gone) == [(0,), (0,)]
    assert sums(any_house) == []
    assert (any_house.points("7001"), any_house.points("7002")) == (32, 32)


def test_the_uid_of_a_chip_is_joined_to_the_member_of_a_card(house: House) -> None:
    till, _, stays = two(house)
    uid = till.enrol("uid:04A2B3C4D5E680")
    till.add("adjust", units(uid, 5))
    house.take(till)
    found = done(house, card="uid:04A2B3C4D5E680", into="7002")
    assert (found.gone, found.stays, found.cards) == (uid, stays, 1)
    assert house.points("uid:04A2B3C4D5E680") == house.points("7002") == 12


def test_the_entry_says_who_why_and_which_two_and_carries_no_more(house: House) -> None:
    _, gone, stays = two(house)
    (entry_id,) = done(house).entries
    ((core, detail),) = house.rows(
        "SELECT core, detail FROM journal JOIN terminal ON terminal.terminal_id = journal.terminal_id WHERE role = 'hq'"
    )
    written, said = decode_core(core), decode_detail(detail)
    assert (written.entry_id, written.kind) == (entry_id, "adjust")
    assert written.references == (Reference(entry_id=gone), Reference(entry_id=stays))
    assert (said.member, said.override) == (gone, Override(operator="Aliya", reason="enrolled twice"))


def test_the_older_joining_the_later_visit_and_what_the_other_lacks_are_kept(house: House) -> None:
    till, gone, stays = two(house)
    far = house.till("Till 9", store="S9")
    bought(till, stays, "2026-02-02", 100)
    bought(far, gone, "2026-02-20", 100)
    house.take(till)
    house.take(far)
    done(house)
    columns = "canonical_id, nickname, language, birthday, last_visit_on, home"
    (row,) = house.rows(f"SELECT {columns} FROM member WHERE member_id = :own", own=stays)
    assert row == (stays, "Dana", "kk", "02-29", "2026-02-20", "S9")
    (alias,) = house.rows(f"SELECT {columns} FROM member WHERE member_id = :own", own=gone)
    assert alias[:4] == (stays, None, None, None)


def test_nobody_is_brought_by_themselves(house: House) -> None:
    till = shop(house)
    friend = till.enrol("7003")
    gone = till.enrol("7001", referrer=friend)
    stays = till.enrol("7002", referrer=gone)
    house.take(till)
    done(house)
    assert house.rows("SELECT referrer FROM member WHERE member_id = :own", own=stays) == [(friend,)]


@pytest.mark.parametrize(
    ("gone_tier", "stays_tier", "after"),
    [("gold", "blue", "gold"), ("blue", "gold", "gold"), ("gold", None, "gold"), (None, "blue", "blue")],
)
def test_the_better_tier_is_kept_by_an_entry_where_it_was_the_others(
    house: House, gone_tier: str | None, stays_tier: str | None, after: str
) -> None:
    till, gone, stays = two(house, TIERS)
    for member, name in ((gone, gone_tier), (stays, stays_tier)):
        if name is not None:
            till.add("tier", member=member, tier=DetailTier(after=name, until=seconds(END)))
    house.take(till)
    done(house)
    assert tier(house, stays) == (after, seconds(END))
    assert kinds(house) == (["adjust", "tier"] if after != stays_tier else ["adjust"])


def test_what_tills_still_send_for_the_one_goes_to_the_other_also_of_who_was_merged_before(any_house: House) -> None:
    till, gone, stays = two(any_house)
    last = till.enrol("7003")
    any_house.take(till)
    done(any_house)
    done(any_house, "7002", "7003")
    till.sale(gone, 4)
    till.sale(stays, 2)
    any_house.take(till)
    assert any_house.points("7001") == any_house.points("7003") == 32 + 6
    assert held(any_house, gone) == held(any_house, stays) == held(any_house, last)
    assert sums(any_house) == []
    canonical = any_house.rows("SELECT canonical_id FROM member UNION SELECT canonical_id FROM account")
    assert canonical == [(last,)]


def test_what_expiry_took_before_the_merge_is_known_for_a_redemption_that_was_in_time_and_comes_after_it(
    house: House,
) -> None:
    till, gone, stays = two(house)
    house.clock.now = datetime(2027, 1, 2, tzinfo=UTC)
    house.hq.jobs.run(house.clock.now, ())
    done(house)
    lot = lot_of(None, seconds(END))
    assert lot is not None
    in_time = "2026-12-30T10:00:00+05:00"
    till.add("sale", Posting(account=gone, unit="points", amount=-20, lot=lot), member=gone, local_time=in_time)
    place, now_ms = (till.id, till.epoch, len(till.entries)), epoch_ms(house.clock())
    arrived = read_arrived(place, till.entries[-1], hash_after=till.heads[-1], received_ms=now_ms)
    assert arrived.core is not None
    with house.hq.book.write() as connection:
        append(connection, [arrived])
        key = house.hq.overview.identifier_key
        late = post_arrived(connection, [arrived], identifier_key=key, now_ms=now_ms)
    assert late == (LateUse(entry_id=arrived.core.entry_id, account=stays, unit="points", lot=lot, amount=20),)


def test_with_a_key_it_is_done_once_and_without_one_a_second_time_is_refused(house: House) -> None:
    two(house)
    first = done(house, once="case 12")
    again = done(house, once="case 12")
    assert (again.known, again.entries, again.stays) == (True, (), first.stays)
    refused = merge(house)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field) == (RefusalCode.BAD_REQUEST, "into")
    assert kinds(house) == ["adjust"]


def test_a_merge_without_anything_to_move_leaves_its_record(house: House) -> None:
    till = house.till()
    till.enrol("7001")
    till.enrol("7002")
    house.take(till)
    assert len(done(house).entries) == 1
    assert kinds(house) == ["adjust"]


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"card": "7009"}, RefusalCode.CARD_UNKNOWN, "card"),
        ({"into": "no card"}, RefusalCode.CARD_UNKNOWN, "into"),
        ({"card": "7002"}, RefusalCode.BAD_REQUEST, "into"),
        ({"once": "x" * 101}, RefusalCode.BAD_REQUEST, "once"),
        ({"reason": " "}, RefusalCode.BAD_REQUEST, "reason"),
        ({"reason": "x" * 501}, RefusalCode.BAD_REQUEST, "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    house: House, asked: dict[str, str], code: RefusalCode, field: str
) -> None:
    two(house)
    before = house.rows("SELECT * FROM member UNION SELECT * FROM member"), house.rows("SELECT * FROM balance")
    found = house.hq.merging.merge(Merge(**{"card": "7001", "into": "7002", "reason": "twice", **asked}))
    assert isinstance(found, Refusal)
    assert (found.code, found.field) == (code, field)
    assert (
        house.rows("SELECT * FROM member UNION SELECT * FROM member"),
        house.rows("SELECT * FROM balance"),
    ) == before
    assert kinds(house) == []


def test_more_than_an_account_can_hold_is_refused_and_changes_nothing(house: House) -> None:
    till, gone, stays = two(house)
    till.add("adjust", units(stays, MAX_BALANCE - 30))
    house.take(till)
    refused = merge(house)
    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.AMOUNT_TOO_LARGE
    assert held(house, gone).balance("points") == 25
