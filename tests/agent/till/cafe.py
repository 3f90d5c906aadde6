"""A café for tests of the till: points, stamps, cashback, gift cards, coupons, tiers; and a sale that is quoted first."""

from __future__ import annotations

from typing import Any

from agent.till.requests import (
    CommitRequest,
)
from agent.till.till import Till
from tests.agent.till.world import basket, line

CAFE = """
[programme]
id = "cafe"
label = "first"
names.en = "The Café"
[currency]
code = "KZT"
scale = 2
[[unit]]
id = "points"
value = "1.00"
expires = "P12M"
expires_round_up = "year"
[[unit]]
id = "stamps"
kind = "stamps"
names.en = "stamps"
[[unit]]
id = "cashback"
kind = "money"
scale = 2
names.en = "cashback"
[[unit]]
id = "gift"
kind = "money"
scale = 2
names.en = "gift card"
holder = "card"
[[item]]
id = "mug"
names.en = "Mug"
[[coupon]]
id = "next"
names.en = "Next time"
lasts = "P30D"
usable_after_days = 1
code = { prefix = "C", digits = 10, check = "luhn" }
[[tier]]
id = "blue"
names.en = "Blue"
[[tier]]
id = "gold"
names.en = "Gold"
from = "1000.00"
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
when.least_spend = "500.00"
[[rule]]
id = "rating"
kind = "per_action"
units = 10
when.action = "feedback"
[[reward]]
id = "off"
kind = "points_discount"
cost = 10
discount = "100.00"
[[reward]]
id = "free"
kind = "free_item"
names.en = "Free coffee"
unit = "stamps"
cost = 3
buy = 0
get = 1
categories = ["coffee"]
[[reward]]
id = "mug"
kind = "gift"
names.en = "A mug"
items = ["mug"]
unit = "points"
cost = 5
[[reward]]
id = "tenth"
kind = "percent"
names.en = "Ten percent"
coupon = "next"
percent = 10
"""
TENDERS = """
[[reward]]
id = "wallet"
kind = "tender"
unit = "cashback"
[[reward]]
id = "card"
kind = "tender"
unit = "gift"
"""
COFFEE = line(1, 15_000, item="coffee", category="coffee")


def quoted(till: Till, key: str, *lines: Any, **fields: Any) -> dict[str, Any]:
    """Quote, then commit as quoted; gives the commit's answer."""
    request = basket(*lines, **fields)
    answer = till.quote(request)
    if "refused" in answer:
        return answer
    return till.commit(CommitRequest(key=key, check_id=f"c-{key}", sale=request, quote=answer["quote"])).values
