"""An agent that is killed at any moment and asked again: what was answered is there, once, with the same bytes."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

from agent.book import journal
from agent.till.till import Till
from loyalty.journal.chain import first_head, next_head
from loyalty.journal.codec import decode_core, decode_detail, detail_digest
from tests.agent.till.world import open_till

ROOT = Path(__file__).parents[3]
SALES = 150
KILLS = 12


def sell(folder: Path, first: int, kill_after_s: float | None, *more: str) -> dict[str, str]:
    """Run the seller and give what it answered before it ended or was killed."""
    command = [sys.executable, "-m", "tests.agent.till.selling", str(folder), str(first), str(SALES), *more]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        opened = process.stdout.readline()
        assert opened == "open\n"
        timer = threading.Timer(kill_after_s, process.kill) if kill_after_s is not None else None
        if timer is not None:
            timer.start()
        lines = process.stdout.read().splitlines()
        process.wait()
        if timer is not None:
            timer.cancel()
    assert kill_after_s is not None or lines[-1] == "done"
    whole = [line.split() for line in lines if len(line.split()) == 2 and len(line.split()[1]) == 64]
    return dict(whole)


def chain_holds(till: Till) -> int:
    """Check the chain and every digest; gives the number of entries."""
    head = till.context.book.head
    value, count = first_head(till.context.keys.public_key, 1), 0
    with till.context.book.read() as connection:
        while entries := journal.run(connection, value, count + 1, 100, 10_000_000):
            for sent in entries:
                assert decode_core(sent.core).detail_digest == detail_digest(sent.detail)
                decode_detail(sent.detail)
                value = next_head(value, sent.core)
                count += 1
    assert (count, value) == (head.sequence, head.hash)
    return count


def test_what_was_answered_before_a_kill_is_there_once_with_the_same_bytes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    answered: dict[str, str] = {}
    for _ in range(KILLS):
        done = max((int(key[1:]) for key in answered), default=0)
        begin = max(0, done - chance.randrange(5))
        now = sell(tmp_path, begin, chance.uniform(0.0, 0.06))
        assert {key: now[key] for key in now.keys() & answered.keys()} == {
            key: answered[key] for key in now.keys() & answered.keys()
        }
        answered |= now
        with open_till(tmp_path) as till:
            chain_holds(till)
    last = sell(tmp_path, 0, None)
    assert {key: last[key] for key in answered} == answered
    returns = len(range(0, SALES, 3))
    with open_till(tmp_path) as till:
        assert chain_holds(till) == SALES + returns + 7
        assert till.member_count() == 7
        assert till.outstanding("points") == sum(
            (14_000 + number) // 2_000
            - (((14_000 + number) // 2_000) * 4_000 // (14_000 + number) if number % 3 == 0 else 0)
            for number in range(SALES)
        )


def test_points_that_are_spent_when_the_till_is_killed_are_spent_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    begin = 0
    for _ in range(KILLS // 3):
        now = sell(tmp_path, begin, chance.uniform(0.0, 0.08), "spend")
        begin = max((int(key[1:]) + 1 for key in now), default=begin)
        with open_till(tmp_path) as till:
            chain_holds(till)
    sell(tmp_path, begin, None, "spend")
    with open_till(tmp_path) as till, till.context.book.read() as connection:
        start = first_head(till.context.keys.public_key, 1)
        sold = [decode_detail(one.detail) for one in journal.run(connection, start, 1, 10_000, 10**9)]
        earned = sum(award.amount for detail in sold for award in detail.awards)
        spent = sum(one.units for detail in sold for one in detail.redemptions)
        assert spent > 0
        assert till.outstanding("points") == earned - spent
        assert all(amount >= 0 for _, _, amount in till.journal_balances())
        checks = [detail.host_check_id for detail in sold if detail.host_check_id is not None]
        assert len(checks) == len(set(checks)) == SALES
