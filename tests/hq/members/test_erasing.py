"""A member is forgotten: nothing that HQ keeps says who it was, and everything still adds up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from hq.book.schema import metadata
from hq.members import erasing
from hq.members.values import Erase, Erased, Merge, Merged
from hq.reviewing.values import Wanted
from loyalty.journal.entry import Posting
from loyalty.refusals import Refusal, RefusalCode
from tests.hq.houses import House
from tests.hq.jobs.shops import bought, held
from tests.hq.tills import FakeTill

CARD, NICKNAME = "29000000007001", "Dananame"
TRACES = (CARD.encode(), NICKNAME.encode(), CARD.encode().hex().encode(), NICKNAME.encode().hex().encode())


def erase(house: House, card: str = CARD, reason: str = "request 17") -> Erased | Refusal:
    return house.hq.erasing.erase(Erase(card=card, reason=reason, by="Aliya"))


def done(house: House, card: str = CARD) -> Erased:
    found = erase(house, card)
    assert isinstance(found, Erased), found
    return found


def shop(house: House) -> tuple[FakeTill, bytes]:
    """A till whose member bought, returned, brought a friend, and left a trace in what HQ parked."""
    till = house.till()
    member = till.enrol(CARD, nickname=NICKNAME, birthday="02-29", language="kk")
    till.enrol("7002", referrer=member)
    till.sale(member, 5)
    for _ in range(3):
        bought(till, member, "2026-03-02", 100, identifier=CARD, nickname=NICKNAME)
    till.add("return", identifier=CARD)
    till.add("thing of tomorrow", member=member, nickname=NICKNAME)
    house.take(till)
    return till, member


def values(house: House) -> Iterator[bytes]:
    """Every value of every table."""
    with house.hq.book.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sqlalchemy.select(table)):
                for value in row:
                    yield value if isinstance(value, bytes) else str(value).encode()


def traces(house: House) -> int:
    return sum(trace in value for value in values(house) for trace in TRACES)


def details(house: House, till: FakeTill) -> list[bool]:
    """Whether each entry of a till still has its detail."""
    rows = house.rows("SELECT detail FROM journal WHERE terminal_id = :own ORDER BY epoch, sequence", own=till.id)
    return [bool(detail) for (detail,) in rows]


def test_no_table_says_who_it_was_and_the_arithmetic_stays(any_house: House) -> None:
    till, member = shop(any_house)
    before = any_house.rows("SELECT * FROM ledger"), any_house.rows("SELECT * FROM balance"), held(any_house, member)
    cores = any_house.rows("SELECT core, hash FROM journal ORDER BY sequence")
    assert traces(any_house) > 0
    found = done(any_house)
    assert (found.member, found.entries, found.known) == (member, 6, False)
    assert traces(any_house) == 0
    now = any_house.rows("SELECT * FROM ledger"), any_house.rows("SELECT * FROM balance"), held(any_house, member)
    assert now == before
    assert any_house.rows("SELECT core, hash FROM journal ORDER BY sequence") == cores
    assert details(any_house, till) == [False, True, True, False, False, False, False, False]  # the sale names nobody
    assert any_house.points(CARD) is None
    columns = "nickname, language, birthday, joined_on, last_visit_on, referrer, home"
    rows = any_house.rows(f"SELECT {columns} FROM member WHERE member_id = :own", own=member)
    assert rows == [(None,) * 7]
    assert any_house.rows("SELECT count(*) FROM member WHERE referrer IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("card", ["LOY-0042", "uid:04A2B3C4D5E680", 'a"b\\c'])
def test_what_names_a_card_of_letters_and_signs_and_no_member_is_found(house: House, card: str) -> None:
    till = house.till()
    till.enrol(card)
    till.add("return", identifier=card)
    till.add("return", identifier="7002")
    house.take(till)
    done(house, card)
    assert details(house, till) == [False, False, True]


def test_the_files_of_the_book_hold_no_letter_of_it_either(house: House) -> None:
    shop(house)
    long = house.till("Till 2")
    member = long.enrol("29000000007009", nickname=NICKNAME)
    for number in range(200):
        bought(long, member, "2026-03-02", 100, identifier=CARD, nickname=NICKNAME + "-" * (number * 40))
    house.take(long)
    done(house)
    done(house, "29000000007009")
    for path in Path(house.hq.config.data_dir).rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert [trace for trace in TRACES if trace in data] == [], path.name


def test_what_arrives_later_is_posted_and_its_detail_is_erased_at_once(any_house: House) -> None:
    till, member = shop(any_house)
    late = any_house.till("Till 2")
    other = late.enrol(CARD, nickname=NICKNAME)  # it enrolled the card too, while it had no line
    late.sale(member, 7)
    bought(late, member, "2026-03-02", 100, identifier=CARD, nickname=NICKNAME)
    bought(late, other, "2026-03-02", 100, nickname=NICKNAME)
    done(any_house)
    any_house.take(late)
    any_house.take(late)
    assert held(any_house, member).balance("points") == 12
    assert (details(any_house, late), traces(any_house)) == ([False, True, False, False], 0)
    assert any_house.rows("SELECT last_visit_on FROM member WHERE member_id = :own", own=member) == [(None,)]
    assert any_house.hq.totals().exceptions == 0
    assert till.id != late.id


def test_an_erasure_that_was_cut_goes_on_when_it_is_asked_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    till, _ = shop(house)
    monkeypatch.setattr(erasing, "SLICE", 2)
    real, slices = erasing._next, iter(range(2))

    def cut(*args: Any) -> Any:
        if next(slices, None) is None:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(erasing, "_next", cut)
    with pytest.raises(KeyboardInterrupt):
        erase(house)
    assert sum(details(house, till)) == len(till.entries) - 2
    monkeypatch.setattr(erasing, "_next", real)
    found = done(house)
    assert (found.entries, found.known, traces(house)) == (6, True, 0)
    assert done(house) == found


def test_all_whom_the_member_was_before_merges_are_forgotten_too(house: House) -> None:
    _, gone = shop(house)
    till = house.till("Till 2")
    till.enrol("7003", nickname="Other")
    house.take(till)
    merged = house.hq.merging.merge(Merge(card=CARD, into="7003", reason="enrolled twice"))
    assert isinstance(merged, Merged)
    done(house, "7003")
    assert traces(house) == 0
    again = erase(house)
    assert isinstance(again, Erased)
    assert (again.known, again.member) == (True, merged.stays)
    assert gone != merged.stays


def test_a_card_that_enrols_again_later_is_somebody_new(house: House) -> None:
    till, member = shop(house)
    done(house)
    house.clock.pass_time(days=2)
    new = till.enrol(CARD, nickname="New", local_time="2026-03-04T10:30:00+05:00")
    house.take(till)
    assert new != member
    assert house.rows("SELECT nickname FROM member WHERE member_id = :own", own=new) == [("New",)]
    found = house.hq.member_balance(CARD)
    assert found is not None
    assert (found.member_id, found.balances) == (new, ())
    assert details(house, till)[-1]


def test_parked_entries_without_a_detail_are_tried_again_and_nobody_is_blamed(house: House) -> None:
    till, member = shop(house)
    nobody = Posting(account=bytes(16), unit="points", amount=1)
    till.add("sale", nobody, member=member, nickname=NICKNAME)
    house.take(till)
    done(house)
    before = house.rows("SELECT sequence, reason, state FROM parked ORDER BY sequence")
    tried = house.hq.reviewing.replay(Wanted(), upto_ms=house.hq.reviewing.now_ms())
    assert not isinstance(tried, Refusal)
    assert house.rows("SELECT sequence, reason, state FROM parked ORDER BY sequence") == before
    assert (len(before), house.hq.totals().exceptions) == (3, 0)


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"card": "7009"}, RefusalCode.CARD_UNKNOWN, "card"),
        ({"card": "no card"}, RefusalCode.CARD_UNKNOWN, "card"),
        ({"reason": ""}, RefusalCode.BAD_REQUEST, "reason"),
    ],
)
def test_what_cannot_be_is_refused(house: House, asked: dict[str, str], code: RefusalCode, field: str) -> None:
    till, _ = shop(house)
    refused = erase(house, **asked)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field) == (code, field)
    assert all(details(house, till))
