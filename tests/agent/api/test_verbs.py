"""Inquire, quote, commit, void, return and enrol over loopback, with a real book."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent.terminal import Terminal
from tests.agent.callers import Caller, basket, check
from tests.agent.shops import CARD, OTHER_CARD

PAYMENT = "4111111111111111"


def test_a_scan_is_answered_with_who_it_is(pos: Caller) -> None:
    pos.post("enrol", {"card": CARD, "nickname": "Әлия", "language": "kk"}, key="e")
    answer = pos.post("inquire", {"scan": CARD})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert (said["card"], said["nickname"], said["language"], said["mode"]) == (CARD, "Әлия", "kk", "local")


def test_a_scan_with_two_meanings_is_told_and_asked_again(pos: Caller) -> None:
    answer = pos.post("inquire", {"scan": "]E05901234123457"})
    assert (answer.status_code, answer.json()["refused"], answer.json()["read"]["kind"]) == (422, "not_a_card", "item")
    assert pos.post("inquire", {"scan": CARD, "kind": "member"}).json()["card"] == CARD
    assert pos.post("inquire", {"scan": CARD, "kind": "unknown"}).status_code == 400


def test_a_quote_changes_nothing_and_its_commit_keeps_it(pos: Caller, terminal: Terminal) -> None:
    quoted = pos.post("quote", basket()).json()
    assert quoted["awards"][0]["amount"] == 28
    assert terminal.till.context.book.head.sequence == 0
    done = pos.post("commit", check(quote=quoted["quote"]), key="c")
    assert (done.status_code, done.json()["balances"]) == (200, {"points": 28})


def test_a_commit_with_another_basket_than_its_quote_is_refused(pos: Caller) -> None:
    quoted = pos.post("quote", basket()).json()
    body = check(quote=quoted["quote"])
    body["lines"][0]["amount_minor"] += 1
    answer = pos.post("commit", body, key="c")
    assert (answer.status_code, answer.json()["refused"]) == (422, "quote_changed")


def test_a_retry_gets_the_same_bytes(pos: Caller, terminal: Terminal) -> None:
    first, again = pos.post("commit", check(), key="c"), pos.post("commit", check(), key="c")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert terminal.till.context.book.head.receipts == 1


def test_a_retry_of_a_refusal_gets_the_same_bytes_and_status(pos: Caller) -> None:
    body = check(currency="EUR")
    first, again = pos.post("commit", body, key="c"), pos.post("commit", body, key="c")
    assert (first.status_code, first.json()["refused"]) == (422, "currency_mismatch")
    assert (again.status_code, again.content) == (first.status_code, first.content)


def test_a_key_with_another_request_is_a_conflict(pos: Caller) -> None:
    pos.post("commit", check(1), key="c")
    answer = pos.post("commit", check(2), key="c")
    assert (answer.status_code, answer.json()["refused"]) == (409, "key_reused")


def test_a_sale_that_comes_again_under_another_key_counts_once(pos: Caller, terminal: Terminal) -> None:
    first, again = pos.post("commit", check(), key="c1").json(), pos.post("commit", check(), key="c2").json()
    assert again["entry"] == first["entry"]
    assert again["known"] is True
    assert terminal.till.context.book.head.receipts == 1


def test_a_return_and_a_void_take_points_back(pos: Caller) -> None:
    sold = pos.post("commit", check(1), key="c1").json()
    other = pos.post("commit", check(2), key="c2").json()
    back = {
        "check_id": "3",
        "currency": "KZT",
        "sale": sold["entry"],
        "lines": [{"line": 1, "quantity_milli": 6_000}],
    }
    returned = pos.post("return", back, key="r").json()
    assert returned["reversals"] == [{"rule": "base", "unit": "points", "amount": 15}]
    voided = pos.post("void", {"sale": other["entry"]}, key="v").json()
    assert voided["balances"] == {"points": 13}
    assert pos.post("void", {"sale": other["entry"]}, key="v2").json()["refused"] == "sale_voided"


def test_goods_of_an_unknown_sale_are_parked(pos: Caller) -> None:
    unmatched = [{"item": "x", "quantity_milli": 1_000, "amount_minor": 500, "reason": "no_receipt"}]
    answer = pos.post("return", {"check_id": "3", "currency": "KZT", "unmatched": unmatched}, key="r")
    assert (answer.status_code, answer.json()["parked"]) == (200, "unknown_original")


def test_a_reward_that_the_programme_has_not_is_refused(pos: Caller) -> None:
    answer = pos.post("commit", check(redeem=[{"reward": "none", "units": 10}]), key="c")
    assert (answer.status_code, answer.json()["refused"]) == (422, "reward_unknown")


def test_the_whole_story_of_provenance_is_taken(pos: Caller) -> None:
    more: dict[str, Any] = {
        "host": "kassa",
        "shift": "2",
        "business_date": "2026-03-05",
        "happened_at": "2026-03-05T12:30:00+05:00",
        "training": True,
        "host_guid": "g",
        "payment_set": "p",
        "fiscal_document_id": "f",
    }
    assert pos.post("commit", check(**more), key="c").status_code == 200


@pytest.mark.parametrize("verb", ["commit", "enrol", "return"])
def test_a_payment_card_is_refused_before_the_book_sees_anything_of_it(
    pos: Caller, terminal: Terminal, verb: str
) -> None:
    bodies = {
        "commit": check(card=PAYMENT),
        "enrol": {"card": PAYMENT},
        "return": {"check_id": "1", "currency": "KZT", "card": PAYMENT},
    }
    answer = pos.post(verb, bodies[verb], key="c")
    assert (answer.status_code, answer.json()["refused"]) == (422, "payment_card")
    assert "1111" not in answer.text
    with terminal.till.context.book.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM idempotency").scalar_one() == 0


def test_many_posts_at_once_each_count_once(pos: Caller, terminal: Terminal) -> None:
    def sell(number: int) -> int:
        with Caller.of(terminal) as other:
            return other.post("commit", check(number % 10), key=f"c{number % 10}").status_code

    with ThreadPoolExecutor(8) as callers:
        assert set(callers.map(sell, range(40))) == {200}
    assert terminal.till.context.book.head.receipts == 10
    assert terminal.till.member_balances(CARD) == {"points": 280}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount_minor": -1}, "price_negative"),
        ({"amount_minor": 2**63}, "amount_too_large"),
        ({"quantity_milli": 0}, "quantity_not_positive"),
        ({"tax_minor": 10**9}, "tax_exceeds_amount"),
        ({"line": 2}, "line_repeated"),
    ],
)
def test_impossible_lines_are_refused_with_their_own_code(pos: Caller, changed: dict[str, int], code: str) -> None:
    body = check()
    body["lines"][0] |= changed
    for verb, key in (("commit", "c"), ("quote", None)):
        sent = body if verb == "commit" else {name: body[name] for name in ("currency", "card", "lines")}
        answer = pos.post(verb, sent, key=key)
        assert (answer.status_code, answer.json()["refused"]) == (422, code)


def test_an_unknown_card_outside_the_ranges_is_told_apart(pos: Caller) -> None:
    assert pos.post("commit", check(card="999"), key="c").json()["refused"] == "card_unknown"
    assert pos.post("inquire", {"scan": OTHER_CARD}).json()["may_enrol"] is True


def test_points_are_redeemed_and_given_back_through_the_api(pos: Caller) -> None:
    pos.post("commit", check(1), key="c1")
    wish = [{"reward": "off", "units": 20}]
    quoted = pos.post("quote", basket(redeem=wish)).json()
    assert (quoted["offers"][0]["available"], quoted["discount_minor"]) == (True, 20_000)
    answer = pos.post("commit", check(2, redeem=wish, quote=quoted["quote"]), key="c2")
    sold = answer.json()
    assert (answer.status_code, sold["redemptions"][0]["units"], sold["to_pay_minor"]) == (
        200,
        20,
        quoted["to_pay_minor"],
    )
    changed = check(3, redeem=[{"reward": "off", "units": 10}], quote=quoted["quote"])
    assert pos.post("commit", changed, key="c3").json()["refused"] == "quote_changed"
    voided = pos.post("void", {"sale": sold["entry"]}, key="v").json()
    assert voided["restored"] == [{"reward": "off", "unit": "points", "units": 20, "paid_minor": 0}]


def test_an_action_and_an_enrolment_with_a_birthday_are_taken(pos: Caller) -> None:
    joined = pos.post("enrol", {"card": CARD, "birthday": "12-31"}, key="e")
    assert joined.status_code == 200
    done = pos.post("action", {"card": CARD, "action": "feedback", "about": "1"}, key="a")
    assert (done.status_code, done.json()["awards"]) == (200, [])
    again = pos.post("action", {"card": CARD, "action": "feedback", "about": "1"}, key="a2")
    assert again.json()["entry"] == done.json()["entry"]


@pytest.mark.parametrize(
    "shown",
    [
        {"coupons": [PAYMENT]},
        {"codes": [PAYMENT]},
        {"gift_cards": [{"number": PAYMENT, "reward": "card"}]},
        {"sold_cards": [{"number": PAYMENT, "line": 1}]},
    ],
)
def test_a_payment_card_in_any_field_is_refused_and_nothing_is_kept_of_it(
    pos: Caller, terminal: Terminal, shown: dict[str, Any]
) -> None:
    assert pos.post("commit", check(**shown), key="c").json()["refused"] == "payment_card"
    assert terminal.till.answered("c") is None


def test_the_description_names_every_wish(pos: Caller) -> None:
    described = pos.get("/v1/openapi.json").json()
    fields = described["components"]["schemas"]["Commit"]["properties"]
    assert {
        "redeem",
        "codes",
        "coupons",
        "gift_cards",
        "sold_cards",
        "declined",
        "actions",
        "credit_minor",
    } <= fields.keys()
    assert {"tags", "tax_ppm", "floor_minor", "deposit_minor", "gift"} <= described["components"]["schemas"]["Line"][
        "properties"
    ].keys()
    assert "/v1/action" in described["paths"]
