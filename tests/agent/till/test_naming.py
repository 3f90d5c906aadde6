"""Which card a request means, whatever its host passes on: what inquire answered, or what the scanner sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.config.values import ScanConfig
from agent.till.requests import ActionRequest, EnrolRequest, GiftCardPays, HoldRequest
from agent.till.till import Till
from cli.decode import read_line
from drivers.scanners.decoding.in_store import InStoreTemplate
from drivers.scanners.decoding.reading import Kind
from drivers.scanners.gate import DeviceKind, Gate
from tests.agent.till.world import CARD, PAYMENT, basket, goods, open_till, sale

EAN_CARD = "2100000000012"
FRAMINGS = [("", ""), ("", "\r"), ("", "\n"), ("", "\r\n"), ("", "\t"), ("\x02", "\x03"), ("\x02", "\x03\r\n")]
GS = "\x1d"
TEMPLATE = InStoreTemplate(pattern="20MMMMMMMMMMC")


def framed(scan: str) -> list[str]:
    return [before + scan + after for before, after in FRAMINGS]


@pytest.mark.parametrize(
    "scan", [EAN_CARD, f"]E0{EAN_CARD}", f"]C101{EAN_CARD.zfill(14)}{GS}10A", f";{EAN_CARD}=2512?"]
)
def test_inquire_understands_every_framing_as_decode_does(till: Till, scan: str) -> None:
    gate = Gate(device="host", kind=DeviceKind.HOST, ranges=till.context.config.cards.ranges)
    for text in framed(scan):
        assert read_line(json.dumps(text).encode(), gate, till.context.config.decoding).value == EAN_CARD
        assert till.identify(text) == {"card": EAN_CARD, "member": None, "may_enrol": True}


@pytest.mark.parametrize("scan", framed(CARD) + framed(f"]C0{CARD}") + [f"]Q1https://id.example/{CARD}\r"])
def test_a_payment_card_with_framing_is_refused(till: Till, scan: str) -> None:
    answer = till.identify(scan.replace(CARD, PAYMENT))
    assert answer["refused"] == "payment_card"
    assert "1111" not in json.dumps(answer)


@pytest.mark.parametrize("scan", [f"{CARD}\r{CARD}\r", f"\x02{CARD}", "\r", "]-1\r"])
def test_what_is_no_one_scan_is_a_bad_request(till: Till, scan: str) -> None:
    assert till.identify(scan)["refused"] == "bad_request"


def test_a_payment_card_in_several_lines_is_one_all_the_same(till: Till) -> None:
    for scan in ("4111\r1111\r1111\r1111\r", f"%B{PAYMENT}^DOE/J^2912?\r;{PAYMENT}=2912?\r", f"1\r{PAYMENT}\r"):
        assert till.identify(scan)["refused"] == "payment_card"


def test_quote_hold_and_commit_take_the_scan_for_the_card(till: Till) -> None:
    member = till.commit(sale("first", card=EAN_CARD)).values["member"]
    for place, scan in enumerate(framed(f"]C1{EAN_CARD}")):
        named = till.quote(basket(card=scan))
        assert named == till.quote(basket(card=EAN_CARD))
        assert "hold" in till.hold(HoldRequest(key=f"h{place}", sale=basket(card=scan))).values
        sold = till.commit(sale(f"k{place}", card=scan, quote=named["quote"]))
        assert sold.values["member"] == member
        assert till.commit(sale(f"again{place}", check=f"c-k{place}", card=EAN_CARD)).values["known"] is True


def test_enrolments_actions_and_returns_take_it_too(till: Till) -> None:
    enrolled = till.enrol(EnrolRequest(key="e", card=f"]E0{EAN_CARD}\r", nickname="A")).values
    assert till.identify(EAN_CARD)["member"] == enrolled["member"]
    brought = till.enrol(EnrolRequest(key="f", card=CARD, referrer=f"{EAN_CARD}\r\n"))
    assert brought.refused is None
    done = till.act(ActionRequest(key="a", card=f"{EAN_CARD}\t", action="feedback"))
    assert done.refused in {None, "nothing_earned"}
    sold = till.commit(sale("s", card=EAN_CARD)).values
    assert till.return_goods(goods("r", sold["entry"], (1, 1_000), card=f"\x02{EAN_CARD}\x03")).refused is None


def test_the_journal_keeps_the_card_and_not_its_framing(tmp_path: Path) -> None:
    with open_till(tmp_path) as till:
        till.commit(sale("k", card=f"]E0{EAN_CARD}\r"))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert EAN_CARD.encode() in kept
    assert f"]E0{EAN_CARD}".encode() not in kept


@pytest.mark.parametrize(
    "scan", [f"]C0{PAYMENT}", f"]C0{PAYMENT}\r", f"]I0{PAYMENT}", f"]Q1{PAYMENT}\n", f"{PAYMENT}\r"]
)
def test_a_payment_card_behind_an_identifier_names_nobody_and_is_kept_nowhere(tmp_path: Path, scan: str) -> None:
    with open_till(tmp_path) as till:
        paying = (GiftCardPays(number=scan, reward="gift"),)
        answers = {
            "quote": till.quote(basket(card=scan)),
            "commit": till.commit(sale("c", card=scan)).values,
            "enrol": till.enrol(EnrolRequest(key="e", card=scan)).values,
            "gift card": till.quote(basket(card=None, gift_cards=paying)),
        }
        assert {name: answer["refused"] for name, answer in answers.items()} == dict.fromkeys(answers, "payment_card")
        assert till.context.book.head.sequence == 0
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PAYMENT.encode() not in kept


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        ("]E04870001234560\r", "not_a_card"),
        ("]E04870001234561\r", "scan_unreadable"),
        ("]C0nobody\r", "card_unknown"),
        ("2100 0000 0001 9 x", "bad_request"),
        (f"{CARD}\r{CARD}\r", "bad_request"),
        ("LTM1" + "A" * 132, "bad_request"),
    ],
)
def test_a_scan_that_names_no_card_is_refused_by_what_it_is(till: Till, scan: str, code: str) -> None:
    refused = till.quote(basket(card=scan))
    assert (refused["refused"], refused["field"]) == (code, "card")


def test_what_inquire_answers_stands_for_itself(tmp_path: Path) -> None:
    ean, digits = "2070712345674", "7071234567"  # the digits alone would be a phone number in Kazakhstan
    with open_till(tmp_path, country="KZ", scan=ScanConfig(templates=(TEMPLATE,))) as till:
        enrolled = till.enrol(EnrolRequest(key="e", card=f"{ean}\r", nickname="A")).values
        assert till.identify(ean)["card"] == digits
        for card in (digits, ean, f"]E0{ean}"):
            assert till.commit(sale(card, card=card)).values["member"] == enrolled["member"]


@pytest.mark.parametrize("keyed", ["87071234567", "7071234567", "77071234567", "8 707 123-45-67", "+77071234567\r"])
def test_a_phone_number_is_one_member_however_it_is_keyed(tmp_path: Path, keyed: str) -> None:
    with open_till(tmp_path, country="KZ") as till:
        enrolled = till.enrol(EnrolRequest(key="e", card=keyed, nickname="A")).values
        for other in ("87071234567", "+77071234567", keyed):
            assert till.identify(other)["member"] == enrolled["member"]
            assert till.commit(sale(f"s {other}", card=other)).values["member"] == enrolled["member"]
            assert till.enrol(EnrolRequest(key=f"e {other}", card=other)).refused == "member_exists"


def test_a_phone_number_that_is_also_goods_is_a_card_where_the_order_says_so(tmp_path: Path) -> None:
    digits = "96385074"  # an EAN-8, and a phone number in Armenia
    with open_till(tmp_path, country="AM", scan=ScanConfig(order=(Kind.PHONE,))) as till:
        enrolled = till.enrol(EnrolRequest(key="e", card=digits, nickname="A")).values
        assert till.identify(digits)["member"] == enrolled["member"]
        assert till.identify("+37496385074")["member"] == enrolled["member"]


def test_digits_that_are_no_phone_number_are_the_card_that_they_are(tmp_path: Path) -> None:
    with open_till(tmp_path, country="KZ") as till:
        member = till.enrol(EnrolRequest(key="e", card="0000123", nickname="A")).values["member"]
        assert till.commit(sale("s", card="0000123")).values["member"] == member


def test_the_codes_of_coupons_come_with_framing_too(till: Till) -> None:
    plain = till.quote(basket(coupons=("CP-1",)))
    assert plain == till.quote(basket(coupons=("]C0CP-1\r",)))
