"""Two tills and one HQ: lots, opened accounts and what HQ writes itself are the same everywhere in the end."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from agent.book import members
from agent.book.journal import Draft, append
from agent.sync_worker import SyncMode, synchronise
from agent.till.requests import Provenance
from agent.till.till import Till
from hq.accounts.holdings import accounts_with_ended_lots, holdings
from hq.ingest.membership import set_segments
from hq.journaling.drafts import HqDraft, job_entry_id
from loyalty.holding.accounts import AccountKind, pool_account
from loyalty.holding.lots import ended_lots
from loyalty.holding.standing import Holdings
from loyalty.journal.detail import DetailTier
from loyalty.journal.entry import EntryKind, Lot, Opened, Posting
from tests.cli.together.test_two_tills import CARD, Line, Shop, sell

POOL = pool_account("club", "budget.winter")
START = 1_900_000_000
LOTS = [Lot(lot_id=bytes([number]) * 16, expires_at=START + number) for number in range(3)]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as stack:
        yield Shop(tmp_path, stack)


def write(till: Till, *postings: Posting) -> None:
    """Write an entry as a use case of the till does, opening what the till has never seen."""
    context = till.context
    with context.book.write() as writing:
        new = members.unseen(writing.connection, {POOL} & {posting.account for posting in postings})
        draft = Draft(
            entry_id=context.mint(),
            kind=EntryKind.SALE,
            detail=context.detail(Provenance(), context.programme(Provenance())),
            postings=postings,
            opens=tuple(Opened(account=account, kind=AccountKind.POOL.value) for account in sorted(new)),
        )
        append(writing, draft)


def held(till: Till, account: bytes) -> Holdings:
    with till.context.book.read() as connection:
        return members.holdings(connection, account)


def at_hq(shop: Shop, account: bytes) -> Holdings:
    with shop.hq.book.read() as connection:
        return holdings(connection, account)


def some_postings(rng: Random, member: bytes) -> list[Posting]:
    return [
        Posting(
            account=rng.choice([member, POOL]),
            unit="points",
            amount=rng.randrange(-4, 6),
            lot=rng.choice([None, *LOTS]),
        )
        for _ in range(rng.randrange(4))
    ]


def a_member(shop: Shop) -> tuple[list[Till], list[Line], bytes]:
    tills = [shop.till(name) for name in ("one", "two")]
    lines = [shop.pair(till) for till in tills]
    sell(tills[0], "first", CARD, 10_000)
    for till, line in zip(tills, lines, strict=True):
        assert synchronise(till.context, line).mode is SyncMode.ONLINE
    found = shop.hq.member_balance(CARD)
    assert found is not None
    return tills, lines, found.member_id


def test_whatever_the_line_does_lots_agree_in_the_end(shop: Shop, seed: int) -> None:
    rng = Random(seed)
    tills, lines, member = a_member(shop)
    for _ in range(80):
        place = rng.randrange(2)
        write(tills[place], *some_postings(rng, member))
        if rng.random() < 0.3:
            lines[place].rng = rng
            synchronise(tills[place].context, lines[place])
            lines[place].rng = None
        if rng.random() < 0.1 and synchronise(tills[place].context, lines[place]).mode is SyncMode.ONLINE:
            assert [held(tills[place], one) for one in (member, POOL)] == [at_hq(shop, one) for one in (member, POOL)]
    for place in (0, 1, 0):
        assert synchronise(tills[place].context, lines[place]).mode is SyncMode.ONLINE
    for account in (member, POOL):
        assert held(tills[0], account) == held(tills[1], account) == at_hq(shop, account)
    assert shop.hq.totals().parked == 0


def test_a_tills_standing_is_hqs_word_and_its_own_unsent_entries(shop: Shop, seed: int) -> None:
    rng = Random(seed)
    tills, lines, member = a_member(shop)
    for _ in range(10):
        write(tills[1], *some_postings(rng, member))
    synchronise(tills[1].context, lines[1])
    synchronise(tills[0].context, lines[0])
    own = some_postings(rng, member) + some_postings(rng, member)
    write(tills[0], *own)
    of_member = [(one.unit, one.amount, one.lot) for one in own if one.account == member]
    assert held(tills[0], member) == at_hq(shop, member).changed(of_member)


def test_what_hq_writes_itself_reaches_the_tills(shop: Shop) -> None:
    tills, lines, member = a_member(shop)
    write(tills[0], Posting(account=member, unit="points", amount=30, lot=LOTS[0]))
    synchronise(tills[0].context, lines[0])
    at = datetime.fromtimestamp(START + 1, UTC)
    with shop.hq.book.write() as connection:
        assert accounts_with_ended_lots(connection, START + 1) == [member]
        over = ended_lots(holdings(connection, member).lots, at)
        postings = tuple(Posting(account=member, unit=one.unit, amount=-one.amount, lot=one.lot) for one in over)
        expire = HqDraft(
            entry_id=job_entry_id(bytes(32), "expire", member, date(2030, 3, 17)),
            kind=EntryKind.EXPIRE,
            at=at,
            currency="KZT",
            currency_scale=2,
            postings=postings,
        )
        shop.hq.journal.write_in(connection, [expire])
        set_segments(connection, {member: ["low"]})
    tier = HqDraft(
        entry_id=job_entry_id(bytes(32), "tier", member, date(2030, 3, 17)),
        kind=EntryKind.TIER,
        at=at,
        currency="KZT",
        currency_scale=2,
        member=member,
        tier=DetailTier(after="gold", until=START + 99),
    )
    assert shop.hq.journal.write([expire, tier]).entries == 1
    for till, line in zip(tills, lines, strict=True):
        assert synchronise(till.context, line).mode is SyncMode.ONLINE
        with till.context.book.read() as connection:
            standing = members.standing(connection, member)
        assert standing is not None
        assert (standing.tier, standing.tier_until, standing.segments) == (
            "gold",
            datetime.fromtimestamp(START + 99, UTC),
            ("low",),
        )
        assert (standing.balance("points"), standing.lots) == (100, ())
        assert standing.last_visit_on == standing.joined_on
    assert tills[0].balances_digest() == shop.hq.overview.balances_digest()
