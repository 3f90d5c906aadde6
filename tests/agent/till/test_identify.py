"""Who is it? Raw scans, and payment cards that stop here."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.config.values import ScanConfig
from agent.till.identify import identify_read
from agent.till.requests import EnrolRequest
from agent.till.till import Till
from drivers.scanners.cards import CardRange
from drivers.scanners.decoding.reading import Kind, Reading
from sync.member_code import MemberCode, make_code
from tests.agent.till.world import CARD, PAYMENT, Clock, basket, goods, open_till, sale

GSRN, EAN_CARD = "952012345678912345", "2100000000012"
HQ = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
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


@pytest.mark.parametrize(
    "scan",
    [
        EAN_CARD,
        f"]E0{EAN_CARD}",
        f"]C0{EAN_CARD}",
        f"]C1{EAN_CARD}",
        f"]Q3{EAN_CARD}",
        f"]d2{EAN_CARD}",
        f"]C101{EAN_CARD.zfill(14)}",
        f"https://example.com/01/{EAN_CARD.zfill(14)}",
        "2100 0000 0001 2",
        f";{EAN_CARD}=2512?",
    ],
)
def test_a_card_is_the_same_card_in_any_carrier(till: Till, scan: str) -> None:
    assert till.identify(scan) == {"card": EAN_CARD, "member": None, "may_enrol": True}


@pytest.mark.parametrize("scan", [f"]C18018{GSRN}", f"]Q1https://example.com/8018/{GSRN}/8019/1", f"(8018){GSRN}"])
def test_a_gsrn_in_any_carrier_finds_its_member(till: Till, scan: str) -> None:
    enrolled = till.enrol(EnrolRequest(key="e", card=f"8018{GSRN}", nickname="A")).values
    found = till.identify(scan)
    assert (found["card"], found["member"]) == (f"8018{GSRN}", enrolled["member"])


def test_a_gsrn_that_nobody_has_is_an_unknown_card(till: Till) -> None:
    assert till.identify(f"]C18018{GSRN}")["refused"] == "card_unknown"


@pytest.mark.parametrize("scan", ["87071234567", "8 (707) 123-45-67", "+77071234567", "]Q1tel:+77071234567"])
def test_a_phone_number_finds_the_member_who_enrolled_with_it(tmp_path: Path, scan: str) -> None:
    with open_till(tmp_path, country="KZ") as till:
        enrolled = till.enrol(EnrolRequest(key="e", card="+77071234567", nickname="A")).values
        assert till.identify(scan)["member"] == enrolled["member"]
        assert till.commit(sale(card="+77071234567")).values["member"] == enrolled["member"]


def test_a_phone_number_becomes_a_members_where_a_range_says_so(tmp_path: Path) -> None:
    ranges = (CardRange(prefix="+77", min_length=12, max_length=12),)
    with open_till(tmp_path, country="KZ", ranges=ranges) as till:
        assert till.identify("87071234567") == {"card": "+77071234567", "member": None, "may_enrol": True}
    with open_till(fresh(tmp_path), country="KZ") as till:
        assert till.identify("87071234567")["refused"] == "card_unknown"


def fresh(folder: Path) -> Path:
    """A folder for one more till."""
    other = folder / "other"
    other.mkdir()
    return other


def made(till: Till, card: str, *, at: datetime, signer: Ed25519PrivateKey = HQ) -> str:
    return make_code(MemberCode(card=card, issued_at=at, minutes=5), signer.sign)


@pytest.fixture
def paired(till: Till) -> Till:
    till.context.keys.keep_hq_key(HQ.public_key().public_bytes_raw())
    return till


@pytest.mark.parametrize("carrier", ["", "]Q1", "]d1"])
def test_a_member_code_is_judged_like_its_card(paired: Till, clock: Clock, carrier: str) -> None:
    code = carrier + made(paired, CARD, at=clock())
    assert paired.identify(code) == {"card": CARD, "member": None, "may_enrol": True}
    sold = paired.commit(sale()).values
    assert paired.identify(code)["member"] == sold["member"]
    assert paired.identify(made(paired, "LOY-1", at=clock()))["refused"] == "card_unknown"
    assert paired.identify(made(paired, PAYMENT, at=clock()))["refused"] == "payment_card"


def test_a_member_code_is_good_for_its_minutes_only(paired: Till, clock: Clock) -> None:
    code = made(paired, CARD, at=clock())
    clock.now += timedelta(minutes=8)
    assert paired.identify(code) == {
        "refused": "member_code_expired",
        "text": "The code is too old. Ask for a new one on the phone.",
        "field": "scan",
        "read": {"kind": "member", "form": "member_code"},
    }
    clock.now -= timedelta(minutes=12)
    assert paired.identify(code)["refused"] == "member_code_not_yet"


def test_a_member_code_of_another_hq_is_none(paired: Till, clock: Clock) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
    assert paired.identify(made(paired, CARD, at=clock(), signer=other))["refused"] == "member_code_invalid"
    assert paired.identify("LTM1" + "A" * 132)["refused"] in {"scan_unreadable", "member_code_invalid"}


def test_a_till_that_is_not_paired_cannot_verify_a_code_and_says_so(till: Till, clock: Clock) -> None:
    found = till.identify(made(till, CARD, at=clock()))
    assert (found["refused"], found["detail"]) == (
        "member_code_invalid",
        "the till is not paired, so it has no key of HQ's",
    )


@pytest.mark.parametrize(
    ("scan", "read"),
    [
        (
            "]E05901234123457",
            {"kind": "item", "value": "05901234123457", "symbology": "ean_13", "fields": {}},
        ),
        (
            "]C12559501101020016",
            {
                "kind": "coupon",
                "value": "9501101020016",
                "symbology": "gs1_code_128",
                "fields": {"255": "9501101020016"},
            },
        ),
        (
            "]Q1t=20200101T1200&s=100.00&fn=1&i=2&fp=3",
            {
                "kind": "receipt",
                "value": "ru:1:2:3",
                "symbology": "qr_code",
                "fields": {
                    "template": "ru",
                    "date": "2020-01-01T12:00",
                    "total": "100.00",
                    "number": "2",
                    "fn": "1",
                    "i": "2",
                    "fp": "3",
                },
            },
        ),
    ],
)
def test_what_is_no_members_is_told_as_what_it_is(till: Till, scan: str, read: dict[str, object]) -> None:
    assert till.identify(scan) == {
        "refused": "not_a_card",
        "text": "This is not a loyalty card.",
        "field": "scan",
        "read": read,
    }


def test_a_number_with_two_meanings_is_settled_by_who_asks_or_by_configuration(tmp_path: Path) -> None:
    number, ranges = "4600000000008", (CardRange(prefix="46", min_length=13, max_length=13),)
    with open_till(tmp_path, ranges=ranges) as till:
        found = till.identify(number)
        assert found["refused"] == "scan_ambiguous"
        assert [one["kind"] for one in found["read"]["readings"]] == ["member", "item"]
        assert till.identify(number, "member")["card"] == number
        assert till.identify(number, "item")["refused"] == "not_a_card"
    with open_till(fresh(tmp_path), ranges=ranges, scan=ScanConfig(order=(Kind.MEMBER, Kind.ITEM))) as till:
        assert till.identify(number)["card"] == number
        assert till.identify(number, "member")["card"] == number
        assert till.identify(number, "item")["refused"] == "not_a_card"
        assert till.commit(sale("s", card=f"{number}\r")).refused is None


def test_a_number_that_is_no_members_in_any_meaning_is_no_card(till: Till) -> None:
    found = till.identify("96385074")
    assert (found["refused"], found["read"]["kind"]) == ("not_a_card", "ambiguous")


def test_what_cannot_be_right_is_refused_without_its_text(till: Till) -> None:
    found = till.identify("]E05901234123458")
    assert (found["refused"], found["detail"]) == ("scan_unreadable", "check_digit")
    assert "5901234" not in json.dumps(found)


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
    assert till.identify("]E04870001234560")["refused"] == "not_a_card"


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


@pytest.mark.parametrize("scan", ["+3782.822463.10005", "+(378) 282246310005", "00378282246310005", "+378282246310005"])
@pytest.mark.parametrize("kind", [None, "phone"])
def test_a_payment_card_that_reads_like_a_phone_number_is_not_told_as_one(
    tmp_path: Path, scan: str, kind: str | None
) -> None:
    with open_till(tmp_path, country="KZ") as till:
        answer = till.identify(scan, kind)
        assert (answer["refused"], "read" in answer) == ("payment_card", False)
        assert "378282246310005" not in json.dumps(answer)


def test_a_card_that_is_refused_as_a_payment_card_is_not_told_back(till: Till) -> None:
    """Whatever came past the gate, as what a reader made of a text."""
    read = Reading(kind=Kind.PHONE, value="+378282246310005")
    assert identify_read(till.context, read).keys() == {"refused", "text", "field"}


@pytest.mark.parametrize("scan", ["", "]", "]-1abc"])
def test_a_misread_scan_says_so(till: Till, scan: str) -> None:
    assert till.identify(scan)["refused"] == "bad_request"


@pytest.mark.parametrize("scan", ["\ud800", "x" * 10_000, "\0", " ", "٢١٠٠٠٠٠٠٠٠٠١٧"])
def test_no_scan_is_too_odd_for_an_answer(till: Till, scan: str) -> None:
    assert till.identify(scan)["refused"] in {"card_unknown", "bad_request", "scan_unreadable"}
