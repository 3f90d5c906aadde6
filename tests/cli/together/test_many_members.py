"""A merchant with more members than every till may hold, an HQ and tills in two stores, all real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.pairing import pair
from agent.sync_worker import SyncMode, synchronise
from agent.till.requests import CommitRequest, QuoteRequest
from agent.till.till import Till
from cli.default_programme import default_programme
from drivers.scanners.cards import CardRange
from hq.config import HqConfig
from hq.programmes.values import When
from hq.server import ServerThread, open_hq
from loyalty.numbers.currency import Currency
from loyalty.sale.basket import BasketLine
from sync.links.http import HttpLink

CARDS = [f"29000000000{number}" for number in range(6)]
MOST = 3


class Chain:
    """One HQ and two tills, each in a store of its own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.programme = folder / "programme.toml"
        self.programme.write_text(default_programme(Currency(code="KZT", scale=2)), encoding="utf-8")
        self.hq = stack.enter_context(open_hq(HqConfig(data_dir=folder / "hq", port=0, everyone_up_to=MOST)))
        self.hq.programmes.publish(self.programme.read_text(encoding="utf-8"), "programme.toml", When())
        self.server = stack.enter_context(ServerThread(self.hq))
        self.links: dict[str, HttpLink] = {}

    def till(self, store: str) -> Till:
        config = TillConfig(
            data_dir=self.folder / store,
            programme_file=self.programme,
            name=store,
            store=StoreConfig(id=store, name=store, zone=ZoneInfo("Asia/Almaty")),
            cards=CardsConfig(ranges=(CardRange(prefix="29", min_length=12, max_length=12),)),
        )
        till = self.stack.enter_context(Till(config))
        pair(till.context, self.server.url, self.hq.make_pairing_code())
        self.links[store] = self.stack.enter_context(HttpLink(self.server.url, till.context.keys.token or ""))
        return till

    def sync(self, till: Till) -> None:
        assert synchronise(till.context, self.links[till.context.config.store.id]).mode is SyncMode.ONLINE


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        yield Chain(tmp_path, stack)


def sell(till: Till, check: str, card: str) -> None:
    line = BasketLine(line=1, item="1", quantity_milli=1_000, amount_minor=100_000)
    sale = QuoteRequest(currency="KZT", lines=(line,), card=card)
    assert till.commit(CommitRequest(key=check, check_id=check, sale=sale)).refused is None


def own(till: Till) -> int:
    with till.context.book.read() as connection:
        found: int = connection.exec_driver_sql("SELECT count(*) FROM member").scalar_one()
    return found


def test_a_till_holds_its_own_stores_members_and_of_others_the_balance_until_they_come(chain: Chain) -> None:
    east, west = chain.till("east"), chain.till("west")
    for number, card in enumerate(CARDS):
        sell(east, f"c{number}", card)
    chain.sync(east)
    chain.sync(west)
    assert (own(east), own(west)) == (6, 0)
    assert [west.member_balances(card) for card in CARDS] == [{"points": 1_000}] * 6
    assert west.member_count() == 6
    told = west.identify(CARDS[0])
    assert told["balances"] == {"points": 1_000}
    sell(west, "w1", CARDS[0])
    assert west.member_balances(CARDS[0]) == {"points": 2_000}
    chain.sync(west)
    assert (own(west), west.unshown(), west.member_balances(CARDS[0])) == (6, 0, {"points": 2_000})
    chain.sync(east)
    assert east.member_balances(CARDS[0]) == {"points": 2_000}
