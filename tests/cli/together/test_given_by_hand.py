"""What HQ gives by hand reaches real tills: coupons are used once at any of them, stock is handed out until it is empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.pairing import pair
from agent.sync_worker import SyncMode, synchronise
from agent.till.requests import CommitRequest, QuoteRequest
from agent.till.till import Till
from drivers.scanners.cards import CardRange
from hq.config import HqConfig
from hq.coupons.values import Campaign, Page, Shown, Way
from hq.pools.stock import StockChange, StockDo, Stocked
from hq.programmes.values import When
from hq.server import ServerThread, open_hq
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine
from sync.links.http import HttpLink

CARD, OTHER = "290000000001", "290000000002"
RANGES = (CardRange(prefix="29", min_length=12, max_length=12),)
PROGRAMME = """
[programme]
id = "club"
label = "v1"
names.en = "The Club"
[currency]
code = "KZT"
[[coupon]]
id = "spring"
names.en = "Spring"
lasts = "P30D"
code = { prefix = "S", digits = 10, check = "luhn" }
[[coupon]]
id = "own"
names.en = "Your own"
bearer = false
code = { prefix = "P", digits = 10, check = "luhn" }
[[reward]]
kind = "percent"
id = "ten"
coupon = "spring"
percent = 10
[[reward]]
kind = "percent"
id = "half"
coupon = "own"
percent = 50
[[reward]]
kind = "gift"
id = "mug"
items = ["MUG", "CAP"]
stock = true
trigger = "choice"
"""


class World:
    """One HQ and two tills of one store."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.now = datetime(2026, 3, 2, 7, tzinfo=UTC)
        self.folder, self.stack = folder, stack
        self.file = folder / "own.toml"
        self.file.write_text(PROGRAMME, encoding="utf-8")
        self.hq = stack.enter_context(open_hq(HqConfig(data_dir=folder / "hq", port=0), clock=lambda: self.now))
        self.server = stack.enter_context(ServerThread(self.hq))
        self.tills = [self._till(name) for name in ("one", "two")]
        self.hq.programmes.publish(PROGRAMME, "club.toml", When())
        self.checks = 0

    def _till(self, name: str) -> Till:
        config = TillConfig(
            data_dir=self.folder / name,
            programme_file=self.file,
            name=name,
            store=StoreConfig(id="s1", name="Shop", zone=ZoneInfo("Asia/Almaty")),
            cards=CardsConfig(ranges=RANGES),
        )
        till = self.stack.enter_context(Till(config, clock=lambda: self.now))
        pair(till.context, self.server.url, self.hq.make_pairing_code())
        return till

    def talk(self, *numbers: int) -> None:
        for number in numbers or (0, 1, 0, 1):
            till = self.tills[number]
            with HttpLink(self.server.url, till.context.keys.token or "") as link:
                assert synchronise(till.context, link).mode is SyncMode.ONLINE

    def quote(self, number: int, card: str | None = CARD, **asked: Any) -> dict[str, Any]:
        return dict(self.tills[number].quote(self.sale(card, **asked)))

    def commit(self, number: int, card: str | None = CARD, **asked: Any) -> dict[str, Any]:
        self.checks += 1
        key = f"c{self.checks}"
        answer = self.tills[number].commit(CommitRequest(key=key, check_id=key, sale=self.sale(card, **asked)))
        return {"refused": answer.refused} if answer.refused is not None else dict(answer.values)

    @staticmethod
    def sale(card: str | None, **asked: Any) -> QuoteRequest:
        line = BasketLine(line=1, item="1", quantity_milli=1_000, amount_minor=10_000)
        return QuoteRequest(currency="KZT", lines=(line,), card=card, **asked)

    def issue(self, coupon: str, way: Way, **more: Any) -> str:
        """Issue one coupon; gives its code."""
        cards = more.pop("cards", ())
        page = self.hq.issuing.page(Campaign(once=f"{coupon}{more}", coupon=coupon, way=way, **more), cards)
        assert isinstance(page, Page)
        (one,) = page.coupons
        return one.code

    def stock(self, do: str, quantity: str) -> int:
        change = StockChange(do=StockDo(do), reward="mug", item="MUG", store="s1", quantity=quantity)
        done = self.hq.stock.change(change)
        assert isinstance(done, Stocked)
        return done.left_milli

    def mugs(self) -> int:
        (left,) = [row.left_milli for row in self.hq.stock.rows() if row.item == "MUG"]
        return left

    def take(self, number: int) -> str | None:
        """Hand out a mug; gives how it was refused."""
        done = self.commit(number, redeem=(RedeemRequest(reward="mug", choice="MUG"),))
        return done.get("refused")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(tmp_path, stack)


def declined(answer: dict[str, Any]) -> list[str]:
    return [one["refused"] for one in answer["declined"]]


def test_a_coupon_that_hq_issued_is_used_once_at_one_of_two_tills(world: World) -> None:
    world.talk()
    code = world.issue("spring", Way.COUNT, count=1)
    assert declined(world.quote(0, None, coupons=(code,))) == ["coupon_unknown"]
    world.talk()
    for till in (0, 1):
        answer = world.quote(till, None, coupons=(code,))
        assert (answer["total_minor"], declined(answer)) == (9_000, [])
    used = world.commit(0, None, coupons=(code,))
    assert used["total_minor"] == 9_000
    assert declined(world.quote(0, None, coupons=(code,))) == ["coupon_used_up"]
    world.talk()
    again = world.quote(1, None, coupons=(code,))
    assert (again["total_minor"], declined(again)) == (10_000, ["coupon_used_up"])
    shown = world.hq.coupons.show(code)
    assert isinstance(shown, Shown)
    assert (shown.state.value, [kind for _, kind, _ in shown.history]) == ("used up", ["issue", "sale"])
    assert world.hq.totals().parked == 0


def test_a_personal_coupon_is_good_for_its_member_at_any_till_and_for_nobody_else(world: World) -> None:
    world.commit(0, CARD)
    world.commit(1, OTHER)
    world.talk()
    code = world.issue("own", Way.CARDS, cards=(CARD,))
    world.talk()
    for card in (OTHER, None):
        assert declined(world.quote(0, card, coupons=(code,))) == ["coupon_personal"]
    assert world.commit(1, CARD, coupons=(code,))["total_minor"] == 5_000
    world.talk()
    assert declined(world.quote(0, CARD, coupons=(code,))) == ["coupon_used_up"]


def test_a_coupon_that_was_taken_back_is_refused_as_soon_as_a_till_hears_of_it(world: World) -> None:
    code = world.issue("spring", Way.COUNT, count=1)
    world.talk()
    assert isinstance(world.hq.coupons.withdraw(code, "printed twice"), Shown)
    assert world.quote(0, None, coupons=(code,))["total_minor"] == 9_000
    world.talk()
    assert declined(world.quote(0, None, coupons=(code,))) == ["coupon_used_up"]


def test_gifts_are_handed_out_until_the_store_has_none_and_again_when_some_came(world: World) -> None:
    world.talk()
    assert world.take(0) == "stock_empty"
    assert world.stock("set", "2") == 2_000
    assert world.take(0) == "stock_empty"
    world.talk()
    assert world.take(0) is None
    world.talk()
    assert world.mugs() == 1_000
    assert world.take(1) is None
    assert world.take(1) == "stock_empty"
    world.talk()
    assert world.take(0) == "stock_empty"
    assert world.mugs() == 0
    assert world.stock("add", "1") == 1_000
    world.talk()
    assert world.take(0) is None
    world.talk()
    assert [world.take(number) for number in (0, 1)] == ["stock_empty", "stock_empty"]
    assert world.hq.totals().parked == 0


def test_two_tills_that_cannot_hear_of_each_other_hand_out_one_too_many_and_a_count_puts_it_right(world: World) -> None:
    world.stock("set", "1")
    world.talk()
    assert [world.take(number) for number in (0, 1)] == [None, None]
    world.talk()
    assert world.mugs() == -1_000
    assert world.stock("set", "3") == 3_000
    world.talk()
    assert [world.take(number) for number in (0, 1)] == [None, None]
    world.talk()
    assert world.mugs() == 1_000
