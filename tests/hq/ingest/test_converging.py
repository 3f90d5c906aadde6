"""However journals are cut, doubled, retried and mixed, HQ ends with the same balances, lots and accounts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hq.accounts.holdings import holdings
from loyalty.holding.standing import Holdings, LotBalance
from loyalty.journal.entry import Lot, Opened, Posting
from sync.protocol.errors import SyncErrorCode, SyncRefused
from tests.hq.houses import House
from tests.hq.tills import POINTS, FakeTill

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


def fill_with_lots(tills: list[FakeTill], chance: random.Random) -> Expected:
    """Let the tills sell from and into lots of members and pools, on several days; gives what must come of it."""
    expected = Expected()
    pools = [chance.randbytes(16) for _ in range(2)]
    first = tills[0]
    members = [first.enrol(f"{chance.getrandbits(60)}") for _ in range(2)]
    lots = [Lot(lot_id=chance.randbytes(16), usable_at=place, expires_at=100 + place) for place in range(3)]
    seen: set[tuple[bytes, bytes]] = set()
    for _ in range(chance.randrange(5, 40)):
        till, member, pool = chance.choice(tills), chance.choice(members), chance.choice(pools)
        postings = tuple(
            Posting(account=account, unit=POINTS, amount=chance.randrange(-3, 4), lot=chance.choice([None, *lots]))
            for account in chance.choices([member, pool], k=chance.randrange(4))
        )
        new = {one.account for one in postings if one.account in pools and (till.id, one.account) not in seen}
        seen |= {(till.id, account) for account in new}
        day = f"2026-02-{chance.randrange(1, 29):02}"
        opens = tuple(Opened(account=account, kind="pool") for account in sorted(new))
        till.add("sale", *postings, opens=opens, member=member, business_date=day)
        expected.add(member, day, postings)
    return expected


@dataclass
class Expected:
    """What a journal of sales must give, however it comes."""

    balances: Counter[tuple[bytes, str]] = field(default_factory=Counter)
    lots: Counter[tuple[bytes, str, Lot]] = field(default_factory=Counter)
    visits: dict[bytes, str] = field(default_factory=dict)

    def add(self, member: bytes, day: str, postings: tuple[Posting, ...]) -> None:
        self.visits[member] = max(day, self.visits.get(member, ""))
        for one in postings:
            self.balances[one.account, one.unit] += one.amount
            if one.lot is not None:
                self.lots[one.account, one.unit, one.lot] += one.amount

    def holdings(self, account: bytes) -> Holdings:
        balances = tuple((unit, amount) for (whose, unit), amount in self.balances.items() if whose == account)
        lots = [
            LotBalance(unit=unit, lot=lot, amount=amount)
            for (whose, unit, lot), amount in self.lots.items()
            if whose == account and amount
        ]
        return Holdings(balances=balances, lots=tuple(sorted(lots, key=lambda one: one.lot.lot_id)))


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


def came_of_lots(house: House, number: int) -> None:
    chance = random.Random(number)
    tills = [house.till(f"Till {place}") for place in range(TILLS)]
    expected = fill_with_lots(tills, chance)
    house.take(tills[0], 1, 2)
    deliver(house, tills, chance)
    with house.hq.book.read() as connection:
        for account in {account for account, _ in expected.balances}:
            assert holdings(connection, account) == expected.holdings(account)
    assert house.hq.totals().parked == 0
    sums = house.rows(
        "SELECT account_id, unit, lot_id, SUM(amount) FROM ledger WHERE lot_id IS NOT NULL"
        " GROUP BY account_id, unit, lot_id HAVING SUM(amount) <> 0 ORDER BY 1, 2, 3"
    )
    assert sums == house.rows("SELECT account_id, unit, lot_id, amount FROM lot ORDER BY 1, 2, 3")
    visits = dict(house.rows("SELECT member_id, last_visit_on FROM member WHERE last_visit_on IS NOT NULL"))
    assert {member: visits[member] for member in expected.visits} == expected.visits


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=0, max_value=2**32))
def test_any_cutting_doubling_and_mixing_gives_the_same_lots_accounts_and_visits(house: House, number: int) -> None:
    came_of_lots(house, number)


@pytest.mark.parametrize("number", range(3))
def test_postgresql_ends_with_the_same_lots_accounts_and_visits(any_house: House, number: int) -> None:
    came_of_lots(any_house, number)
