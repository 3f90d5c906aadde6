"""Two members who are one, at real tills and a real HQ: entries in flight, returns, holds and leases while it happens."""

from __future__ import annotations

from agent.till.requests import EnrolRequest
from hq.coupons.values import Campaign, Page, Shown, Way
from hq.members.values import Merge, Merged
from loyalty.quote import RedeemRequest
from tests.cli.together.chains import CAPPED, CARD, CLUB, OTHER, Chain, Make
from tests.cli.together.resting import at_rest, exceptions

OFF = RedeemRequest(reward="off", units=100)
FREE = '[[reward]]\nkind = "points_discount"\nid = "off"\ncost = 100\ndiscount = "1.00"\n'
OWN = """
[[coupon]]
id = "own"
names.en = "Your own"
bearer = false
code = { prefix = "P", digits = 10, check = "luhn" }
[[reward]]
kind = "percent"
id = "half"
coupon = "own"
percent = 50
"""


def merge(chain: Chain, card: str = CARD, into: str = OTHER) -> Merged:
    found = chain.hq.merging.merge(Merge(card=card, into=into, reason="enrolled twice"))
    assert isinstance(found, Merged), found
    return found


def i1(chain: Chain, card: str) -> int:
    """What is left of a member's points once all that tills may still give is taken off."""
    return chain.balance(card=card) - sum(granted - spent for _, granted, spent in chain.leased(card=card))


def test_sales_of_both_that_were_on_their_way_all_count_for_the_one_who_stays(make: Make) -> None:
    chain = make(CLUB + FREE)
    chain.buy(0, "100.00")
    chain.buy(1, "50.00", card=OTHER)
    chain.talk()
    gone, stays = chain.member(CARD), chain.member(OTHER)
    chain.cut(0, 1)
    chain.buy(0, "30.00")
    chain.buy(1, "20.00")
    chain.buy(1, "10.00", card=OTHER)
    merge(chain)
    chain.buy(0, "5.00")  # it has not heard of it
    chain.cut(0, 1, on=False)
    at_rest(chain)
    assert chain.balance() == chain.balance(card=OTHER) == 100 + 50 + 30 + 20 + 10 + 5
    sold = chain.buy(0, "1.00")
    assert (sold["member"], sold["balances"]) == (stays.hex(), {"points": 216})
    at_rest(chain)
    assert gone != chain.member(CARD) == stays


def test_a_till_that_heard_of_it_before_its_own_sales_went_up_shows_them_where_they_will_be(make: Make) -> None:
    chain = make(CLUB + FREE)
    chain.buy(0, "100.00")
    chain.buy(0, "50.00", card=OTHER)
    chain.talk()
    merge(chain)
    chain.cut(0)
    chain.buy(0, "30.00")
    chain.cut(0, on=False)
    chain.talk(0)
    assert chain.buy(0, "1.00", card=OTHER)["balances"] == {"points": 181}
    at_rest(chain)


def test_goods_that_the_one_bought_come_back_offline_and_count_for_the_other(make: Make) -> None:
    chain = make(CLUB + FREE)
    sold = chain.buy(0, "100.00")
    other = chain.buy(0, "40.00")
    chain.buy(1, "50.00", card=OTHER)
    chain.talk()
    chain.cut(0)
    assert "refused" not in chain.bring_back(0, sold["entry"])  # while it has not heard of it
    merge(chain)
    chain.cut(0, on=False)
    chain.talk(0)
    chain.cut(0)
    back = chain.bring_back(0, other["entry"])  # and once it has
    assert (back["member"], back["balances"]) == (chain.member(OTHER).hex(), {"points": 50})
    chain.cut(0, on=False)
    at_rest(chain)
    assert chain.balance(card=OTHER) == 50


def test_one_person_who_enrolled_offline_at_two_tills_with_two_cards_becomes_one(make: Make) -> None:
    chain = make(CLUB + FREE)
    chain.talk()
    chain.cut(0, 1)
    for number, card in ((0, CARD), (1, OTHER)):
        request = EnrolRequest(key=f"e{number}", card=card, nickname="Dana", provenance=chain.sale().provenance)
        assert "refused" not in chain.tills[number].enrol(request).values
        chain.buy(number, "10.00", card=card)
    chain.cut(0, 1, on=False)
    chain.talk()
    merge(chain)
    at_rest(chain)
    assert chain.balance() == 20
    assert chain.buy(0, "1.00", card=OTHER)["member"] == chain.buy(1, "1.00", card=CARD)["member"]
    at_rest(chain)


def test_one_card_that_two_tills_enrolled_offline_is_merged_as_one(make: Make) -> None:
    chain = make(CLUB + FREE)
    chain.talk()
    chain.cut(0, 1)
    chain.buy(0, "10.00")
    chain.buy(1, "20.00")
    chain.buy(1, "40.00", card=OTHER)
    chain.cut(0, 1, on=False)
    chain.talk(0, 1)
    merge(chain)
    at_rest(chain)
    assert chain.balance(card=OTHER) == 70
    chain.cut(0, 1)
    chain.buy(0, "1.00")
    chain.buy(1, "1.00")
    chain.cut(0, 1, on=False)
    at_rest(chain)
    assert chain.balance() == 72


def test_a_lease_moves_along_is_called_back_and_what_was_drawn_meanwhile_counts(make: Make) -> None:
    chain = make(CLUB + CAPPED)
    chain.buy(0, "250.00")
    chain.buy(1, "50.00", card=OTHER)
    chain.talk(0, 1, 0, 1)
    assert chain.leased() == [("open", 100, 0)]
    chain.cut(0)
    merged = merge(chain)
    assert merged.leases == 1
    assert chain.leased(card=OTHER) == [("recalled", 100, 0)]
    assert i1(chain, OTHER) == 300 - 100
    assert "refused" not in chain.spend(0, 100)  # it has not heard of it, and has the right
    chain.cut(0, on=False)
    at_rest(chain)
    assert chain.balance(card=OTHER) == 300 - 100 + 99
    assert (chain.leased(card=OTHER), i1(chain, OTHER)) == (
        [("open", 100, 0)] * 2,
        99,
    )  # new ones, for the one who stays
    assert exceptions(chain) == []
    with chain.hq.book.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM shortfall").scalar_one() == 0


def test_a_lease_that_nobody_drew_on_is_given_back_and_granted_again_for_the_other(make: Make) -> None:
    chain = make(CLUB + CAPPED)
    chain.buy(0, "100.00")
    chain.buy(1, "50.00", card=OTHER)
    chain.talk(0, 1, 0, 1)
    merge(chain)
    assert chain.leased(card=OTHER) == [("recalled", 100, 0)]
    chain.cut(0)
    chain.hold(1, chain.sale(card=OTHER, redeem=(OFF,)))
    assert (i1(chain, OTHER) >= 0, len(chain.leased(card=OTHER))) == (True, 1)
    chain.cut(0, on=False)
    chain.talk(0, 1)
    assert "recalled" not in [state for state, _, _ in chain.leased(card=OTHER)]
    assert "refused" not in chain.hold(1, chain.sale(card=OTHER, redeem=(OFF,)))
    assert i1(chain, OTHER) >= 0
    at_rest(chain)
    assert exceptions(chain) == []


def test_a_hold_on_the_one_is_paid_after_the_till_has_heard_and_takes_what_was_set_aside(make: Make) -> None:
    chain = make(CLUB + CAPPED)
    chain.buy(0, "150.00")
    chain.buy(1, "50.00", card=OTHER)
    chain.talk(0, 1, 0, 1)
    sale = chain.sale("10.00", redeem=(OFF,))
    held = chain.hold(0, sale)
    assert "refused" not in held
    merge(chain)
    chain.talk(0)
    assert chain.buy(0, "1.00")["balances"] == {"points": 201}
    chain.cut(0)
    assert "refused" not in chain.commit(0, sale, hold=held["hold"])
    assert chain.buy(0, "1.00")["balances"] == {"points": 201 - 100 + 9 + 1}
    chain.cut(0, on=False)
    at_rest(chain)
    assert chain.balance() == 111
    assert exceptions(chain) == []


def test_what_is_set_aside_of_own_units_is_not_given_twice_after_a_merge(make: Make) -> None:
    chain = make(CLUB + CAPPED)
    chain.talk()
    chain.buy(0, "1.00", card=OTHER)
    chain.buy(0, "1.00")
    chain.talk()
    merge(chain)
    chain.cut(0)
    chain.buy(0, "100.00")  # its own, and nobody else has heard of them
    sale = chain.sale("10.00", redeem=(OFF,))
    held = chain.hold(0, sale)
    assert "refused" not in held
    chain.cut(0, on=False)
    chain.talk(0)
    given = [
        "refused" not in chain.buy(0, "10.00", card=OTHER, redeem=(OFF,)),
        "refused" not in chain.commit(0, sale, hold=held["hold"]),
    ]
    assert given.count(True) == 1
    at_rest(chain)
    assert chain.balance() >= 0


def test_a_coupon_that_only_the_one_could_use_is_the_others(make: Make) -> None:
    chain = make(CLUB + OWN)
    chain.buy(0, "10.00")
    chain.buy(0, "10.00", card=OTHER)
    chain.talk()
    campaign = Campaign(way=Way.CARDS, coupon="own", once="march")
    issued = chain.hq.issuing.page(campaign, [CARD])
    assert isinstance(issued, Page)
    (coupon,) = issued.coupons
    chain.talk()
    quoted = chain.tills[1].quote(chain.sale("10.00", card=OTHER, coupons=(coupon.code,)))
    assert [one["refused"] for one in quoted["declined"]] == ["coupon_personal"]
    merge(chain)
    chain.talk()
    assert chain.buy(1, "10.00", card=OTHER, coupons=(coupon.code,))["total_minor"] == 500
    at_rest(chain)
    shown = chain.hq.coupons.show(coupon.code)
    assert isinstance(shown, Shown)
    assert (shown.state.value, shown.member) == ("used up", chain.member(OTHER).hex())
