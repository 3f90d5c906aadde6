"""The till with the whole engine: earn and redeem, coupons, tiers, what a quote keeps, from end to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.till.requests import (
    CommitRequest,
    GiftCardPays,
    Provenance,
    QuoteRequest,
)
from agent.till.till import Till
from loyalty.holding.accounts import coupon_account
from loyalty.journal.entry import Opened
from loyalty.quote import RedeemRequest
from tests.agent.till.cafe import CAFE, COFFEE, quoted
from tests.agent.till.test_commit import entry
from tests.agent.till.world import CARD, Clock, basket, goods, line, open_till, sale, training, void


def test_stamps_are_collected_and_pay_a_coffee(cafe: Till) -> None:
    for number in range(3):
        answer = quoted(cafe, f"k{number}", COFFEE)
        assert answer["balances"]["stamps"] == number + 1
    redeem = (RedeemRequest(reward="free"),)
    (offer,) = [one for one in cafe.quote(basket(COFFEE))["offers"] if one["reward"] == "free"]
    assert (offer["available"], offer["name"]) == (True, "Free coffee")
    told = cafe.quote(basket(COFFEE, line(2, 5_000), redeem=redeem))
    assert (told["total_minor"], told["discount_minor"], told["to_pay_minor"]) == (5_000, 15_000, 5_000)
    assert told["lines"][0] == {"line": 1, "amount_minor": 0, "discount_minor": 15_000, "tax_minor": 0}
    free = quoted(cafe, "free", COFFEE, line(2, 5_000), redeem=redeem)
    assert (free["balances"]["stamps"], free["redemptions"][0]["units"]) == (0, 3)
    core, detail = entry(cafe, cafe.context.book.head.sequence)
    assert [(one.unit, one.amount) for one in core.postings if one.unit == "stamps"] == [("stamps", -3)]
    assert detail.redemptions[0].by_line == ((1, 15_000),)
    assert detail.lines[0].charged_minor == 0
    assert quoted(cafe, "again", COFFEE, redeem=redeem)["refused"] == "insufficient_units"


def test_points_off_and_a_gift_are_paid_and_come_back_with_a_return(cafe: Till) -> None:
    quoted(cafe, "k1", line(1, 60_000))
    redeem = (RedeemRequest(reward="off", units=10), RedeemRequest(reward="mug"))
    answer = quoted(cafe, "k2", line(1, 30_000), line(2, 10_000), redeem=redeem)
    assert answer["gifts"] == [{"reward": "mug", "item": "mug", "name": "Mug", "quantity_milli": 1_000}]
    assert (answer["total_minor"], answer["balances"]["points"]) == (30_000, 30 - 15 + 15)
    back = cafe.return_goods(goods("r", answer["entry"], (1, 1_000), (2, 1_000))).values
    assert back["refunded_minor"] == 30_000
    assert sum(one["units"] for one in back["restored"] if one["reward"] == "off") == 10
    assert cafe.member_balances(CARD)["points"] == 30  # type: ignore[index]


def test_two_redemptions_of_the_same_points_succeed_once(cafe: Till) -> None:
    quoted(cafe, "k1", line(1, 20_000))
    request = basket(line(1, 50_000), redeem=(RedeemRequest(reward="off", units=10),))
    names = [cafe.quote(request)["quote"] for _ in range(2)]
    sold = [
        cafe.commit(CommitRequest(key=f"s{place}", check_id=f"s{place}", sale=request, quote=name))
        for place, name in enumerate(names)
    ]
    assert [one.refused for one in sold] == [None, None]  # the first sale earned what the second spends
    assert cafe.quote(request).get("refused") is None
    assert cafe.commit(CommitRequest(key="s0", check_id="s0", sale=request, quote=names[0])).body == sold[0].body


def test_a_commit_without_a_quote_and_without_a_wish_takes_nothing_off(tmp_path: Path, clock: Clock) -> None:
    auto = CAFE + '[[reward]]\nid = "all"\nkind = "percent"\npercent = 10\n'
    with open_till(tmp_path, programme=auto, clock=clock) as till:
        paid = till.commit(sale("k1", line(1, 10_000)))
        assert "redemptions" not in paid.values
        assert quoted(till, "k2", line(1, 10_000))["total_minor"] == 9_000


def test_a_sale_is_computed_as_it_was_quoted_though_the_hour_is_over(tmp_path: Path, clock: Clock) -> None:
    hour = '[[reward]]\nid = "hour"\nkind = "percent"\npercent = 50\nwhen.hours = ["12:00-13:00"]\n'
    with open_till(tmp_path, programme=CAFE + hour, clock=clock) as till:
        clock.now = datetime(2026, 3, 2, 7, 59, 30, tzinfo=UTC)
        name = till.quote(basket(line(1, 10_000)))["quote"]
        clock.now += timedelta(minutes=2)
        answer = till.commit(sale("k", line(1, 10_000), quote=name)).values
        assert answer["total_minor"] == 5_000
        assert till.quote(basket(line(1, 10_000)))["total_minor"] == 10_000


def test_a_coupon_is_issued_used_once_and_then_refused(cafe: Till, clock: Clock) -> None:
    issued = quoted(cafe, "k1", line(1, 60_000))
    (coupon,) = issued["coupons"]
    core, detail = entry(cafe, cafe.context.book.head.sequence)
    account = coupon_account(coupon["code"])
    assert core.opens == (Opened(account=account, kind="coupon"),)
    assert detail.issued[0].code == coupon["code"]
    early = cafe.quote(basket(line(1, 10_000), coupons=(coupon["code"],)))
    assert [one["refused"] for one in early["declined"]] == ["coupon_not_yet"]
    clock.now += timedelta(days=1)
    used = quoted(cafe, "k2", line(1, 10_000), coupons=(coupon["code"],))
    assert (used["total_minor"], used["redemptions"][0]["coupon"]) == (9_000, coupon["code"])
    core, _ = entry(cafe, cafe.context.book.head.sequence)
    assert core.opens == ()
    again = quoted(cafe, "k3", line(1, 10_000), coupons=(coupon["code"], "C00000000000"))
    told = {one["asked"]: one["refused"] for one in again["declined"]}
    assert told == {"coupons[1]": "coupon_used_up", "coupons[2]": "coupon_unknown"}
    assert again["total_minor"] == 10_000
    _, detail = entry(cafe, cafe.context.book.head.sequence)
    assert detail.asked is not None
    assert dict(detail.asked.refused) == told


def test_a_coupon_whose_time_is_over_is_refused(cafe: Till, clock: Clock) -> None:
    (coupon,) = quoted(cafe, "k1", line(1, 60_000))["coupons"]
    clock.now += timedelta(days=60)
    told = cafe.quote(basket(line(1, 10_000), coupons=(coupon["code"],)))
    assert [one["refused"] for one in told["declined"]] == ["coupon_expired"]


def test_the_answer_says_when_points_end_and_what_is_missing_for_more(cafe: Till) -> None:
    quoted(cafe, "k1", line(1, 40_000))
    told = cafe.quote(basket(line(1, 40_000)))
    assert told["awards"][1]["expires_at"] == "2027-12-31T19:00:00+00:00"
    assert told["member"]["expiring"] == [{"unit": "points", "amount": 20, "at": "2027-12-31T19:00:00+00:00"}]
    assert told["member"]["usable"]["points"] == 20
    assert (told["tier"]["now"], told["tier"]["after"], told["tier"]["next"]["missing"]) == ("blue", "blue", 20_000)
    assert "coupon" in [one["id"] for one in told["missed"]]
    up = quoted(cafe, "k2", line(1, 60_000))["tier"]
    assert (up["after"], up["name"], "next" in up) == ("gold", "Gold", False)


def test_training_shows_what_would_be_and_posts_nothing(cafe: Till) -> None:
    quoted(cafe, "k1", line(1, 60_000))
    before = cafe.member_balances(CARD)
    redeem = (RedeemRequest(reward="off", units=10),)
    answer = quoted(cafe, "t", line(1, 60_000), redeem=redeem, provenance=training())
    assert (answer["total_minor"], "coupons" in answer) == (50_000, False)
    cafe.void(void("v", answer["entry"]))
    assert cafe.member_balances(CARD) == before


def test_a_kill_between_quote_and_commit_loses_nothing(tmp_path: Path, clock: Clock) -> None:
    with open_till(tmp_path, programme=CAFE, clock=clock) as till:
        quoted(till, "k1", line(1, 60_000))
        request = basket(line(1, 60_000), redeem=(RedeemRequest(reward="off", units=20),))
        name = till.quote(request)["quote"]
    with open_till(
        tmp_path, programme=CAFE.replace("discount = ", "most_percent = 1\ndiscount = "), clock=clock
    ) as till:
        answer = till.commit(CommitRequest(key="k2", check_id="2", sale=request, quote=name)).values
        assert (answer["total_minor"], answer["balances"]["points"]) == (40_000, 30)


@pytest.mark.parametrize("shown", [{"coupons": ("4111111111111111",)}, {"codes": ("4111 1111 1111 1111",)}])
def test_a_payment_card_among_the_coupons_is_refused(cafe: Till, shown: dict[str, Any]) -> None:
    assert cafe.quote(basket(line(1, 10_000), **shown))["refused"] == "payment_card"
    assert cafe.commit(sale("k", line(1, 10_000), **shown)).refused == "payment_card"


def test_every_field_of_a_request_changes_its_quote(cafe: Till) -> None:
    changed: list[QuoteRequest] = [
        basket(line(1, 100), **more)
        for more in (
            {},
            {"credit_minor": 1},
            {"redeem": (RedeemRequest(reward="off", units=10),)},
            {"codes": ("A",)},
            {"coupons": ("A",)},
            {"gift_cards": (GiftCardPays(number="A", reward="card"),)},
            {"declined": ("A",)},
            {"actions": ("A",)},
        )
    ] + [
        basket(line(1, 100, **more))
        for more in ({"tags": ("A",)}, {"tax_ppm": 0}, {"floor_minor": 1}, {"deposit_minor": 1}, {"gift": "A"})
    ]
    from agent.till.quoting import basket_digest

    assert len({basket_digest(one, "1") for one in changed}) == len(changed)


def test_a_check_that_comes_again_with_another_wish_is_another_sale(cafe: Till) -> None:
    quoted(cafe, "k1", line(1, 60_000))
    redeem = (RedeemRequest(reward="off", units=10),)
    cafe.commit(sale("k2", line(1, 60_000), check="7", redeem=redeem))
    assert cafe.commit(sale("k3", line(1, 60_000), check="7", redeem=redeem)).values["known"] is True
    assert cafe.commit(sale("k4", line(1, 60_000), check="7")).refused == "sale_known"


def test_the_instant_of_a_sale_that_is_told_later_is_its_own(cafe: Till) -> None:
    earlier = Provenance(happened_at=datetime(2026, 3, 1, 7, 0, tzinfo=UTC))
    quoted(cafe, "k1", line(1, 60_000), provenance=earlier)
    core, _ = entry(cafe, cafe.context.book.head.sequence)
    ends = {one.lot.expires_at for one in core.postings if one.unit == "points" and one.lot is not None}
    assert ends == {int(datetime(2027, 12, 31, 19, tzinfo=UTC).timestamp())}
