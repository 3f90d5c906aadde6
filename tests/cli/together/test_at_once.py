"""Cases from other products in which two tills act at once, or one thing arrives twice: with real tills and a real HQ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select

from agent.till.requests import CommitRequest, GiftCardPays, GiftCardSold
from hq.accounts.holdings import holdings
from hq.book.schema import ledger
from hq.coupons.values import Campaign, Page, Way
from loyalty.holding.accounts import gift_card_account
from tests.cli.together.chains import CLUB, Chain

CARDS = (
    CLUB
    + """
[[unit]]
id = "points"
[[unit]]
id = "gift"
names.en = "gift card"
kind = "money"
holder = "card"
[[rule]]
kind = "per_amount"
id = "load"
unit = "gift"
units = "1.00"
per = "1.00"
items = ["gift-100"]
[[reward]]
kind = "tender"
id = "card"
unit = "gift"
offline = "cap"
[[coupon]]
id = "once"
names.en = "Once"
code = { prefix = "S", digits = 10, check = "luhn" }
[[reward]]
kind = "percent"
id = "ten"
coupon = "once"
percent = 10
offline = "cap"
"""
).replace('id = "base"\n', 'id = "base"\nexclude_items = ["gift-100"]\n')
NUMBER = "G4"
Make = Callable[..., Chain]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        yield Chain(tmp_path, stack, CARDS)


def sell_card(chain: Chain, amount: str) -> None:
    """Sell a gift card at the first till, and let HQ and the other till know."""
    sale = chain.sale(amount, None, item="gift-100", sold_cards=(GiftCardSold(number=NUMBER, line=1),))
    assert "refused" not in chain.commit(0, sale)
    chain.talk(0, 1)


def left(chain: Chain) -> int:
    with chain.hq.book.read() as connection:
        return holdings(connection, gift_card_account(NUMBER)).balance("gift")


def test_two_tills_take_60_of_a_card_with_100_at_once_and_one_wins(chain: Chain) -> None:
    """OSP-006, opensourcepos/opensourcepos tests/Models/GiftcardTest.php: one wins, 40 are left."""
    sell_card(chain, "100.00")
    pays = chain.sale("60.00", None, gift_cards=(GiftCardPays(number=NUMBER, reward="card", units=6_000),))
    holds = [chain.hold(number, pays) for number in (0, 1)]
    won = [held for held in holds if held.get("paid_minor")]
    assert len(won) == 1
    number = holds.index(won[0])
    assert chain.commit(number, pays, hold=won[0]["hold"])["paid_minor"] == 6_000
    declined = chain.commit(1 - number, pays)
    assert [one["refused"] for one in declined["declined"]] == ["lease_required"]
    chain.talk()
    assert left(chain) == 4_000


def test_two_tills_without_hq_never_take_more_of_a_card_than_it_has(chain: Chain) -> None:
    sell_card(chain, "100.00")
    chain.cut(0, 1)
    pays = chain.sale("60.00", None, gift_cards=(GiftCardPays(number=NUMBER, reward="card", units=6_000),))
    paid = [chain.commit(number, pays)["paid_minor"] for number in (0, 1)]
    chain.cut(0, 1, on=False)
    chain.talk()
    assert left(chain) == 10_000 - sum(paid) >= 0


def test_a_single_use_coupon_shown_at_two_tills_without_hq_counts_at_one_of_them_at_most(chain: Chain) -> None:
    """ODS-081, odoo addons/sale_loyalty/tests/test_program_with_code_operations.py; fault 43."""
    page = chain.hq.issuing.page(Campaign(once="spring", coupon="once", way=Way.COUNT, count=1), ())
    assert isinstance(page, Page)
    (coupon,) = page.coupons
    chain.talk()
    shows = chain.sale("100.00", None, coupons=(coupon.code,))
    held = chain.hold(0, shows)
    assert held["discount_minor"] == 1_000
    chain.cut(0, 1)
    given = [chain.commit(0, shows, hold=held["hold"]), chain.commit(1, shows), chain.commit(0, shows)]
    assert [one.get("discount_minor", 0) for one in given] == [1_000, 0, 0]
    chain.cut(0, 1, on=False)
    chain.talk()
    assert chain.commit(1, shows).get("discount_minor", 0) == 0


def test_an_order_that_is_confirmed_twice_counts_once(chain: Chain) -> None:
    """ODP-043, odoo addons/pos_loyalty/tests/test_loyalty_history.py: balance 50, one row of history."""
    request = CommitRequest(key="X", check_id="X", sale=chain.sale("50.00"))
    first = chain.tills[0].commit(request)
    assert chain.tills[0].commit(request).body == first.body
    again = CommitRequest(key="Y", check_id="X", sale=request.sale)
    assert chain.tills[0].commit(again).values["entry"] == first.values["entry"]
    chain.talk(0)
    first_batch = chain.tills[0].context.book.head.sequence
    chain.talk(0)
    assert chain.balance() == 50
    with chain.hq.book.read() as connection:
        rows = select(func.count()).select_from(ledger).where(ledger.c.unit == "points")
        assert (connection.execute(rows).scalar_one(), first_batch) == (1, 2)
