"""Campaigns for tests: a programme with coupons, and asking page after page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hq.coupons.values import Campaign, Given, Page, Way
from hq.server import Hq
from loyalty.refusals import Refusal

COUPONS = """
[[coupon]]
id = "spring"
names.en = "Spring"
lasts = "P30D"
usable_after_days = 1
code = { prefix = "S", digits = 10, check = "luhn" }
[[coupon]]
id = "own"
names.en = "Your own"
uses = 2
bearer = false
[[segment]]
id = "lapsed"
names.en = "Away"
external = true
[[tier]]
id = "blue"
names.en = "Blue"
[[tier]]
id = "gold"
names.en = "Gold"
from = "1000.00"
[tiers]
by = "spend"
"""


def ask(hq: Hq, way: str, *, once: str = "k", coupon: str = "spring", cards: Sequence[str] = (), **more: Any) -> Page:
    """All pages of a campaign as one."""
    campaign = Campaign(once=once, coupon=coupon, way=Way(way), **more)
    coupons: list[Given] = []
    after: str | None = ""
    unknown: list[str] = []
    skipped = 0
    while after is not None:
        page = hq.issuing.page(campaign, cards, after)
        assert isinstance(page, Page)
        coupons += page.coupons
        unknown += page.unknown
        skipped += page.skipped
        after = page.next
    return Page(coupons=tuple(coupons), unknown=tuple(unknown), skipped=skipped)


def refusal(
    hq: Hq, way: str, *, once: str = "k", coupon: str = "spring", cards: Sequence[str] = (), **more: Any
) -> Refusal:
    """The refusal of the first page."""
    answer = hq.issuing.page(Campaign(once=once, coupon=coupon, way=Way(way), **more), cards)
    assert isinstance(answer, Refusal)
    return answer
