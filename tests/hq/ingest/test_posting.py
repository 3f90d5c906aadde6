"""What becomes of each kind of entry, on every database."""

from __future__ import annotations

from datetime import timedelta

from hq.attention.parking import ExceptionReason, ParkReason
from hq.ingest.arrivals import CLOCK_AHEAD_MS
from hq.ports import epoch_ms
from loyalty.journal.entry import Lot, Posting, Reference
from loyalty.numbers.limits import MAX_BALANCE
from tests.hq.houses import START, House
from tests.hq.tills import POINTS


def points(account: bytes, amount: int) -> Posting:
    return Posting(account=account, unit=POINTS, amount=amount)


def parked(house: House) -> list[tuple[object, ...]]:
    return house.rows("SELECT sequence, reason, state FROM parked ORDER BY terminal_id, sequence")


def test_a_sale_its_return_and_a_void_add_up(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    first = till.sale(member, 100)
    second = till.sale(member, 40)
    till.add("return", points(member, -30), refs=(Reference(entry_id=first, line=1),))
    till.add("void", points(member, -40), refs=(Reference(entry_id=second),))
    any_house.take(till)
    totals = any_house.hq.totals()
    assert (totals.earned, totals.reversed, totals.outstanding) == ({POINTS: 100}, {POINTS: 30}, {POINTS: 70})
    assert (totals.entries, totals.members, totals.parked, totals.exceptions) == (5, 1, 0, 0)


def test_a_sale_without_a_member_is_stored_and_posts_nothing(any_house: House) -> None:
    till = any_house.till()
    till.add("sale")
    assert any_house.take(till) == 1
    assert any_house.rows("SELECT * FROM ledger") == []
    assert parked(any_house) == []


def test_an_enrolment_keeps_no_card_number_but_its_last_four(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("970012345678", nickname="Әсел", language="kk")
    any_house.take(till)
    assert any_house.rows("SELECT last_four, member_id FROM card") == [("5678", member)]
    rows = any_house.rows("SELECT nickname, language, joined_at_ms FROM member")
    assert rows == [("Әсел", "kk", epoch_ms(START - timedelta(minutes=30)))]


def test_the_second_enrolment_of_a_card_becomes_an_alias_of_the_first(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    first, second = one.enrol("7001"), two.enrol("7001")
    one.sale(first, 10)
    two.sale(second, 5)
    any_house.take(one)
    any_house.take(two)
    assert any_house.points("7001") == 15
    assert any_house.points(second) == 15
    assert any_house.hq.totals().members == 1
    ledger = any_house.rows("SELECT account_id, amount FROM ledger ORDER BY amount")
    assert ledger == [(first, 5), (first, 10)]


def test_two_enrolments_of_one_card_in_one_batch_are_one_member(any_house: House) -> None:
    till = any_house.till()
    first = till.enrol("7001")
    till.sale(till.enrol("7001"), 8)
    any_house.take(till)
    assert any_house.points(first) == 8


def test_a_kind_that_is_not_known_is_parked_and_holds_up_nothing(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.add("teleport", points(member, 1_000))
    till.sale(member, 5)
    assert any_house.take(till) == 3
    assert parked(any_house) == [(2, ParkReason.UNKNOWN_KIND, "open")]
    assert any_house.points("7001") == 5


def test_a_return_that_names_no_sale_is_parked(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.add("return", points(member, -5))
    any_house.take(till)
    assert parked(any_house) == [(2, ParkReason.UNKNOWN_ORIGINAL, "open")]
    assert any_house.points("7001") == 0


def test_a_core_that_is_not_readable_is_stored_parked_and_acknowledged(any_house: House) -> None:
    till = any_house.till()
    till.add_raw(b"\xff\x00 not json", b"{}")
    till.add_raw(b'{"v":99}', b"")
    till.sale(till.enrol("7001"), 5)
    assert any_house.take(till) == 4
    assert parked(any_house) == [(1, ParkReason.MALFORMED, "open"), (2, ParkReason.MALFORMED, "open")]
    assert any_house.rows("SELECT core FROM journal WHERE sequence = 1") == [(b"\xff\x00 not json",)]
    assert any_house.points("7001") == 5


def test_a_sale_for_an_account_not_known_yet_waits_and_is_posted_when_it_comes(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    member = one.enrol("7001")
    two.sale(member, 12)
    any_house.take(two)
    assert parked(any_house) == [(1, ParkReason.UNKNOWN_ACCOUNT, "open")]
    any_house.take(one)
    assert parked(any_house) == [(1, ParkReason.UNKNOWN_ACCOUNT, "settled")]
    assert any_house.points("7001") == 12
    assert any_house.hq.totals().parked == 0


def test_an_entry_for_two_unknown_accounts_waits_for_both(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    first, second = one.enrol("7001"), one.enrol("7002")
    two.add("sale", points(first, 1), points(second, 2))
    any_house.take(two)
    any_house.take(one, 1, 1)
    assert any_house.points(first) == 0
    any_house.take(one, 2, 2)
    assert (any_house.points(first), any_house.points(second)) == (1, 2)


def test_an_entry_id_that_comes_again_with_other_bytes_raises_an_exception(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    member = one.enrol("7001")
    sale = one.sale(member, 10)
    two.add("sale", points(member, 999), entry_id=sale)
    any_house.take(one)
    any_house.take(two)
    assert any_house.points(member) == 10
    rows = any_house.rows("SELECT terminal_id, sequence, reason, entry_id FROM exception")
    assert rows == [(two.id, 1, ExceptionReason.ENTRY_ID_REUSED, sale)]


def test_the_same_entry_journaled_by_another_till_counts_once(any_house: House) -> None:
    one, two = any_house.till("Till 1"), any_house.till("Till 2")
    one.sale(one.enrol("7001"), 10)
    for sent in one.entries:
        two.add_raw(sent.core, sent.detail)
    any_house.take(one)
    any_house.take(two)
    assert any_house.points("7001") == 10
    assert any_house.hq.totals().exceptions == 0


def test_a_detail_that_is_not_its_own_raises_an_exception_and_the_core_still_posts(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.entries[0] = type(till.entries[0])(core=till.entries[0].core, detail=b"{}")
    till.sale(member, 4)
    any_house.take(till)
    assert any_house.points(member) == 4
    assert any_house.points("7001") is None
    assert any_house.rows("SELECT sequence, reason FROM exception") == [(1, ExceptionReason.DETAIL_MISMATCH)]


def test_amounts_beyond_any_balance_are_parked(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.sale(member, MAX_BALANCE)
    till.sale(member, 1)
    till.sale(member, -2)
    any_house.take(till)
    assert parked(any_house) == [(3, ParkReason.AMOUNT_TOO_LARGE, "open")]
    assert any_house.points(member) == MAX_BALANCE - 2


def test_lots_and_units_are_kept_as_posted(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    lot = Lot(lot_id=b"L" * 16, usable_at=1_800_000_000, expires_at=1_900_000_000)
    till.add("sale", Posting(account=member, unit="stamps", amount=2, lot=lot), points(member, 3))
    any_house.take(till)
    columns = "unit, line, kind, amount, lot_id, usable_at_s, expires_at_s"
    assert any_house.rows(f"SELECT {columns} FROM ledger ORDER BY unit") == [
        ("points", 1, "sale", 3, None, None, None),
        ("stamps", 0, "sale", 2, b"L" * 16, 1_800_000_000, 1_900_000_000),
    ]


def test_a_clock_that_runs_ahead_moves_nothing_into_the_future(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001", local_time="2031-01-01T00:00:00+00:00")
    till.enrol("7002", local_time="some day")
    any_house.take(till)
    rows = any_house.rows("SELECT claimed_at_ms, effective_at_ms FROM entry ORDER BY sequence")
    assert [row[1] for row in rows] == [epoch_ms(START) + CLOCK_AHEAD_MS, epoch_ms(START)]
    assert rows[1][0] is None


def test_an_instant_before_all_calendars_is_taken_as_1970_and_stops_nobody(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001", local_time="0001-01-01T00:00:00+14:00")
    taken = Posting(account=member, unit="points", amount=-3)
    till.add("sale", taken, local_time="0001-01-01T00:00:00+14:00")
    till.add("sale", taken, local_time="1969-12-31T23:00:00+00:00")
    any_house.take(till)
    assert any_house.rows("SELECT DISTINCT effective_at_ms FROM entry") == [(0,)]
    assert (any_house.points("7001"), any_house.hq.totals().parked) == (-6, 0)


def test_names_that_a_database_cannot_hold_are_cleaned(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001", nickname="A\u0007\u200bida")
    any_house.take(till)
    assert any_house.rows("SELECT nickname FROM member") == [("Aida",)]
