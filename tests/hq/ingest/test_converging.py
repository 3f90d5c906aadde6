"""However journals are cut, doubled, retried and mixed, HQ ends with the same balances."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.protocol.errors import SyncErrorCode, SyncRefused
from tests.hq.houses import House
from tests.hq.tills import FakeTill

TILLS = 3
CARDS = 4


def fill(tills: list[FakeTill], chance: random.Random) -> Counter[str]:
    """Let the tills enrol and sell, also for members that another till enrolled; gives what each card earned."""
    expected: Counter[str] = Counter()
    tag = chance.getrandbits(40)
    known: list[tuple[str, bytes]] = []
    for _ in range(chance.randrange(5, 40)):
        till = chance.choice(tills)
        if not known or chance.random() < 0.25:
            card = f"{tag}-{chance.randrange(CARDS)}"
            known.append((card, till.enrol(card)))
        else:
            card, member = chance.choice(known)
            points = chance.randrange(-50, 200)
            till.sale(member, points)
            expected[card] += points
    return expected


def deliver(house: House, tills: list[FakeTill], chance: random.Random) -> None:
    """Send random runs of random tills until HQ has everything; gaps are refused and not heeded."""
    for _ in range(chance.randrange(40)):
        send_some(house, chance.choice(tills), chance)
    for till in chance.sample(tills, len(tills)):
        while house.hq.ingest.hello(house.known(till), till.hello()).resume_from <= len(till.entries):
            send_some(house, till, chance)


def send_some(house: House, till: FakeTill, chance: random.Random) -> None:
    if not till.entries:
        return
    first = chance.randint(1, len(till.entries))
    last = chance.randint(first, len(till.entries))
    held = house.hq.ingest.hello(house.known(till), till.hello()).resume_from - 1
    if first > held + 1:
        with pytest.raises(SyncRefused) as caught:
            house.take(till, first, last)
        assert (caught.value.code, caught.value.need) == (SyncErrorCode.GAP, held + 1)
    else:
        assert house.take(till, first, last) == max(last, held)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=0, max_value=2**32))
def test_any_cutting_doubling_and_mixing_gives_the_same_balances(house: House, number: int) -> None:
    chance = random.Random(number)
    tills = [house.till(f"Till {place}") for place in range(TILLS)]
    expected = fill(tills, chance)
    deliver(house, tills, chance)
    assert {card: house.points(card) for card in expected} == dict(expected)
    assert house.hq.totals().parked == 0
    sums = house.rows("SELECT account_id, unit, SUM(amount) FROM ledger GROUP BY account_id, unit ORDER BY 1, 2")
    assert sums == house.rows("SELECT account_id, unit, amount FROM balance ORDER BY 1, 2")
