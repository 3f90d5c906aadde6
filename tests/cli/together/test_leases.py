"""What tills may give without HQ: a real HQ, real tills, lines that are cut, and no unit given twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loyalty.quote import RedeemRequest
from tests.cli.together.chains import CARD, CLUB, Make

OFF = RedeemRequest(reward="off", units=100)


def test_what_a_till_sold_and_never_sent_is_spent_there_without_asking(make: Make) -> None:
    chain = make()
    chain.talk()
    chain.cut(0, 1)
    chain.buy(0, "150.00")
    assert chain.spend(0, 100)["balances"] == {"points": 50 + 99}


def test_two_tills_without_hq_give_no_unit_twice(make: Make) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1, 0, 1)
    assert chain.leased() == [("open", 100, 0)]  # the till where the member bought holds the cheapest reward
    chain.cut(0, 1)
    assert chain.spend(1, 100)["refused"] == "lease_required"
    assert "refused" not in chain.spend(0, 100)
    assert chain.spend(0, 100)["refused"] in {"lease_required", "insufficient_units"}
    chain.cut(0, 1, on=False)
    chain.talk()
    assert (chain.balance(), chain.leased()) == (99, [])


@pytest.mark.parametrize(("days", "leased"), [(-400, 1), (5, 1), (6, 0), (400, 0)])
def test_a_till_whose_clock_would_end_a_lease_as_it_comes_asks_for_none_ahead(
    make: Make, days: int, leased: int
) -> None:
    chain = make(tills=1)
    chain.talk()
    chain.ahead[0] = timedelta(days=days)
    chain.buy(0, "100.00")
    before = chain.tills[0].context.book.head.sequence
    for _ in range(4):
        chain.talk()
    assert len(chain.leased()) == leased
    assert chain.tills[0].context.book.head.sequence == before  # nothing is taken and given back at each exchange


def test_a_hold_asks_hq_for_what_is_missing_and_its_commit_cannot_be_refused(make: Make) -> None:
    chain = make()
    chain.buy(0, "1000.00")
    chain.talk()
    sale = chain.sale("100.00", redeem=(RedeemRequest(reward="off", units=500),))
    assert chain.tills[1].quote(sale)["refused"] == "lease_required"
    held = chain.hold(1, sale)
    assert held["redemptions"][0]["units"] == 500
    assert chain.leased() == [("open", 100, 0), ("open", 500, 0)]
    assert chain.spend(1, 500)["refused"] in {
        "lease_required",
        "insufficient_units",
    }  # what is set aside is nobody else's
    chain.cut(1)
    sold = chain.commit(1, sale, hold=held["hold"])
    assert "refused" not in sold
    assert chain.commit(1, chain.sale("100.00"), hold=held["hold"])["refused"] == "hold_unknown"
    chain.cut(1, on=False)
    chain.talk()
    assert chain.balance() == 1000 - 500 + 95


def test_a_hold_that_is_given_back_or_ends_frees_its_lease_for_others(make: Make) -> None:
    chain = make()
    chain.buy(0, "100.00", card=CARD)
    chain.talk(0, 1)
    first = chain.hold(0, chain.sale(redeem=(OFF,)))
    assert chain.spend(0, 100)["refused"] == "insufficient_units"
    assert chain.release(0, first["hold"]) == {"released": True}
    assert chain.release(0, first["hold"]) == {"released": False}
    second = chain.hold(0, chain.sale(redeem=(OFF,)))
    assert "hold" in second
    chain.later(minutes=16)
    assert "refused" not in chain.spend(0, 100)


def test_what_another_till_holds_is_called_back_for_a_sale_that_waits(make: Make) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1, 0, 1)
    assert chain.leased() == [("open", 100, 0)]
    sale = chain.sale(redeem=(OFF,))
    assert chain.hold(1, sale)["refused"] == "lease_required"
    assert chain.leased() == [("recalled", 100, 0)]
    assert "refused" not in chain.spend(0, 100) or chain.talk(0)  # it hears of it with its next exchange
    chain.talk(0)
    if chain.leased() == []:
        assert chain.hold(1, sale).get("refused") in {None, "lease_required", "insufficient_units"}


def test_a_recalled_lease_that_is_unspent_is_given_back_and_granted_to_who_waits(make: Make) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1, 0, 1)
    sale = chain.sale(redeem=(OFF,))
    assert chain.hold(1, sale)["refused"] == "lease_required"
    chain.talk(0)
    assert chain.leased() == []
    assert "refused" not in chain.hold(1, sale)
    assert chain.leased() == [("open", 100, 0)]
    assert chain.tills[0].context.book.head.sequence == 3  # the enrolment, the sale, the close


def test_a_lease_ends_for_its_holder_and_hq_frees_it_only_when_the_close_arrives(make: Make) -> None:
    chain = make()
    chain.buy(0, "100.00")
    chain.talk(0, 1, 0, 1)
    chain.cut(0)
    chain.later(days=8)
    assert chain.spend(0, 100)["refused"] == "lease_required"
    assert chain.hold(1, chain.sale(redeem=(OFF,)))["refused"] == "lease_required"
    assert chain.leased() == [("recalled", 100, 0)]
    chain.cut(0, on=False)
    chain.talk(0)
    assert "refused" not in chain.hold(1, chain.sale(redeem=(OFF,)))


def test_a_grant_whose_answer_was_lost_is_told_again_and_never_granted_twice(make: Make) -> None:
    chain = make()
    chain.buy(0, "300.00")
    chain.talk(1)
    real = chain.links[0].leases
    lost = iter([True])

    def leases(request: object) -> object:
        answer = real(request)  # type: ignore[arg-type]
        if next(lost, False):
            from sync.protocol.errors import LinkDown

            raise LinkDown("the answer was lost")
        return answer

    chain.tills[0].context.line.open(leases)  # type: ignore[arg-type]
    chain.talk(0)
    held = chain.hold(0, chain.sale(redeem=(RedeemRequest(reward="off", units=200),)))
    assert held["refused"] == "lease_required"
    chain.talk(0)
    assert sum(granted for _, granted, _ in chain.leased()) <= 300
    assert "refused" not in chain.spend(0, 200)


def test_what_only_hq_may_allow_needs_hq_at_the_hold(make: Make) -> None:
    chain = make(
        CLUB + '[[reward]]\nkind = "percent"\nid = "ten"\npercent = 10\ntrigger = "choice"\noffline = "deny"\n'
    )
    chain.buy(0)
    chain.talk()
    sale = chain.sale(redeem=(RedeemRequest(reward="ten"),))
    assert chain.tills[0].quote(sale)["refused"] == "lease_required"
    chain.cut(0)
    assert chain.hold(0, sale)["refused"] == "lease_required"
    chain.cut(0, on=False)
    held = chain.hold(0, sale)
    assert held["discount_minor"] == 1_000
    assert chain.commit(0, sale, hold=held["hold"])["discount_minor"] == 1_000


def test_a_return_after_the_units_were_leased_leaves_a_debt_that_is_told_and_counts_as_no_loss(make: Make) -> None:
    chain = make()
    sold = chain.buy(0, "100.00")
    chain.talk(0, 1, 0, 1)
    chain.cut(0)
    assert chain.leased() == [("open", 100, 0)]
    chain.bring_back(0, sold["entry"])
    assert chain.spend(0, 100)["refused"] in {"lease_required", "insufficient_units"}
    chain.cut(0, on=False)
    chain.talk(0)
    assert chain.balance() == 0
