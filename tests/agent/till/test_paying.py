"""Units that pay: wallets and gift cards, sold, spent and undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.till.requests import (
    GiftCardPays,
    GiftCardSold,
)
from agent.till.till import Till
from loyalty.holding.accounts import gift_card_account
from loyalty.journal.entry import Opened
from loyalty.quote import RedeemRequest
from tests.agent.till.cafe import CAFE, TENDERS, quoted
from tests.agent.till.test_commit import entry
from tests.agent.till.world import Clock, Mint, basket, goods, line, open_till, void


@pytest.fixture
def paying(tmp_path: Path, clock: Clock) -> Iterator[Till]:
    with open_till(tmp_path, programme=CAFE + TENDERS, clock=clock, mint=Mint()) as opened:
        yield opened


def test_cashback_pays_a_part_of_the_next_basket(paying: Till) -> None:
    assert quoted(paying, "k1", line(1, 100_000))["balances"]["cashback"] == 5_000
    redeem = (RedeemRequest(reward="wallet", units=3_000),)
    answer = quoted(paying, "k2", line(1, 13_000), redeem=redeem)
    assert (answer["total_minor"], answer["paid_minor"], answer["to_pay_minor"]) == (13_000, 3_000, 10_000)
    assert answer["balances"]["cashback"] == 5_000 - 3_000 + 500
    back = paying.return_goods(goods("r", answer["entry"], (1, 1_000))).values
    assert (back["refunded_minor"], back["restored"][0]["units"]) == (10_000, 3_000)
    assert back["balances"]["cashback"] == 5_000


def test_a_gift_card_is_sold_and_spent_and_an_unknown_one_refused(paying: Till) -> None:
    sold_card = GiftCardSold(number="G1", line=1)
    card_line = line(1, 40_000, category="card")
    assert "refused" not in quoted(paying, "k1", card_line, card=None, sold_cards=(sold_card,))
    core, _ = entry(paying, 1)
    account = gift_card_account("G1")
    assert core.opens == (Opened(account=account, kind="gift_card"),)
    assert [(one.account, one.unit, one.amount) for one in core.postings] == [(account, "gift", 40_000)]
    pays = (GiftCardPays(number="G1", reward="card"), GiftCardPays(number="G9", reward="card"))
    answer = quoted(paying, "k2", line(1, 30_000), card=None, gift_cards=pays)
    assert (answer["paid_minor"], answer["to_pay_minor"]) == (30_000, 0)
    assert [(one["asked"], one["refused"]) for one in answer["declined"]] == [("gift_cards[2]", "gift_card_unknown")]
    assert paying.outstanding("gift") == 10_000


@pytest.mark.parametrize(
    ("sold_card", "code"),
    [
        (GiftCardSold(number="G1", line=2), "line_unknown"),
        (GiftCardSold(number="G1", line=1), "bad_request"),
    ],
)
def test_a_gift_card_that_cannot_be_sold_is_refused(paying: Till, sold_card: GiftCardSold, code: str) -> None:
    assert paying.quote(basket(line(1, 100), sold_cards=(sold_card,)))["refused"] == code


def test_a_card_that_is_not_named_is_told_and_gets_nothing(paying: Till) -> None:
    two = line(1, 80_000, category="card", quantity_milli=2_000)
    answer = quoted(paying, "k1", two, card=None, sold_cards=(GiftCardSold(number="G1", line=1),))
    assert [(one["units"], one["named"]) for one in answer["loads"]] == [(40_000, True), (40_000, False)]
    assert paying.outstanding("gift") == 40_000
    both = tuple(GiftCardSold(number=number, line=1) for number in ("G2", "G3", "G4"))
    assert paying.quote(basket(two, card=None, sold_cards=both))["field"] == "sold_cards[3].line"


def test_a_gift_card_whose_sale_is_undone_is_empty(paying: Till) -> None:
    card_line = line(1, 40_000, category="card")
    sold = quoted(paying, "k1", card_line, card=None, sold_cards=(GiftCardSold(number="G1", line=1),))
    paying.void(void("v", sold["entry"]))
    assert paying.outstanding("gift") == 0
