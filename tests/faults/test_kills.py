"""HQ and two tills, real processes, are killed again and again while they sell; an audit from outside finds nothing.

What the audit says is worth something only if it finds what is wrong: so the books that the kills left are spoilt in one
way after another, and each time it must say so.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from bench.faults import audit
from bench.faults.pos import Told
from bench.faults.processes import Answered, HqProcess
from bench.kill_agents import TILLS, Campaign, Shop, audited, run
from messages.catalogue import Catalogue

KILLS = 21
MARK = Catalogue.load("kk").text("receipt.copy")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Shop:
    """A shop that was killed and came level; its processes have ended."""
    shop = Shop(tmp_path_factory.mktemp("kills"), seed, per_second=10)
    run(shop, KILLS)
    return shop


@pytest.fixture(scope="module")
def found(shop: Shop, seed: int) -> Campaign:
    return audited(shop, seed, 0.0)


def test_whatever_is_killed_while_it_sells_nothing_is_lost_doubled_or_left_unprinted(found: Campaign) -> None:
    assert sum(found.kills.values()) == KILLS
    assert found.faults == ()


def test_the_kills_fell_on_work_that_was_under_way(found: Campaign) -> None:
    assert found.retries > 0
    assert found.entries > KILLS
    assert found.receipts > 0


class Spoilt:
    """Copies of the books, to spoil and audit; the till is the first of the two."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.hq = folder / "hq.sqlite3"
        self.till = folder / TILLS[0]
        self.receipts = folder / "receipts"
        self._tills = {name: (folder / name, pos.told) for name, pos in zip(TILLS, shop.posts, strict=True)}
        shutil.copy(shop.hq.data / "hq.sqlite3", self.hq)
        for till in shop.tills:
            shutil.copy(till.data / "till.db", folder / till.name)
        shutil.copytree(shop.tills[0].receipts, self.receipts)

    def change(self, book: Path, statement: str) -> None:
        with closing(sqlite3.connect(book)) as connection, connection:
            assert connection.execute(statement).rowcount > 0

    def said(self, told: list[Told] | None = None) -> list[str]:
        books = {name: (audit.read_till(name, path), heard) for name, (path, heard) in self._tills.items()}
        book, heard = books[TILLS[0]]
        books[TILLS[0]] = (book, told if told is not None else heard)
        return audit.faults(audit.read_hq(self.hq), books) + audit.paper_faults(book, self.receipts, MARK)

    @property
    def told(self) -> list[Told]:
        return list(self._tills[TILLS[0]][1])


@pytest.fixture
def spoilt(shop: Shop, tmp_path: Path) -> Spoilt:
    return Spoilt(shop, tmp_path)


def test_books_that_nobody_spoilt_are_whole(spoilt: Spoilt) -> None:
    assert spoilt.said() == []


_LAST = "(SELECT max(sequence) FROM journal)"
_A_SALE = "(SELECT min(sequence) FROM journal WHERE kind = 'sale')"
_LONGER = "CAST(detail || ' ' AS BLOB)"
_A_FORK = """
INSERT INTO exception (terminal_id, epoch, sequence, reason, note, state, raised_at_ms)
SELECT terminal_id, 1, 1, 'fork', '', 'open', 0 FROM terminal
"""


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE ledger SET amount = amount + 1 WHERE line = 0", "does not add up to its balances"),
        ("UPDATE balance SET amount = amount + 1 WHERE amount > 0", "does not add up to its balances"),
        ("DELETE FROM ledger WHERE amount > 0", "is not what the journals post"),
        ("DELETE FROM entry WHERE kind = 'sale' AND sequence < 20", "is not there exactly once"),
        (f"DELETE FROM journal WHERE sequence = {_LAST}", "HQ does not hold the same journal"),
        (f"UPDATE journal SET detail = {_LONGER}", "HQ does not hold the same journal"),
        (_A_FORK, "an exception"),
    ],
)
def test_a_spoilt_book_of_hq_is_found(spoilt: Spoilt, statement: str, says: str) -> None:
    spoilt.change(spoilt.hq, statement)
    assert [said for said in spoilt.said() if says in said]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"DELETE FROM journal WHERE sequence = {_LAST}", "is not there exactly once"),
        (f"UPDATE journal SET core = CAST(core || ' ' AS BLOB) WHERE sequence = {_A_SALE}", "the chain breaks at"),
        (f"UPDATE journal SET detail = {_LONGER} WHERE sequence = {_A_SALE}", "is not the one that its core names"),
        ("UPDATE posted SET amount = amount - 1 WHERE amount > 5", "balances are not HQ's"),
        (f"UPDATE journal SET receipt_number = 900000 WHERE sequence = {_A_SALE}", "have a gap or a double"),
        (f"DELETE FROM print_job WHERE sequence = {_A_SALE}", "are not those of the entries with a receipt"),
        (f"UPDATE print_job SET state = 'unknown' WHERE sequence = {_A_SALE}", "is unknown"),
    ],
)
def test_a_spoilt_book_of_a_till_is_found(spoilt: Spoilt, statement: str, says: str) -> None:
    spoilt.change(spoilt.till, statement)
    assert [said for said in spoilt.said() if says in said]


def test_the_audit_of_the_campaign_hears_what_hq_says_of_its_own_book(shop: Shop, tmp_path: Path) -> None:
    spoilt = HqProcess(tmp_path)
    shutil.copytree(shop.hq.data, spoilt.data)
    assert spoilt.audit() == ""
    with closing(sqlite3.connect(spoilt.data / "hq.sqlite3")) as connection, connection:
        connection.execute("UPDATE balance SET amount = amount + 1 WHERE amount > 0")
    assert "balance" in spoilt.audit()


def test_an_answer_without_its_entry_and_an_entry_without_its_answer_are_found(spoilt: Spoilt) -> None:
    told = next(one for one in spoilt.told if one.path == "/v1/commit" and one.entry is not None)
    invented = Told(
        key="x",
        path="/v1/commit",
        body=b"{}",
        answer=Answered(status=200, body=b'{"entry":"' + b"ab" * 16 + b'"}'),
        tries=1,
    )
    without = [one for one in spoilt.told if one is not told]
    assert [said for said in spoilt.said([*spoilt.told, invented]) if "is not there exactly once" in said]
    assert [said for said in spoilt.said([*spoilt.told, told]) if "is not there exactly once" in said]
    assert [said for said in spoilt.said(without) if "1 entries were written that no answer names" in said]


def test_a_receipt_that_is_missing_spoilt_of_nobody_or_wrongly_marked_is_found(spoilt: Spoilt, seed: int) -> None:
    copied = {path.stem.partition("-copy-")[0] for path in spoilt.receipts.glob("*-copy-*.txt")}
    texts = sorted(path for path in spoilt.receipts.glob("receipt-??????.txt") if path.stem not in copied)
    missing, wrong, marked = Random(seed).sample(texts, 3)
    missing.unlink()
    wrong.write_text("another code", encoding="utf-8")
    marked.write_text(marked.read_text(encoding="utf-8") + MARK, encoding="utf-8")
    (spoilt.receipts / "receipt-900000.txt").write_text("", encoding="utf-8")
    said = " ".join(spoilt.said())
    for sentence in (
        f"{missing.stem} was not printed",
        f"{wrong.stem} does not carry the code of its entry",
        f"{marked.stem} is marked as a copy or not",
        "receipt-900000 is of no committed entry",
    ):
        assert sentence in said
