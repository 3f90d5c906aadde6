"""Who is it? Raw scans, and payment cards that stop here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.till.requests import EnrolRequest
from agent.till.till import Till
from tests.agent.till.world import CARD, PAYMENT, basket, goods, open_till, sale

TRACK_1 = f"%B{PAYMENT}^DOE/JOHN^29121011000000000000000000000?"
TRACK_2 = f";{PAYMENT}=29121011000000000000?"
PAYMENT_SPELLINGS = [
    PAYMENT,
    "4111-1111-1111-1111",
    "4111 1111 1111 1111",
    TRACK_1,
    TRACK_2,
    "".join(chr(0x0660 + int(digit)) for digit in PAYMENT),
]


def digits_of(answer: object) -> str:
    return "".join(char for char in json.dumps(answer, ensure_ascii=False) if char.isdigit())


@pytest.mark.parametrize("scan", [CARD, f"]E0{CARD}", f"]C1{CARD}", f"]Q3{CARD}", f"]d2{CARD}"])
def test_a_card_is_the_same_card_with_and_without_an_aim_identifier(till: Till, scan: str) -> None:
    assert till.identify(scan) == {"card": CARD, "member": None, "may_enrol": True}


def test_a_member_is_shown_with_the_balance_that_the_last_sale_left(till: Till) -> None:
    sold = till.commit(sale()).values
    assert till.identify(f"]C1{CARD}") == {
        "card": CARD,
        "member": sold["member"],
        "nickname": None,
        "tier": None,
        "language": None,
        "balances": {"points": 12},
        "as_of": None,
        "mode": "local",
        "usable": {"points": 12},
        "expiring": [],
        "pending": [],
    }


def test_goods_are_not_a_card(till: Till) -> None:
    assert till.identify("]E04870001234567")["refused"] == "card_unknown"


def test_an_unknown_card_is_refused_where_cards_do_not_enrol_by_themselves(tmp_path: Path) -> None:
    with open_till(tmp_path, enrol_unknown=False) as till:
        assert till.identify(CARD)["refused"] == "card_unknown"
        assert till.quote(basket())["refused"] == "card_unknown"
        assert till.commit(sale()).refused == "card_unknown"


@pytest.mark.parametrize("scan", PAYMENT_SPELLINGS)
def test_a_payment_card_is_refused_and_no_digit_of_it_is_answered(till: Till, scan: str) -> None:
    answer = till.identify(scan)
    assert answer["refused"] == "payment_card"
    assert digits_of(answer) == ""


@pytest.mark.parametrize("card", PAYMENT_SPELLINGS)
def test_no_use_case_takes_a_payment_card_for_a_member_card(till: Till, card: str) -> None:
    requests = {
        "quote": till.quote(basket(card=card)),
        "commit": till.commit(sale("c", card=card)).values,
        "enrol": till.enrol(EnrolRequest(key="e", card=card)).values,
        "return": till.return_goods(goods("r", None, card=card)).values,
    }
    assert {name: answer["refused"] for name, answer in requests.items()} == dict.fromkeys(requests, "payment_card")
    assert "4111" not in json.dumps(requests)
    assert till.context.book.head.sequence == 0


def test_no_payment_card_reaches_the_disk(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        for place, card in enumerate(PAYMENT_SPELLINGS):
            till.identify(card)
            till.commit(sale(f"c{place}", card=card))
            till.enrol(EnrolRequest(key=f"e{place}", card=card))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PAYMENT.encode() not in kept
    assert b"DOE/JOHN" not in kept


@pytest.mark.parametrize("scan", ["", "]", "]-1abc"])
def test_a_misread_scan_says_so(till: Till, scan: str) -> None:
    assert till.identify(scan)["refused"] == "bad_request"


@pytest.mark.parametrize("scan", ["\ud800", "x" * 10_000, "\0", " ", "٢١٠٠٠٠٠٠٠٠٠١٧"])
def test_no_scan_is_too_odd_for_an_answer(till: Till, scan: str) -> None:
    assert till.identify(scan)["refused"] in {"card_unknown", "bad_request"}
