"""What else is printed of an entry: rows for a fiscal receipt, coupons, gift cards, invitations; and what ends next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.config.receipts import ReceiptLanguage, ReceiptsConfig
from agent.receipts.finding import receipt_of_entry
from agent.till.requests import GiftCardSold, ReturnRequest
from drivers.printers.document import Barcode, Columns, Cut, Style
from loyalty.parts.events import check_in_code
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine
from tests.agent.receipts.cafe import CAKE, COFFEE, Day
from tests.agent.receipts.papers import text
from tests.agent.shops import enrolment, open_till, sale, shop

EVENING = """
[[event]]
id = "evening"
names.en = "An evening of coffee"
seats = 3
at = 2026-04-01T19:00:00
[[reward]]
id = "seats"
kind = "invitation"
names.en = "Invitation"
event = "evening"
cost = 10
"""


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with Day(tmp_path, "en", more=EVENING) as opened:
        yield opened


def test_a_fiscal_receipt_is_told_what_is_of_the_member_and_nothing_of_the_goods(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    sold = day.sell(COFFEE, CAKE, redeem=(RedeemRequest(reward="off", units=50),))
    said = text(day.paper(sold, "appended"))
    assert "Латте" not in said
    assert [line.split("  ")[0] for line in said.splitlines()[1:]] == [
        "Card: *0042",
        "Before: cashback",
        "Balance before",
        "Balance before",
        "Earned: cashback",
        "Earned",
        "Earned",
        "Used",
        "Balance: cashback",
        "Balance",
        "Balance",
        "Points recorded, confirmation pending.",
        "Coupon: 10 % off the next purchase",
        "Good until 4 Apr 2026",
        f"Code: {sold['code']} · {sold['sequence']}",
    ]


def test_a_sale_without_a_card_adds_an_invitation_to_join(day: Day) -> None:
    said = text(day.paper(day.sell(COFFEE, card=None), "appended"))
    assert "Ask us for a card" in said
    assert "Balance" not in said


def test_each_coupon_has_a_paper_of_its_own(day: Day) -> None:
    sold = day.sell(COFFEE, CAKE)
    document = day.paper(sold, "coupon")
    codes = [block.data for block in document.blocks if isinstance(block, Barcode)]
    assert codes == [coupon["code"] for coupon in sold["coupons"]]
    assert sum(isinstance(block, Cut) for block in document.blocks) == len(codes) == 1
    assert "Good from 6 Mar 2026" in text(document)


def test_a_gift_card_says_what_came_on_it(day: Day) -> None:
    line = BasketLine(line=1, item="gc", name="Card", category="card", quantity_milli=1_000, amount_minor=500_000)
    sold = day.sell(line, sold_cards=(GiftCardSold(number="G-1", line=1),), card=None)
    said = text(day.paper(sold, "gift_card"))
    assert "gift card" in said.splitlines()[1]
    assert "Loaded" in said
    assert "₸5,000.00" in said
    assert "G-1" not in said


def test_each_seat_has_an_invitation_with_its_code_and_stands_on_the_slip(day: Day) -> None:
    day.sell(COFFEE, CAKE)
    sold = day.sell(COFFEE, redeem=(RedeemRequest(reward="seats", times=2),))
    codes = [check_in_code("evening", bytes.fromhex(sold["entry"]), place) for place in (0, 1)]
    said = text(day.paper(sold, "invitation"))
    assert [code for code in codes if f"[QR {code}]" in said] == codes
    assert [code for code in codes if f"[QR {code}]" in text(day.paper(sold))] == codes
    assert ("Guest 1 of 2" in said, "Guest 2 of 2" in said) == (True, True)
    assert said.count("1 Apr 2026, 19:00") == 2
    assert said.count("An evening of coffee") == 2


@pytest.mark.parametrize("template", ["coupon", "gift_card", "invitation", "shift"])
def test_an_entry_without_such_a_paper_has_none(day: Day, template: str) -> None:
    sold = bytes.fromhex(day.sell(CAKE)["entry"])
    assert receipt_of_entry(day.till.context, sold, copy=False, template=template) is None


def test_a_slip_says_what_ends_before_what_was_just_earned(tmp_path: Path) -> None:
    with Day(tmp_path, "en") as day:
        first = day.sell(COFFEE)
        assert "Next to expire" not in text(day.paper(first))
        day.now += timedelta(days=365)
        second = day.sell(COFFEE)
        assert "Next to expire: 95 points, last day 31 Dec 2027" in text(day.paper(second))
        day.now += timedelta(days=365)
        third = day.sell(COFFEE)
        assert "Next to expire: 95 points, last day 31 Dec 2028" in text(day.paper(third))


def test_a_return_warns_of_nothing_that_ends(day: Day) -> None:
    day.sell(COFFEE)
    day.now += timedelta(days=365)
    sold = day.sell(COFFEE)
    back = ReturnRequest(key="r", check_id="99", currency="KZT", sale=sold["entry"], lines=((1, 1_000),))
    assert "Next to expire" not in text(day.paper(day.till.return_goods(back).values))


def test_the_members_page_stands_on_a_members_slip_as_a_code(tmp_path: Path) -> None:
    page = "https://club.example.com"
    with Day(tmp_path, "en", receipts=ReceiptsConfig(member_page=page)) as day:
        assert f"[QR {page}]" in text(day.paper(day.sell(COFFEE)))
        assert "[QR" not in text(day.paper(day.sell(COFFEE, card=None)))


@pytest.mark.parametrize(
    ("choice", "total"),
    [("member", "Ընդամենը"), ("store", "Итого"), ("both", "Ընդամենը\nИтого")],
)
def test_the_shop_chooses_whose_language_a_receipt_speaks(tmp_path: Path, choice: str, total: str) -> None:
    receipts = ReceiptsConfig(language=ReceiptLanguage(choice))
    with open_till(replace(shop(tmp_path, language="ru"), receipts=receipts)) as till:
        till.enrol(enrolment(language="hy"))
        entry = bytes.fromhex(till.commit(sale()).values["entry"])
        document = receipt_of_entry(till.context, entry, copy=False)
    assert document is not None
    assert [block.left for block in document.blocks if isinstance(block, Columns) and block.style is Style.DOUBLE] == [
        total
    ]


def test_a_shops_own_template_prints_the_slip_of_a_sale(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "slip.jinja").write_text("{{ slip.kind }} {{ slip.number|string }}", encoding="utf-8")
    with Day(tmp_path / "till", "en", receipts=ReceiptsConfig(templates=folder)) as day:
        assert text(day.paper(day.sell(COFFEE))) == "sale 1\n"
