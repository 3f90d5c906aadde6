"""Backups, what tills remove because of them, and an HQ that comes back from one."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from agent.sync_worker import SyncMode, synchronise
from agent.till.requests import UnmatchedLine
from hq.asking import back_up
from hq.attention.parking import ExceptionReason
from hq.book.sqlite import BOOK_FILE
from hq.config import DurableRule
from hq.server import open_hq
from tests.agent.till.world import Clock, goods
from tests.cli.together.test_forks import CARDS, Direct, Disk, World


class Shop(World):
    """One till, an HQ, and its backups."""

    @property
    def disk(self) -> Disk:
        return self.disks[0]

    def sync(self) -> None:
        link = Direct(hq=self.hq, token=self.tokens[0])
        assert synchronise(self.disk.till.context, link).mode is SyncMode.ONLINE

    def sell_some(self, number: int) -> list[bytes]:
        before = set(self.worth)
        for _ in range(number):
            self.sell()
        return [entry for entry in self.worth if entry not in before]

    def pass_time(self, days: int) -> None:
        cast(Clock, self.disk.till.context.clock).now += timedelta(days=days)

    def back_up(self, name: str) -> Path:
        """Make a backup as the command does, HQ being stopped for it."""
        self.hq.close()
        file = self.folder / name
        assert back_up(self.config, file) == {"journals": 1}
        self.hq = open_hq(self.config, clock=Clock(), randomness=self.chance.randbytes)
        return file

    def restore_hq_from(self, file: Path) -> None:
        self.hq.close()
        for path in self.config.data_dir.glob(f"{BOOK_FILE}*"):
            path.unlink()
        shutil.copy(file, self.config.data_dir / BOOK_FILE)
        self.hq = open_hq(self.config, clock=Clock(), randomness=self.chance.randbytes)

    def kept(self) -> set[bytes]:
        with self.disk.till.context.book.read() as connection:
            return set(connection.exec_driver_sql("SELECT entry_id FROM journal").scalars())

    def exceptions(self) -> list[object]:
        return [reason for (reason,) in self.rows("SELECT reason FROM exception ORDER BY reason")]

    def check_balances(self) -> None:
        held = {entry for (entry,) in self.rows("SELECT entry_id FROM entry")}
        assert set(self.worth) <= held
        for card in {card for card, _ in self.worth.values()}:
            points = sum(points for whose, points in self.worth.values() if whose == card)
            known = self.hq.member_balance(card)
            assert known is not None
            assert known.of("points") == points == (self.disk.till.member_balances(card) or {}).get("points")


def shop_of(folder: Path, seed: int, durable: DurableRule) -> Iterator[Shop]:
    made = Shop(folder, random.Random(seed), 1, durable=durable)
    yield made
    made.close()


@pytest.fixture
def shop(tmp_path: Path, seed: int) -> Iterator[Shop]:
    yield from shop_of(tmp_path, seed, DurableRule.BACKUP)


@pytest.fixture
def careless(tmp_path: Path, seed: int) -> Iterator[Shop]:
    """A shop whose merchant says that HQ's disk is the only copy."""
    yield from shop_of(tmp_path, seed, DurableRule.COMMIT)


def test_a_till_keeps_everything_until_a_backup_holds_it_and_it_is_old_enough(shop: Shop) -> None:
    old = shop.sell_some(6)
    shop.sync()
    shop.pass_time(days=40)
    shop.sync()
    assert set(old) <= shop.kept()
    shop.back_up("first")
    shop.sync()
    shop.sync()
    assert shop.kept() == {old[-1]}
    young = shop.sell_some(3)
    shop.sync()
    shop.back_up("second")
    shop.pass_time(days=34)
    shop.sync()
    assert shop.kept() == {*young}
    shop.pass_time(days=2)
    shop.sync()
    assert shop.kept() == {young[-1]}
    shop.check_balances()


def test_an_hq_that_comes_back_from_that_backup_misses_nothing_that_the_till_removed(shop: Shop) -> None:
    shop.sell_some(6)
    shop.sync()
    file = shop.back_up("first")
    shop.sell_some(4)
    shop.sync()
    shop.pass_time(days=40)
    shop.sync()
    assert len(shop.kept()) == 4
    shop.restore_hq_from(file)
    shop.sell_some(1)
    shop.sync()
    shop.check_balances()
    assert shop.exceptions() == [ExceptionReason.HQ_RESTORED]
    assert shop.disk.till.context.book.head.epoch == 1


def test_what_was_called_durable_and_is_lost_is_told_to_a_person_and_the_till_goes_on(careless: Shop) -> None:
    for card in CARDS:  # whose enrolments are in the backup
        careless.sell(card)
    careless.sync()
    file = careless.back_up("old")
    lost = careless.sell_some(4)
    careless.sync()
    careless.pass_time(days=40)
    careless.sync()
    assert careless.kept() == {lost[-1]}
    careless.restore_hq_from(file)
    new = careless.sell_some(2)
    careless.sync()
    assert careless.exceptions() == [ExceptionReason.ENTRIES_MISSING, ExceptionReason.HQ_RESTORED]
    for entry in lost[:-1]:
        del careless.worth[entry]
    careless.sync()
    careless.check_balances()
    assert careless.disk.till.context.book.head.epoch > 1
    assert careless.kept() == {*new}


@pytest.mark.parametrize("changed", [1, 3, 6])
def test_an_entry_that_changed_on_the_disk_is_told_to_a_person_and_holds_nothing_up(shop: Shop, changed: int) -> None:
    for card in CARDS:
        shop.sell(card)
    shop.sync()
    held = shop.disk.till.context.book.head.sequence
    sold = shop.sell_some(6)
    with shop.disk.till.context.book.write() as writing:
        sql = "UPDATE journal SET core = replace(core, 'sale', 'sole') WHERE sequence = ?"
        writing.connection.exec_driver_sql(sql.replace("replace(core", "replace(CAST(core AS TEXT)"), (held + changed,))
        writing.connection.exec_driver_sql(
            "UPDATE journal SET core = CAST(core AS BLOB) WHERE sequence = ?", (held + changed,)
        )
    shop.sync()
    shop.sync()
    assert shop.exceptions() == [ExceptionReason.ROT]
    assert shop.rows("SELECT count(*) FROM parked") == [(0,)]
    del shop.worth[sold[changed - 1]]
    shop.check_balances()
    assert (shop.disk.till.unsent(), shop.disk.till.context.book.head.epoch) == (0, 2)


def test_a_return_of_a_sale_that_was_removed_is_refused_and_without_the_sale_kept_for_a_person(careless: Shop) -> None:
    (sold, *_) = careless.sell_some(3)
    careless.sync()
    careless.pass_time(days=40)
    careless.sync()
    assert sold not in careless.kept()
    till = careless.disk.till
    assert till.return_goods(goods("late", sold.hex(), (1, 1_000))).refused == "sale_unknown"
    unmatched = (UnmatchedLine(item="1", reason="removed", quantity_milli=1_000, amount_minor=2_000),)
    assert till.return_goods(goods("late2", None, unmatched=unmatched)).refused is None
    careless.sync()
    assert careless.rows("SELECT reason FROM parked") == [("unknown_original",)]
