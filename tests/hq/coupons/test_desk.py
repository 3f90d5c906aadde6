"""Questions about coupons as JSON values: what cannot be read is refused, and nothing is done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hq.coupons.desk import answer
from tests.hq.coupons.campaigns import COUPONS
from tests.hq.houses import House
from tests.hq.jobs.shops import kinds, shop


def ask(house: House, asked: dict[str, Any]) -> dict[str, Any]:
    said = answer(house.hq.issuing, house.hq.coupons, asked)
    assert json.loads(json.dumps(said)) is not None
    return said


def test_an_issue_comes_page_by_page_and_says_how_to_go_on(house: House) -> None:
    shop(house, COUPONS)
    asked = {"do": "issue", "once": "k", "coupon": "spring", "way": "count", "count": 501}
    first = ask(house, asked)
    assert (len(first["coupons"]), first["next"], first["unknown"], first["skipped"]) == (500, "500", (), 0)
    last = ask(house, {**asked, "after": first["next"]})
    assert (len(last["coupons"]), last["next"]) == (1, None)
    shown = ask(house, {"do": "show", "code": last["coupons"][0]["code"]})
    assert (shown["coupon"], shown["state"], shown["left"]) == ("spring", "not yet", "1")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "burn"},
        {"do": "issue", "once": "k", "coupon": "spring", "way": "all"},
        {"do": "issue", "once": "k", "coupon": "spring", "way": "count", "count": "9"},
        {"do": "issue", "once": "k", "coupon": "spring", "way": "cards", "cards": "7001"},
        {"do": "show"},
        {"do": "withdraw", "code": 5, "reason": "lost"},
    ],
)
def test_what_cannot_be_read_is_refused(house: House, asked: dict[str, Any]) -> None:
    shop(house, COUPONS)
    assert ask(house, asked)["refused"] in {"bad_request", "coupon_unknown"}
    assert kinds(house) == []
