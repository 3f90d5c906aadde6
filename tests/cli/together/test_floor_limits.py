"""What a till gives beyond its rights while HQ is out of reach: a sale, a member and a day have their limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from agent.till.requests import Provenance
from loyalty.quote import RedeemRequest
from tests.cli.together.chains import FLOORS, Make

OFF = RedeemRequest(reward="off", units=100)


def test_beyond_rights_the_floor_limits_hold_for_a_sale_a_member_and_a_day(make: Make) -> None:
    chain = make(FLOORS)
    chain.buy(1, "1000.00")
    chain.buy(1, "1000.00", card="290000000002")
    chain.talk()
    chain.cut(0, 1)
    assert chain.spend(0, 300)["refused"] == "lease_required"  # 3.00, and a sale may give 2.00
    assert "refused" not in chain.spend(0, 200)
    assert chain.spend(0, 200)["refused"] == "lease_required"  # the member has had 2.00 of 3.00
    assert "refused" not in chain.spend(0, 100)
    other = chain.sale(card="290000000002", redeem=(RedeemRequest(reward="off", units=200),))
    assert chain.commit(0, other)["refused"] == "lease_required"  # the till has given 3.00 of 4.00
    chain.later(days=4)
    late = chain.sale(card="290000000002", redeem=(OFF,))
    assert chain.commit(0, late)["refused"] == "lease_required"  # HQ's last word is too old
    assert "refused" not in chain.buy(1, "1.00")


def test_whatever_dates_a_host_gives_a_till_gives_no_more_than_a_days_limit_for_each_day(make: Make) -> None:
    chain = make(FLOORS)
    for number in range(1, 10):
        chain.buy(1, "1000.00", card=f"29000000000{number}")
    chain.talk()
    chain.cut(0, 1)

    def spend(card: int, business_date: str) -> dict[str, Any]:
        provenance = Provenance(business_date=date.fromisoformat(business_date))
        asked = chain.sale(card=f"29000000000{card}", redeem=(RedeemRequest(reward="off", units=200),))
        return chain.commit(0, replace(asked, provenance=provenance))

    said = [spend(card, f"2030-01-0{card}") for card in range(1, 5)]
    assert ["refused" in one for one in said] == [False, False, True, True]
    chain.later(days=1)
    said = [spend(card, f"2030-02-0{card}") for card in range(5, 9)]
    assert ["refused" in one for one in said] == [False, False, True, True]


def test_a_clock_that_went_back_behind_hqs_last_word_does_not_make_it_young(make: Make) -> None:
    chain = make(FLOORS)
    chain.buy(1, "1000.00")
    chain.talk()
    chain.cut(0, 1)
    chain.later(minutes=-30)
    assert chain.spend(0, 100)["refused"] == "lease_required"
    chain.later(minutes=30)
    assert "refused" not in chain.spend(0, 100)


def test_what_is_set_aside_beyond_rights_counts_for_the_floor_limits_too(make: Make) -> None:
    chain = make(FLOORS)
    for number in (1, 2, 3):
        chain.buy(1, "1000.00", card=f"29000000000{number}")
    chain.talk()
    chain.cut(0, 1)

    def asked(card: int) -> Any:
        return chain.sale(card=f"29000000000{card}", redeem=(RedeemRequest(reward="off", units=200),))

    baskets = {card: asked(card) for card in (1, 2, 3)}
    first, second = (chain.hold(0, baskets[card])["hold"] for card in (1, 2))
    assert chain.hold(0, baskets[1])["refused"] == "lease_required"  # the member is to have 2.00 of 3.00
    assert chain.commit(0, baskets[3])["refused"] == "lease_required"  # 4.00 of the till's day are set aside
    assert "refused" not in chain.commit(0, baskets[1], hold=first)
    assert chain.commit(0, baskets[3])["refused"] == "lease_required"
    chain.release(0, second)
    assert "refused" not in chain.commit(0, baskets[3])
    assert chain.commit(0, baskets[2])["refused"] == "lease_required"


def test_where_floor_limits_bind_a_till_has_the_cheapest_reward_of_those_who_buy_there(make: Make) -> None:
    chain = make(FLOORS)
    chain.buy(0, "1000.00")
    chain.talk()
    assert chain.leased() == [("open", 100, 0)]
    chain.cut(0, 1)
    assert "refused" not in chain.spend(0, 100)  # under the lease
    assert "refused" not in chain.spend(0, 200)
    assert "refused" not in chain.spend(0, 100)  # 3.00 beyond it
