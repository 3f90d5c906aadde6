"""Tills as people administer them: how each stands; one that is shut out gets nothing and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from hq.access.desk import answer
from hq.access.values import Changed, TillStanding, TillState
from hq.attention.parking import ItemState
from hq.ingest.lost import till_lost
from hq.pools.stock import StockChange, StockDo
from hq.programmes.values import When
from hq.reviewing.values import Item, ItemPage, Pile, Wanted
from loyalty.journal.chain import head_code
from loyalty.refusals import Refusal
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import TillFacts
from tests.cli.giving.test_giving import PROGRAMME
from tests.hq.houses import START, House


def rows(house: House, said: str = "") -> tuple[TillStanding, ...]:
    found = house.hq.tills.rows(said)
    assert not isinstance(found, Refusal)
    return found


def revoke(house: House, said: str, **given: Any) -> Changed:
    found = house.hq.tills.revoke(said, **given)
    assert isinstance(found, Changed)
    return found


def records(house: House, state: ItemState | None = None) -> list[Item]:
    found = house.hq.reviewing.page(Pile.EXCEPTIONS, Wanted(reason="till_revoked", state=state))
    assert isinstance(found, ItemPage)
    return list(found.rows)


def test_a_till_is_told_with_everything_that_hq_knows_of_it(any_house: House) -> None:
    till, other = any_house.till("Till 1"), any_house.till("Till 2")
    released = any_house.hq.programmes.publish(PROGRAMME, "club.toml", When())
    assert not isinstance(released, Refusal)
    version = any_house.rows("SELECT version FROM programme")[0][0]
    till.add("teleport")
    till.add("return")
    till.enrol("7001")
    any_house.take(till)
    hello = till.hello()
    any_house.hq.ingest.hello(
        any_house.known(till), replace(hello, facts=TillFacts(zone="Asia/Almaty", programme=version))
    )
    expected = TillStanding(
        terminal_id=till.id,
        name="Till 1",
        store="S1",
        state=TillState.OPEN,
        epoch=1,
        sequence=3,
        head=head_code(till.heads[-1]),
        seen_at=START,
        programme="v1",
        unposted=1,
        parked=2,
        exceptions=0,
    )
    assert rows(any_house)[0] == expected
    assert (rows(any_house)[1].head, rows(any_house)[1].seen_at, rows(any_house)[1].programme) == (None, None, None)
    assert [one.name for one in rows(any_house, other.id.hex()[:5])] == ["Till 2"]


def test_a_till_that_is_shut_out_is_refused_everywhere_and_what_it_sent_stays(any_house: House) -> None:
    till = any_house.till()
    member = till.enrol("7001")
    till.sale(member, 5)
    any_house.take(till)
    known = any_house.known(till)
    any_house.clock.pass_time(minutes=1)
    found = revoke(any_house, "Till 1", note="stolen", by="asel")
    assert (found.till.state, found.known, found.till.exceptions) == (TillState.REVOKED, False, 1)
    till.sale(member, 1_000)
    with pytest.raises(SyncRefused) as caught:
        any_house.known(till)
    assert caught.value.code is SyncErrorCode.REVOKED
    assert known.terminal_id == till.id
    with pytest.raises(SyncRefused) as caught:
        any_house.hq.pairing.pair(till.pair_request(any_house.hq.make_pairing_code()))
    assert caught.value.code is SyncErrorCode.REVOKED
    assert any_house.points("7001") == 5
    (record,) = records(any_house)
    assert (record.place, record.note, record.state) == ((till.id, 1, 2), "stolen; by asel", ItemState.OPEN)


def test_shutting_out_again_changes_nothing_and_that_it_is_lost_may_be_said_later(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[bytes] = []

    def note(connection: Connection, terminal: bytes) -> None:
        till_lost(connection, terminal)
        lost.append(terminal)

    monkeypatch.setattr("hq.access.service.till_lost", note)
    till = any_house.till()
    revoke(any_house, "Till 1", note="stolen", by="asel")
    kept = any_house.rows("SELECT * FROM terminal"), any_house.rows("SELECT * FROM exception")
    any_house.clock.pass_time(hours=1)
    assert revoke(any_house, "Till 1", note="again").known
    assert (any_house.rows("SELECT * FROM terminal"), any_house.rows("SELECT * FROM exception")) == kept
    found = revoke(any_house, "Till 1", note="burnt", lost=True)
    assert (found.known, found.till.state, lost) == (False, TillState.LOST, [till.id])
    (record,) = records(any_house)
    assert record.note == "stolen; by asel; burnt; what it has not sent will never come"
    assert revoke(any_house, "Till 1", lost=True).known
    assert lost == [till.id]


def test_a_till_that_is_let_in_again_goes_on_where_it_was(any_house: House) -> None:
    till = any_house.till()
    till.enrol("7001")
    any_house.take(till)
    revoke(any_house, "Till 1", lost=True)
    any_house.clock.pass_time(minutes=1)
    found = any_house.hq.tills.restore_access("Till 1", note="found", by="asel")
    assert isinstance(found, Changed)
    assert (found.known, found.till.state) == (False, TillState.OPEN)
    till.enrol("7002")
    assert any_house.take(till, 2) == 2
    (record,) = records(any_house)
    assert (record.state, record.settled_by, record.settled_note) == (ItemState.SETTLED, "asel", "found")
    assert record.settled_at == START + timedelta(minutes=1)
    again = any_house.hq.tills.restore_access("Till 1")
    assert isinstance(again, Changed)
    assert again.known
    revoke(any_house, "Till 1", note="stolen again")
    assert [(one.note, one.state) for one in records(any_house, ItemState.OPEN)] == [("stolen again", ItemState.OPEN)]


def test_a_till_that_may_be_any_of_several_is_named_by_more_of_its_id(any_house: House) -> None:
    tills = [any_house.till("Kassa") for _ in range(2)]
    found = any_house.hq.tills.revoke("Kassa")
    assert isinstance(found, Refusal)
    for till in tills:
        assert f"{till.id.hex()[:12]} (Kassa in S1)" in found.detail
    assert revoke(any_house, tills[1].id.hex()).till.terminal_id == tills[1].id
    assert any_house.known(tills[0]).terminal_id == tills[0].id


@pytest.mark.parametrize("said", ["", "Till 2", "abc", "zzzz", "f" * 33, "%", "Till 1' OR 1=1", "x" * 10_000])
def test_a_till_that_there_is_not_is_said(any_house: House, said: str) -> None:
    any_house.till()
    found = any_house.hq.tills.revoke(said)
    assert isinstance(found, Refusal)
    assert found.field == "till"
    assert rows(any_house)[0].state is TillState.OPEN


def test_hqs_own_journal_is_no_till_and_cannot_be_shut_out(house: House) -> None:
    house.till()
    house.hq.programmes.publish(PROGRAMME, "club.toml", When())
    house.hq.stock.change(StockChange(do=StockDo.SET, reward="mug", item="MUG", store="S1", quantity="3"))
    ((own,),) = house.rows("SELECT terminal_id FROM terminal WHERE role = 'hq'")
    assert isinstance(house.hq.tills.revoke(own.hex()), Refusal)
    assert [one.name for one in rows(house)] == ["Till 1"]


def test_a_question_of_another_version_is_refused(house: House) -> None:
    assert answer(house.hq.tills, {"do": "sell"})["refused"] == "bad_request"
