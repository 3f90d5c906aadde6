"""Tills whose disks are restored and copied while the line fails: each entry counts once, nothing that a disk holds is lost."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest

from agent.book import sync_state
from agent.book.witness import FILE as WITNESS
from agent.keys import TillKeys
from agent.sync_worker import SyncMode, synchronise
from agent.till.till import Till
from hq.attention.parking import ExceptionReason
from hq.backups.copying import copy_book
from hq.book.sqlite import BOOK_FILE
from hq.config import DurableRule, HqConfig
from hq.pairing.terminals import authenticate
from hq.server import Hq, open_hq
from loyalty.journal.chain import head_code
from sync.protocol import epochs, wire
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused
from sync.protocol.leases import LeaseAnswer, LeaseRequest
from sync.protocol.values import Acknowledged, Batch, FeedPage, Hello, HelloAnswer, PairRequest
from sync.protocol.wire import pairing_proof_bytes
from tests.agent.syncing import pending
from tests.agent.till.world import Clock, config, line, programme_file, sale

_T = TypeVar("_T")
CARDS = ("2100000000017", "2100000000024")
LOST, ANSWER_LOST, TWICE, NONE = range(4)


@dataclass
class Direct:
    """A way to HQ through the bytes of the protocol but no socket; ``faults`` says what becomes of each request."""

    hq: Hq
    token: str
    faults: Iterator[int] = field(default_factory=lambda: iter(()))
    sent: list[Callable[[], object]] = field(default_factory=list)

    def hello(self, hello: Hello) -> HelloAnswer:
        said = wire.decode_hello(wire.encode_hello(hello))
        return self._go(lambda: self.hq.ingest.hello(authenticate(self.hq.book, self.token), said))

    def upload(self, batch: Batch) -> Acknowledged:
        data = wire.encode_batch(batch)
        ask = lambda: self.hq.ingest.batch(authenticate(self.hq.book, self.token), wire.decode_batch(data))  # noqa: E731
        self.sent.append(ask)
        return self._go(ask)

    def hash_at(self, asked: HashAsked) -> HashAnswer:
        said = epochs.decode_hash_asked(epochs.encode_hash_asked(asked))
        return self._go(lambda: self.hq.epochs.hash_at(authenticate(self.hq.book, self.token), said))

    def open_epoch(self, request: EpochRequest) -> EpochOpened:
        said = epochs.decode_epoch_request(epochs.encode_epoch_request(request))
        ask = lambda: self.hq.epochs.open_epoch(authenticate(self.hq.book, self.token), said)  # noqa: E731
        self.sent.append(ask)
        return self._go(ask)

    def leases(self, request: LeaseRequest) -> LeaseAnswer:
        return self._go(lambda: self.hq.leasing.exchange(authenticate(self.hq.book, self.token), request))

    def feed(self, after: int, epoch: int, wanted: Sequence[bytes] = ()) -> FeedPage:
        def ask() -> FeedPage:
            till = authenticate(self.hq.book, self.token)
            if till.epoch != epoch:
                raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN)
            return self.hq.feed.page(terminal=till.terminal_id, epoch=epoch, after=after, wanted=wanted)

        return self._go(ask)

    def _go(self, ask: Callable[[], _T]) -> _T:
        fault = next(self.faults, NONE)
        if fault == LOST:
            raise LinkDown("lost")
        answer = ask()
        if fault == TWICE:
            assert told(ask()) == told(answer)
        if fault == ANSWER_LOST:
            raise LinkDown("the answer was lost")
        return answer


def told(answer: object) -> object:
    """An answer as far as asking again gives the same: each page of a feed checks another bucket."""
    return replace(answer, check=None) if isinstance(answer, FeedPage) else answer


@dataclass
class Disk:
    """A till on a folder of its own; a clone has another folder and the same name."""

    name: int
    folder: Path
    till: Till


class World:
    """An HQ and tills; images of their disks; and what each entry that was ever written is worth."""

    def __init__(
        self, folder: Path, chance: random.Random, tills: int, *, durable: DurableRule = DurableRule.BACKUP
    ) -> None:
        self.folder, self.chance = folder, chance
        self.config = HqConfig(data_dir=folder / "hq", durable=durable)
        self.hq = open_hq(self.config, clock=Clock(), randomness=chance.randbytes)
        self.hq_key = chance.randbytes(32)
        self.worth: dict[bytes, tuple[str, int]] = {}
        self.printed: dict[bytes, tuple[int, str]] = {}
        self.images: list[tuple[int, Path]] = []
        self.late: list[Callable[[], object]] = []
        self.saved: list[Path] = []
        self.number = 0
        self.tokens = [self.pair(name) for name in range(tills)]
        self.disks = [self.open(name, self.place(name)) for name in range(tills)]

    def place(self, name: int) -> Path:
        self.number += 1
        folder = self.folder / f"disk-{name}-{self.number}"
        folder.mkdir()
        return folder

    def keys(self, name: int, folder: Path) -> TillKeys:
        seed = random.Random(f"{name}-{self.hq_key.hex()}").randbytes(32)
        return TillKeys(config(folder).data_dir / "keys", terminal_seed=seed, identifier_key=self.identifier_key)

    @property
    def identifier_key(self) -> bytes:
        return self.hq.ingest.settings.identifier_key

    def pair(self, name: int) -> str:
        keys = self.keys(name, self.folder / f"keys-{name}")
        code = self.hq.make_pairing_code()
        proof = keys.sign(pairing_proof_bytes(code, keys.public_key))
        request = PairRequest(code=code, public_key=keys.public_key, proof=proof, store="S1", name=f"till {name}")
        return self.hq.pairing.pair(request).token

    def open(self, name: int, folder: Path) -> Disk:
        programme_file(folder)
        ids = random.Random(self.chance.getrandbits(64))
        till = Till(config(folder), keys=self.keys(name, folder), clock=Clock(), mint=lambda: ids.randbytes(16))
        return Disk(name=name, folder=folder, till=till)

    def any_disk(self) -> Disk:
        return self.chance.choice(self.disks)

    def sell(self, card: str = "") -> None:
        disk, points, card = self.any_disk(), self.chance.randrange(1, 90), card or self.chance.choice(CARDS)
        self.number += 1
        sold = disk.till.commit(sale(f"k{self.number}", line(1, points * 2_000), card=card))
        entry = bytes.fromhex(sold.values["entry"])
        self.worth[entry] = card, points
        self.printed[entry] = sold.values["sequence"], sold.values["code"]

    def talk(self) -> None:
        disk = self.any_disk()
        faults = (
            self.chance.choice((NONE, NONE, NONE, LOST, ANSWER_LOST, TWICE)) for _ in range(self.chance.randrange(15))
        )
        link = Direct(hq=self.hq, token=self.tokens[disk.name], faults=faults)
        synchronise(disk.till.context, link)
        self.late += link.sent[-2:]

    def come_late(self) -> None:
        """A request of any time before arrives once more."""
        if self.late:
            try:
                self.chance.choice(self.late)()
            except SyncRefused as refused:
                assert refused.code in {SyncErrorCode.EPOCH_UNKNOWN, SyncErrorCode.CHAIN_MISMATCH}  # noqa: PT017

    def save_image(self) -> None:
        disk = self.any_disk()
        self.images.append((disk.name, self.copy_of(disk)))

    def copy_of(self, disk: Disk) -> Path:
        image = self.place(disk.name)
        disk.till.close()
        shutil.copytree(disk.folder, image, dirs_exist_ok=True)
        self.replace(disk, self.open(disk.name, disk.folder))
        return image

    def replace(self, disk: Disk, by: Disk) -> None:
        disk.till = by.till

    def restore(self) -> None:
        """A disk becomes what an image of it was; what only it held is gone with it."""
        if self.images:
            name, image = self.chance.choice(self.images)
            disk = next(one for one in self.disks if one.name == name)
            disk.till.close()
            before, disk.folder = disk.folder, self.place(name)
            shutil.copytree(image, disk.folder, dirs_exist_ok=True)
            if self.chance.random() < 0.5:  # what witnesses the head is on another disk, which was not restored
                shutil.copy(config(before).data_dir / WITNESS, config(disk.folder).data_dir / WITNESS)
            self.replace(disk, self.open(name, disk.folder))

    def clone(self) -> None:
        """A copy of a disk begins to live beside it."""
        if len(self.disks) < 5:
            disk = self.any_disk()
            self.disks.append(self.open(disk.name, self.copy_of(disk)))

    def save_hq(self) -> None:
        self.number += 1
        self.saved.append(self.folder / f"backup-{self.number}")
        copy_book(self.config.data_dir, self.saved[-1])

    def restore_hq(self) -> None:
        """HQ becomes what a backup of it was."""
        if self.saved:
            self.hq.close()
            for path in self.config.data_dir.glob(f"{BOOK_FILE}*"):
                path.unlink()
            shutil.copy(self.chance.choice(self.saved), self.config.data_dir / BOOK_FILE)
            self.hq = open_hq(self.config, clock=Clock(), randomness=self.chance.randbytes)
            self.late.clear()

    def rest(self) -> None:
        for _ in range(2):
            for disk in self.disks:
                link = Direct(hq=self.hq, token=self.tokens[disk.name])
                assert synchronise(disk.till.context, link).mode is SyncMode.ONLINE
        for disk in self.disks:
            synchronise(disk.till.context, Direct(hq=self.hq, token=self.tokens[disk.name]))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.hq.book.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def parked(self, held: set[object]) -> set[object]:
        """Entries that HQ keeps for a person: of members whose enrolment HQ lost, and with it the only disk that had it."""
        rows = self.rows("SELECT entry_id, reason, waits_for FROM parked WHERE state = 'open'")
        assert all(reason == "unknown_account" and waits not in held for _, reason, waits in rows)
        assert not rows or self.saved
        return {entry for entry, _, _ in rows}

    def check(self) -> None:
        held = {entry for (entry,) in self.rows("SELECT entry_id FROM entry")}
        parked = self.parked(held)
        for disk in self.disks:
            with disk.till.context.book.read() as connection:
                own = {row[0] for row in connection.exec_driver_sql("SELECT entry_id FROM journal")}
                assert sync_state.state(connection).acked == disk.till.context.book.head.sequence
                assert not sync_state.state(connection).rolled_back
            assert own <= held
            assert disk.till.unsent() == 0
            assert parked or pending(disk.till) == 0
        for card in CARDS:
            counted = held - parked
            expected = sum(
                points for entry, (whose, points) in self.worth.items() if whose == card and entry in counted
            )
            known = self.hq.member_balance(card)
            assert (known.of("points") if known is not None else 0) == expected
            shown = {(disk.till.member_balances(card) or {}).get("points", 0) for disk in self.disks}
            assert parked or shown == {expected}
        sums = self.rows(
            "SELECT account_id, unit, SUM(amount) FROM ledger GROUP BY 1, 2 HAVING SUM(amount) <> 0 ORDER BY 1, 2"
        )
        assert sums == self.rows("SELECT account_id, unit, amount FROM balance WHERE amount <> 0 ORDER BY 1, 2")

    def check_reported(self) -> None:
        """A till that HQ holds two branches of is told of; one that it does not, is not."""
        branched = {
            terminal
            for terminal, epoch, common in self.rows("SELECT terminal_id, from_epoch, common FROM epoch_opening")
            for held in self.rows("SELECT terminal_id, epoch, sequence FROM journal_head")
            if held[:2] == (terminal, epoch) and int(str(held[2])) > int(str(common))
        }
        reasons = (ExceptionReason.FORK, ExceptionReason.CLONE)
        told = {
            terminal for terminal, reason in self.rows("SELECT terminal_id, reason FROM exception") if reason in reasons
        }
        assert branched <= told
        assert told <= {terminal for (terminal,) in self.rows("SELECT terminal_id FROM epoch_opening")}

    def check_receipts(self) -> None:
        """A receipt that is printed again says what it said, in whichever epoch its entry is chained now."""
        from agent.book import journal

        for disk in self.disks:
            with disk.till.context.book.read() as connection:
                for entry, printed in self.printed.items():
                    stored = journal.by_id(connection, entry)
                    if stored is not None:
                        assert (stored.wire, head_code(stored.hash)) == printed

    def close(self) -> None:
        for disk in self.disks:
            disk.till.close()
        self.hq.close()


def test_disks_to_which_hq_gave_one_number_before_and_after_its_restore_are_told_apart(tmp_path: Path) -> None:
    converge(World(tmp_path, random.Random(2_144_196_480_013), 3), hq_is_restored=True)


@pytest.mark.parametrize("hq_is_restored", [False, True])
@pytest.mark.parametrize("tills", [1, 2, 3])
@pytest.mark.parametrize("run", range(2))
def test_restored_and_copied_disks_converge_and_every_entry_counts_once(
    tmp_path: Path, seed: int, run: int, tills: int, hq_is_restored: bool
) -> None:
    converge(World(tmp_path, random.Random(seed * 1_000 + run * 10 + tills), tills), hq_is_restored=hq_is_restored)


def converge(world: World, *, hq_is_restored: bool) -> None:
    acts = [world.sell] * 8 + [world.talk] * 8 + [world.come_late, world.save_image, world.restore, world.clone]
    if hq_is_restored:
        acts += [world.save_hq, world.restore_hq]
    try:
        for _ in range(60):
            world.chance.choice(acts)()
        world.rest()
        world.check()
        world.check_reported()
        world.check_receipts()
    finally:
        world.close()
