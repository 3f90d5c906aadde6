"""A café whose programme has everything that a receipt can show, and its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from agent.config.receipts import ReceiptsConfig
from agent.receipts.finding import receipt_of_entry
from agent.till.requests import CommitRequest, GiftCardPays, GiftCardSold, Provenance, QuoteRequest, ReturnRequest
from agent.till.till import Till
from drivers.printers.document import Document
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine
from tests.agent.shops import CARD, NOON, enrolment, programme, shop
from tests.agent.shops import open_till as open_shop

PROGRAMME = """
[programme]
id = "cafe"
label = "2026"
names.en = "The Café"
[currency]
code = "KZT"
[[unit]]
id = "points"
value = "1.00"
expires = "P12M"
expires_round_up = "year"
[[unit]]
id = "stamps"
kind = "stamps"
names = { kk = "мөр", az = "möhür", ru = "печати", hy = "կնիք", en = "stamps" }
[[unit]]
id = "cashback"
kind = "money"
scale = 2
pending_days = 14
names = { kk = "кэшбэк", az = "keşbek", ru = "кэшбэк", hy = "քեշբեք", en = "cashback" }
[[unit]]
id = "gift"
kind = "money"
scale = 2
holder = "card"
names = { kk = "сыйлық картасы", az = "hədiyyə kartı", ru = "подарочная карта", hy = "նվեր քարտ", en = "gift card" }
[[item]]
id = "mug"
names = { kk = "Саптыаяқ", az = "Fincan", ru = "Кружка", hy = "Գավաթ", en = "Mug" }
[[coupon]]
id = "next"
names = { kk = "Келесі сатып алуға −10 %", az = "Növbəti alışa −10 %", ru = "−10 % на следующую покупку", hy = "−10 % հաջորդ գնմանը", en = "10 % off the next purchase" }
lasts = "P30D"
usable_after_days = 1
code = { prefix = "C", digits = 10, check = "luhn" }
[[tier]]
id = "blue"
names = { kk = "Көк", az = "Mavi", ru = "Синий", hy = "Կապույտ", en = "Blue" }
[[tier]]
id = "gold"
names = { kk = "Алтын", az = "Qızıl", ru = "Золотой", hy = "Ոսկե", en = "Gold" }
from = "10000.00"
[tiers]
by = "spend"
[[rule]]
id = "base"
kind = "per_amount"
units = 1
per = "20.00"
exclude_categories = ["card"]
[[rule]]
id = "stamp"
kind = "per_item"
unit = "stamps"
units = 1
categories = ["coffee"]
[[rule]]
id = "back"
kind = "per_amount"
unit = "cashback"
units = "5.00"
per = "100.00"
exclude_categories = ["card"]
[[rule]]
id = "load"
kind = "per_amount"
unit = "gift"
units = "1.00"
per = "1.00"
categories = ["card"]
[[rule]]
id = "coupon"
kind = "issue_coupon"
coupon = "next"
when.least_spend = "2000.00"
[[reward]]
id = "off"
kind = "points_discount"
cost = 50
discount = "100.00"
names = { kk = "Балға жеңілдік", az = "Bala görə endirim", ru = "Скидка за баллы", hy = "Զեղչ միավորներով", en = "Points for a discount" }
[[reward]]
id = "free"
kind = "free_item"
names = { kk = "Тегін кофе", az = "Pulsuz qəhvə", ru = "Кофе в подарок", hy = "Անվճար սուրճ", en = "Free coffee" }
unit = "stamps"
cost = 3
buy = 0
get = 1
categories = ["coffee"]
[[reward]]
id = "mug"
kind = "gift"
names = { kk = "Саптыаяқ", az = "Fincan", ru = "Кружка", hy = "Գավաթ", en = "A mug" }
items = ["mug"]
unit = "points"
cost = 20
[[reward]]
id = "tenth"
kind = "percent"
names = { kk = "Купон −10 %", az = "Kupon −10 %", ru = "Купон −10 %", hy = "Կուպոն −10 %", en = "Coupon 10 %" }
coupon = "next"
percent = 10
[[reward]]
id = "wallet"
kind = "tender"
unit = "cashback"
[[reward]]
id = "card"
kind = "tender"
unit = "gift"
"""
COFFEE = BasketLine(
    line=1, item="coffee", name="Латте 0,3", category="coffee", quantity_milli=2_000, amount_minor=190_000
)
CAKE = BasketLine(line=2, item="cake", name="Бәліш", quantity_milli=1_000, amount_minor=125_000, discount_minor=5_000)


class Day:
    """A café's till and what was done at it."""

    def __init__(self, folder: Path, language: str, *, more: str = "", receipts: ReceiptsConfig | None = None) -> None:
        self.now: datetime = NOON
        settings = shop(folder, language=language)
        programme(folder, PROGRAMME + more)
        opened = open_shop(replace(settings, receipts=receipts) if receipts is not None else settings)
        opened.context = replace(opened.context, clock=lambda: self.now)
        self.till: Till = opened
        self.count = 0
        self.till.enrol(enrolment(language=language))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.till.close()

    def sell(self, *lines: BasketLine, card: str | None = CARD, **asked: Any) -> dict[str, Any]:
        """Quote and commit."""
        self.count += 1
        request = QuoteRequest(currency="KZT", lines=lines, card=card, provenance=Provenance(operator="Асель"), **asked)
        quoted = self.till.quote(request)
        assert "refused" not in quoted, quoted
        commit = CommitRequest(key=f"k{self.count}", check_id=str(self.count), sale=request, quote=quoted["quote"])
        return self.till.commit(commit).values

    def paper(self, answer: dict[str, Any], template: str = "slip") -> Document:
        """The receipt of an answer, or another paper of it."""
        found = receipt_of_entry(self.till.context, bytes.fromhex(answer["entry"]), copy=False, template=template)
        assert found is not None
        return found


def a_day(day: Day) -> list[Document]:
    """Earning and a coupon; points, stamps and a gift; wallet and gift card; a coupon used, one refused; a return."""
    first = day.sell(COFFEE, CAKE)
    day.now += timedelta(days=20)
    redeem = (RedeemRequest(reward="off", units=50), RedeemRequest(reward="mug"))
    second = day.sell(COFFEE, CAKE, redeem=redeem)
    code = first["coupons"][0]["code"]
    third = day.sell(
        replace(COFFEE, quantity_milli=1_000, amount_minor=95_000),
        coupons=(code, "C12345678903"),
        redeem=(RedeemRequest(reward="wallet", units=10_000),),
    )
    stamps = day.sell(COFFEE, CAKE, redeem=(RedeemRequest(reward="free"),))
    sold = GiftCardSold(number="G-1", line=1)
    card = BasketLine(line=1, item="gc", name="Gift card", category="card", quantity_milli=1_000, amount_minor=500_000)
    gift = day.sell(card, sold_cards=(sold,), card=None)
    paid = day.sell(COFFEE, gift_cards=(GiftCardPays(number="G-1", reward="card", units=100_000),))
    back = ReturnRequest(key="r", check_id="99", currency="KZT", sale=second["entry"], lines=((1, 1_000), (2, 1_000)))
    third_back = ReturnRequest(key="r3", check_id="98", currency="KZT", sale=third["entry"], lines=((1, 1_000),))
    returned = [day.till.return_goods(one).values for one in (back, third_back)]
    return [day.paper(one) for one in (first, second, third, stamps, gift, paid, *returned)]
