"""After HQ was restored: it grants nothing until every till has said what it holds, and believes its own seal alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy

from hq.adjusting.service import Adjustment
from hq.server import declare_restored
from loyalty.holding.accounts import pool_account
from loyalty.journal.entry import LeaseDraw, Posting
from loyalty.refusals import Refusal, RefusalCode
from sync.protocol.leases import Lease, LeaseState, Slice, is_sealed, seal_of
from tests.hq.houses import House
from tests.hq.jobs.shops import shop
from tests.hq.leasing.exchanges import Line, all_leases, balance, lines, member, piece, points, redeem

Build = Callable[..., House]


class Shops:
    """A house that is restored from a backup made before any lease was granted."""

    def __init__(self, build: Build, url: str | None) -> None:
        self.build, self.url = build, url
        self.house = build(url)

    def restore(self, *tills: Line) -> None:
        """Forget every lease, and put HQ together anew."""
        with self.house.hq.book.write() as connection:
            for table in ("lease_slice", "lease"):
                connection.execute(sqlalchemy.text(f"DELETE FROM {table}"))
        self.house.hq.close()
        declare_restored(self.house.hq.config, clock=self.house.clock)
        again = self.build(self.url, data_dir=self.house.hq.config.data_dir)
        again.tokens, again.chance = self.house.tokens, self.house.chance
        self.house = again
        for line in tills:
            line.house = again


@pytest.fixture
def shops(build: Build, any_url: str | None) -> Shops:
    return Shops(build, any_url)


def test_hq_that_was_never_restored_waits_for_nobody(any_house: House) -> None:
    line, _ = lines(any_house)
    answer = line.ask(line.want(member(line, points(10)), 5))
    assert (answer.recovering, answer.refused) == (False, ())


def test_nothing_is_granted_until_every_till_has_said_what_it_holds(shops: Shops) -> None:
    holder, other, dark = lines(shops.house, 3)
    account = member(holder, points(10))
    lease = holder.granted(account, 8)
    shops.restore(holder, other, dark)
    answer = other.ask(other.want(account, 5), held=())
    assert (answer.recovering, [reason.value for _, reason in answer.refused]) == (True, ["recovering"])
    assert holder.ask(held=(lease,)).recovering
    [waits_for] = shops.house.hq.leases.unheard()
    shops.house.hq.tills.revoke(dark.till.id.hex(), by="Aliya")  # who is shut out is not waited for
    assert shops.house.hq.leases.unheard() == []
    standing = shops.house.hq.tills.rows(dark.till.id.hex())
    assert isinstance(standing, tuple)
    assert [row.name for row in standing] == [waits_for]
    answer = holder.ask()
    assert (answer.recovering, [one.lease for one in answer.changes]) == (False, [lease])
    assert other.refused(other.want(account, 5, 3)) == "not_enough"
    assert other.granted(account, 5, 2).amount == 2


def test_a_till_that_holds_much_says_it_in_parts_and_is_waited_for_until_the_last(shops: Shops) -> None:
    holder, other = lines(shops.house)
    account = member(holder, points(10))
    first, second = holder.granted(account, 3), holder.granted(account, 4)
    shops.restore(holder, other)
    assert other.ask(held=()).recovering
    part = replace(holder.request(held=(first,)), held_more=True)
    assert shops.house.hq.leasing.exchange(shops.house.known(holder.till), part).recovering
    assert other.refused(other.want(account, 3)) == "recovering"
    assert not holder.ask(held=(second,)).recovering
    assert other.granted(account, 10).amount == 3


def test_a_restored_hq_is_told_once_for_each_time(shops: Shops) -> None:
    (line,) = lines(shops.house, 1)
    shops.restore(line)
    assert not line.ask(held=()).recovering
    shops.restore(line)
    assert line.ask().recovering
    assert not line.ask(held=()).recovering


def test_a_lease_is_taken_in_again_as_it_was_granted_and_its_draws_come_with_the_journal(shops: Shops) -> None:
    (line,) = lines(shops.house, 1)
    account = member(line, points(10))
    lease = line.granted(account, 8)
    shops.restore(line)
    held = replace(lease, state=LeaseState.RECALLED, slices=(piece(8, spent=5),))
    assert line.ask(held=(held,)).changes[0].lease == lease
    assert line.ask(held=(held,)).changes[0].lease == lease
    redeem(line, lease, 5)
    line.send()
    (kept,) = all_leases(shops.house)
    assert (kept.lease.slices, kept.counted) == ((piece(8, spent=5),), False)


def test_a_lease_that_is_told_twice_in_one_message_is_taken_in_once(shops: Shops) -> None:
    (line,) = lines(shops.house, 1)
    lease = line.granted(member(line, points(10)), 8)
    shops.restore(line)
    line.ask(held=(lease, lease))
    assert [kept.lease.lease_id for kept in all_leases(shops.house)] == [lease.lease_id]


def test_what_hq_still_knows_stays_as_it_is(any_house: House) -> None:
    (line,) = lines(any_house, 1)
    lease = line.granted(member(line, points(10)), 8)
    line.till.add("close", closes=(lease.lease_id,))
    line.send()
    line.ask(held=(lease,))
    assert [kept.lease.state for kept in all_leases(any_house)] == [LeaseState.CLOSED]


FORGERIES: list[Callable[[Lease], Lease]] = [
    lambda lease: replace(lease, slices=(piece(9),)),
    lambda lease: replace(lease, lease_id=b"f" * 16),
    lambda lease: replace(lease, expires_at=lease.expires_at + 1),
    lambda lease: replace(lease, account=b"f" * 16),
    lambda lease: replace(lease, unit="stamps"),
    lambda lease: replace(lease, epoch=2),
    lambda lease: replace(lease, slices=(*lease.slices, Slice(lot_id=None, usable_at=None, expires_at=None, amount=1))),
    lambda lease: replace(lease, seal=b""),
    lambda lease: replace(lease, seal=lease.seal[::-1]),
]


def test_what_hq_did_not_grant_is_not_taken_in(shops: Shops) -> None:
    line, other = lines(shops.house)
    lease = line.granted(member(line, points(10)), 8)
    foreign = other.granted(lease.account, 2)
    shops.restore(line, other)
    line.ask(held=(foreign, *(forge(lease) for forge in FORGERIES)))
    assert all_leases(shops.house) == []
    line.ask(held=(lease,))
    assert [kept.lease.lease_id for kept in all_leases(shops.house)] == [lease.lease_id]


def test_a_lease_of_a_pool_that_counts_comes_back_as_one(shops: Shops) -> None:
    line = Line(shops.house, shop(shops.house, '[[event]]\nid = "evening"\nnames.en = "Evening"\nseats = 30\n'))
    seats: dict[str, Any] = {"pool": "seats.evening", "unit": "seats.evening"}
    lease = line.granted(None, 20, urgent=True, **seats)
    shops.restore(line)
    line.ask(held=(lease,))
    assert [(kept.counted, kept.pool) for kept in all_leases(shops.house)] == [
        (True, (pool_account("club", "seats.evening"), "seats.evening"))
    ]
    assert line.granted(None, 20, urgent=True, **seats).amount == 10


def test_what_posted_entries_drew_of_a_forgotten_lease_is_counted_when_it_is_taken_in(shops: Shops) -> None:
    (line,) = lines(shops.house, 1)
    account = member(line, points(10))
    lease = line.granted(account, 8)
    shops.restore(line)
    redeem(line, lease, 5)
    line.send()
    assert not line.ask(held=(lease,)).recovering
    [kept] = all_leases(shops.house)
    assert (kept.lease.spent, kept.left, kept.lease.state) == (5, 3, LeaseState.OPEN)


def test_a_lease_that_was_spent_and_given_back_before_hq_knew_it_again_counts_no_more(shops: Shops) -> None:
    (line,) = lines(shops.house, 1)
    account = member(line, points(10))
    spent, closed = line.granted(account, 4), line.granted(account, 3)
    shops.restore(line)
    redeem(line, spent, 4)
    line.till.add("close", closes=(closed.lease_id,))
    line.send()
    line.ask(held=(spent, closed))
    states = {kept.lease.lease_id: kept.lease.state for kept in all_leases(shops.house)}
    assert states == {spent.lease_id: LeaseState.SPENT, closed.lease_id: LeaseState.CLOSED}
    assert line.granted(account, 6, 6).amount == 6


def test_what_a_till_says_that_it_holds_counts_only_for_the_restore_that_asked(shops: Shops) -> None:
    line, other = lines(shops.house)
    lease = line.granted(member(line, points(10)), 8)
    shops.restore(line, other)
    late = line.request(held=(lease,))
    assert line.ask(held=(lease,)).recovering  # the other one has not said anything yet
    shops.restore(line, other)
    assert shops.house.hq.leasing.exchange(shops.house.known(line.till), late).recovering
    assert (all_leases(shops.house), len(shops.house.hq.leases.unheard())) == ([], 2)


def test_an_hq_that_knows_what_tills_hold_takes_nothing_in(shops: Shops) -> None:
    line, other = lines(shops.house)
    lease = line.granted(member(line, points(10)), 8)
    shops.restore(line, other)
    line.ask(held=())
    assert not other.ask(held=()).recovering
    assert not line.ask(held=(lease,)).recovering
    assert all_leases(shops.house) == []


def test_the_key_of_seals_is_told_to_nobody(house: House) -> None:
    settings = house.hq.leasing.settings
    (line,) = lines(house, 1)
    lease = line.granted(member(line, points(10)), 8)
    assert is_sealed(settings.own_key, lease)
    assert not any(
        is_sealed(key, lease) for key in (settings.identifier_key, settings.signing_key, settings.public_key)
    )


def test_a_backup_from_before_a_grant_is_noticed(build: Build, any_url: str | None) -> None:
    house = build(any_url)
    (line,) = lines(house, 1)
    account = member(line, points(10))
    before = house.hq.hq_epoch
    line.granted(account, 8)
    with house.hq.book.write() as connection:
        for table in ("lease_slice", "lease"):
            connection.execute(sqlalchemy.text(f"DELETE FROM {table}"))
        connection.execute(sqlalchemy.text("UPDATE lease_head SET change = 0"))
    house.hq.close()
    again = build(any_url, data_dir=house.hq.config.data_dir)
    assert again.hq.hq_epoch != before
    assert len(again.hq.leases.unheard()) == 1


def test_while_it_does_not_know_what_tills_hold_a_person_takes_nothing(shops: Shops) -> None:
    line = Line(shops.house, shop(shops.house, '[[unit]]\nid = "points"\n'))
    member(line, points(10))
    shops.restore(line)
    asked = Adjustment(card="7001", unit="points", amount="-1", reason="a mistake")
    said = shops.house.hq.adjusting.adjust(asked)
    assert isinstance(said, Refusal)
    assert (said.code, "restored" in said.detail) == (RefusalCode.INSUFFICIENT_UNITS, True)
    line.ask(held=())
    assert not isinstance(shops.house.hq.adjusting.adjust(asked), Refusal)


def test_a_lease_of_somebody_who_turns_out_to_be_another_counts_for_that_one(shops: Shops) -> None:
    holder, other = lines(shops.house, 2)
    stays = member(other, points(10))
    granted = holder.granted(stays, 8)
    gone = b"g" * 16
    unsealed = replace(granted, account=gone)
    lease = replace(unsealed, seal=seal_of(shops.house.hq.leasing.settings.own_key, unsealed))
    shops.restore(holder, other)
    other.ask(held=())
    assert not holder.ask(held=(lease,)).recovering
    assert [kept.lease.account for kept in all_leases(shops.house)] == [gone]
    holder.till.add("enrol", identifier="7001", entry_id=gone)
    holder.send()
    (kept,) = all_leases(shops.house)
    assert (kept.lease.account, kept.lease.state) == (stays, LeaseState.RECALLED)
    assert other.refused(other.want(stays, 5, 3)) == "not_enough"
    redeem(holder, lease, 8)
    holder.send()
    assert (balance(shops.house, stays), shops.house.rows("SELECT * FROM shortfall")) == (2, [])


def test_two_draws_on_one_lot_of_a_lease_that_was_forgotten_count_together(shops: Shops) -> None:
    (line,) = lines(shops.house, 1)
    account = member(line, points(10))
    lease = line.granted(account, 8)
    shops.restore(line)
    draws = (LeaseDraw(lease=lease.lease_id, lot_id=None, amount=amount) for amount in (3, 2))
    line.till.add("sale", Posting(account=account, unit="points", amount=-5, lot=None), leases=tuple(draws))
    line.send()
    line.ask(held=(lease,))
    (kept,) = all_leases(shops.house)
    assert kept.lease.slices == (piece(8, spent=5),)
