"""Members who join, come by a friend, or do something without buying."""

from __future__ import annotations

from pathlib import Path

from agent.till.requests import (
    ActionRequest,
    CommitRequest,
    EnrolRequest,
)
from agent.till.till import Till
from tests.agent.till.cafe import CAFE, quoted
from tests.agent.till.test_commit import entry
from tests.agent.till.world import CARD, OTHER_CARD, Clock, Mint, basket, line, open_till, void


def test_an_action_earns_once_and_an_unknown_one_nothing(cafe: Till) -> None:
    quoted(cafe, "k1", line(1, 20_000))
    rating = ActionRequest(key="a1", card=CARD, action="feedback", about="sale 1")
    rated = cafe.act(rating)
    assert (rated.values["awards"][0]["amount"], rated.values["balances"]["points"]) == (10, 20)
    assert cafe.act(rating).body == rated.body
    other = ActionRequest(key="a2", card=CARD, action="feedback", about="sale 1")
    assert cafe.act(other).values["entry"] == rated.values["entry"]
    danced = cafe.act(ActionRequest(key="a3", card=CARD, action="dance")).values
    assert (danced["awards"], danced["balances"]["points"]) == ([], 20)
    assert cafe.act(ActionRequest(key="a4", card=OTHER_CARD, action="feedback")).refused == "card_unknown"
    core, detail = entry(cafe, 3)
    assert (core.kind, detail.asked.actions if detail.asked else None, detail.receipt_number) == (
        "action",
        ("feedback",),
        None,
    )


def test_an_enrolment_tells_the_birthday_and_who_brought_the_member(till: Till) -> None:
    first = till.enrol(EnrolRequest(key="e1", card=CARD, birthday="02-29")).values
    second = till.enrol(EnrolRequest(key="e2", card=OTHER_CARD, birthday="12-31", referrer=CARD))
    _, detail = entry(till, 2)
    assert (second.refused, detail.referrer.hex() if detail.referrer else None) == (None, first["member"])
    third = "2100000000031"
    assert till.enrol(EnrolRequest(key="e3", card=third, birthday="02-30")).values["field"] == "birthday"
    assert till.enrol(EnrolRequest(key="e4", card=third, referrer="2100000000048")).values["field"] == "referrer"


def test_a_friends_first_purchase_rewards_both(tmp_path: Path, clock: Clock) -> None:
    referral = '[referral]\nunit = "points"\nreferrer = 100\nfriend = 50\nleast_spend = "100.00"\n'
    with open_till(tmp_path, programme=CAFE + referral, clock=clock, mint=Mint()) as till:
        till.enrol(EnrolRequest(key="e1", card=CARD))
        till.enrol(EnrolRequest(key="e2", card=OTHER_CARD, referrer=CARD))
        first = quoted(till, "k1", line(1, 20_000), card=OTHER_CARD)
        assert first["balances"]["points"] == 10 + 50
        assert till.member_balances(CARD) == {"points": 100}
        assert quoted(till, "k2", line(1, 20_000), card=OTHER_CARD)["balances"]["points"] == 70
        assert till.member_balances(CARD) == {"points": 100}
        till.void(void("v", first["entry"]))
        held = [
            balances["points"] for card in (CARD, OTHER_CARD) if (balances := till.member_balances(card)) is not None
        ]
        assert held == [0, 10]


def test_somebody_who_joins_by_this_sale_may_use_what_needs_a_member(tmp_path: Path, clock: Clock) -> None:
    first = '[[reward]]\nid = "welcome"\nkind = "percent"\npercent = 20\nwhen.nth_visit = 1\nuses.per_member = 1\n'
    with open_till(tmp_path, programme=CAFE + first, clock=clock) as till:
        answer = quoted(till, "k1", line(1, 10_000))
        assert (answer["enrolled"], answer["total_minor"]) == (True, 8_000)
        assert quoted(till, "k2", line(1, 10_000)).get("total_minor", 10_000) == 10_000


def test_what_hq_gives_by_the_date_no_till_can_ask_for(tmp_path: Path, clock: Clock) -> None:
    birthday = '[[rule]]\nkind = "per_action"\nid = "birthday"\nunits = 100\nwhen.action = "hq"\n'
    with open_till(tmp_path, programme=CAFE + birthday, clock=clock, mint=Mint()) as till:
        till.enrol(EnrolRequest(key="e1", card=CARD))
        asked = till.act(ActionRequest(key="a1", card=CARD, action="hq")).values
        assert (asked["refused"], asked["field"]) == ("bad_request", "action")
        sale = basket(line(1, 20_000), actions=("feedback", "hq"))
        sold = till.commit(CommitRequest(key="k1", check_id="1", sale=sale)).values
        for answer in (till.quote(sale), sold):
            assert (answer["refused"], answer["field"]) == ("bad_request", "actions[2]")


def test_an_action_that_earns_nothing_says_what_is_missing(tmp_path: Path, clock: Clock) -> None:
    visit = '[[rule]]\nkind = "per_action"\nid = "poll"\nunits = 5\nwhen.action = "poll"\nuses.per_day = 1\n'
    with open_till(tmp_path, programme=CAFE + visit, clock=clock, mint=Mint()) as till:
        till.enrol(EnrolRequest(key="e1", card=CARD))
        first, again = (till.act(ActionRequest(key=key, card=CARD, action="poll")).values for key in ("a1", "a2"))
        assert ([one["amount"] for one in first["awards"]], first["missed"]) == ([5], [])
        [missed] = again["missed"]
        assert (again["awards"], missed["id"], missed["because"][0]["id"]) == ([], "poll", "explain.missing_used_up")
