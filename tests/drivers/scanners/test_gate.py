"""Payment cards stop here, and nothing else does."""

import dataclasses
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.cards import CardRange, CheckDigit
from drivers.scanners.gate import (
    DeviceKind,
    Gate,
    GateReason,
    GateRefusal,
    looks_like_payment_number,
)
from drivers.scanners.symbols import Medium, Symbol

PAN = "4012002000060016"
OWN = CardRange(prefix="600300", min_length=16, max_length=16)
CAN_DELIVER_A_NUMBER = [DeviceKind.WEDGE, DeviceKind.MAGSTRIPE, DeviceKind.KEYED, DeviceKind.HOST]


def gate(kind: DeviceKind, *ranges: CardRange) -> Gate:
    return Gate(device="counter 1", kind=kind, ranges=ranges)


def refused(reason: GateReason, text: str) -> GateRefusal:
    return GateRefusal(device="counter 1", reason=reason, length=len(text))


TRACKS = [
    f";{PAN}=25121011803939600000?",
    f"%B{PAN}^VI TEST CREDIT^251200000000000000000000?",
    f"%B{PAN}^VI TEST CREDIT^2512?;{PAN}=2512?",
    f"B{PAN}^VI TEST CREDIT^2512",
    f"{PAN}=2512101",
    f"{PAN}=",
    f"+{PAN}=2512?",
    f"%B{PAN}",
    f"%И{PAN}:ВЩУ.ОЩРТ:2512101,",
    f";{PAN}",
    f"%E?;{PAN}=2512?",
    f"MSR1;{PAN}=2512?",
    "%B3782 822463 10005^JOHN/A^2512?",
    "%B1234123412341234^CardUser/John^0305?",
    ";123412341234=0305?",
]


@pytest.mark.parametrize(("kind", "text"), list(product(DeviceKind, TRACKS)))
def test_a_payment_track_is_refused_from_any_device(kind: DeviceKind, text: str) -> None:
    assert gate(kind).admit(Symbol(text=text)) == refused(GateReason.PAYMENT_TRACK, text)


NUMBERS = [
    PAN,
    "4012 0020 0006 0016",
    "4012-0020-0006-0016",
    "4012.0020.0006.0016",
    "4012/0020/0006/0016",
    "4012_0020_0006_0016",
    "(4012) 0020 (0006) 0016",
    "4012,0020:0006'0016",
    *(
        "4012" + dash + f"0020{dash}0006{dash}0016"
        for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00b7\u00a0\u200b"
    ),
    "+3782.822463.10005",
    "tel:+3782(822)463/10005",
    "https://pay.example.com/4012/0020/0006/0016",
    "378282246310005",
    "5555555555554444",
    "2200000000000004",
    "2223003122003222",
    "30569309025904",
    "6200000000000005",
    "9051000000000009",
    f"{PAN}?",
    f"card {PAN} please",
    "4012 0020 0006 0016 12-25",
    f"12-25 {PAN}",
    f"https://pay.example.com/?number={PAN}&x=1",
    f"t=20250101T1200&s=100.00&fn={PAN}&i=12345&fp=123",
    f"٢١٠٠ {PAN}٠١٢",
    "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in PAN),
    "".join(chr(0x0660 + int(digit)) for digit in PAN),
]


@pytest.mark.parametrize(("kind", "text"), list(product(CAN_DELIVER_A_NUMBER, NUMBERS)))
def test_a_bare_payment_number_is_refused_where_one_can_come_from(kind: DeviceKind, text: str) -> None:
    assert gate(kind).admit(Symbol(text=text)) == refused(GateReason.PAYMENT_NUMBER, text)


def test_a_bare_number_from_a_barcode_scanner_is_a_barcode() -> None:
    symbol = Symbol(text=PAN)
    assert gate(DeviceKind.BARCODE).admit(symbol) is symbol


@pytest.mark.parametrize(
    "text",
    [
        "2112345678900",
        "4600000000008",
        "4012002000060017",
        "1234567812345670",
        "+998901234567",
        "+994501234567",
        "%E?;E?",
        ";E?+E?",
        ";123456789=1234?",
        "0109501101530003^10ABC123^17251231",
        "]not an identifier here",
        "https://example.com/01/04600000000008?99=TEST",
        "t=20250101T1200&s=100.00&fn=9999078900004792&i=12345&fp=123",
        "LOY-0042",
    ],
)
@pytest.mark.parametrize("kind", list(DeviceKind))
def test_what_is_no_payment_card_passes(kind: DeviceKind, text: str) -> None:
    symbol = Symbol(text=text)
    assert gate(kind).admit(symbol) is symbol


@pytest.mark.parametrize("kind", list(DeviceKind))
@pytest.mark.parametrize(
    ("aim", "text"),
    [
        ("]C1", f"99{PAN}"),
        ("]C1", f"8018{PAN}45"),
        ("]d2", f"21{PAN}\x1d0104600000000008"),
        ("]e0", f"0104600000000008|]e099{PAN}"),
        ("", f"https://example.com/01/04600000000008/21/{PAN}"),
        ("]Q1", f"https://example.com/01/04600000000008/21/{PAN}"),
    ],
)
def test_what_parses_as_gs1_data_by_what_it_says_itself_passes_from_any_device(
    kind: DeviceKind, aim: str, text: str
) -> None:
    symbol = Symbol(aim=aim, text=text)
    assert gate(kind).admit(symbol) is symbol


@pytest.mark.parametrize(
    ("aim", "text"),
    [
        ("]C1", "5555555555554444"),
        ("]C1", f"ABC {PAN}"),
        ("", f"99{PAN} {PAN}"),
        ("]Q1", f"(99){PAN}"),
        ("", f"https://example.com/promo/{PAN}"),
        ("]Q1", f"https://example.com/01/04600000000009/21/{PAN}"),
    ],
)
def test_what_only_looks_like_gs1_data_does_not(aim: str, text: str) -> None:
    assert gate(DeviceKind.HOST).admit(Symbol(aim=aim, text=text)) == refused(GateReason.PAYMENT_NUMBER, text)


def test_a_track_in_a_link_is_a_track() -> None:
    text = f"https://example.com/01/04600000000008?x={PAN}=2512"
    assert gate(DeviceKind.BARCODE).admit(Symbol(aim="]Q1", text=text)) == refused(GateReason.PAYMENT_TRACK, text)


def test_an_own_number_does_not_let_another_one_in() -> None:
    assert gate(DeviceKind.HOST, OWN).admit(Symbol(text=f"6003001000001448 {PAN}")) == refused(
        GateReason.PAYMENT_NUMBER, f"6003001000001448 {PAN}"
    )


def test_an_own_number_with_a_wrong_check_digit_is_not_ours() -> None:
    checked = CardRange(prefix="600300", min_length=16, max_length=16, check=CheckDigit.EAN)
    number = "6003001000001448"
    assert gate(DeviceKind.KEYED, checked).admit(Symbol(text=number)) == refused(GateReason.PAYMENT_NUMBER, number)


@pytest.mark.parametrize("text", ["4 " * 2000, "4" * 4096, "4-" * 2048, ";" + "4" * 4000, "%B" + "4 " * 2000 + "^"])
def test_a_long_text_costs_little(text: str) -> None:
    begun = time.process_time()
    gate(DeviceKind.HOST).admit(Symbol(text=text))
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("text", ["4600000000008", "460000000000812345", "460000000000812"])
def test_an_ean_with_its_check_digit_passes_with_any_add_on(text: str) -> None:
    symbol = Symbol(aim="]E3", text=text)
    assert gate(DeviceKind.WEDGE).admit(symbol) is symbol


@pytest.mark.parametrize("kind", list(DeviceKind))
def test_an_ean_with_a_composite_component_passes(kind: DeviceKind) -> None:
    symbol = Symbol(aim="]E0", text=f"4600000000008|]e099{PAN}")
    assert gate(kind).admit(symbol) is symbol


@pytest.mark.parametrize("aim", ["]E0", "]E1", "]E2", "]E3", "]E4", "]E5", "]E9", "]EF"])
@pytest.mark.parametrize("text", [PAN, "378282246310005", "4012.0020.0006.0016", f"99999{PAN} {PAN}"])
def test_a_payment_number_under_an_ean_identifier_is_refused(aim: str, text: str) -> None:
    assert gate(DeviceKind.HOST).admit(Symbol(aim=aim, text=text)) == refused(GateReason.PAYMENT_NUMBER, text)


def test_bracketed_gs1_data_is_searched_element_by_element() -> None:
    own = Symbol(text="(01)04600000000008(10)40120020(21)00060016")
    assert gate(DeviceKind.HOST).admit(own) is own
    text = f"(01)04600000000008(10){PAN}"
    assert gate(DeviceKind.HOST).admit(Symbol(text=text)) == refused(GateReason.PAYMENT_NUMBER, text)


def test_the_uid_of_a_contactless_card_always_passes() -> None:
    text = "40120020000608"
    symbol = Symbol(text=text, medium=Medium.UID)
    assert gate(DeviceKind.MAGSTRIPE).admit(symbol) is symbol
    assert gate(DeviceKind.MAGSTRIPE).admit(Symbol(text=text)) == refused(GateReason.PAYMENT_NUMBER, text)


@pytest.mark.parametrize(
    "text",
    ["6003001000001448", "%B6003001000001448^MEMBER/A^2512101?;6003001000001448=2512?", "6003 0010 0000 1448"],
)
def test_the_merchants_own_cards_pass(text: str) -> None:
    symbol = Symbol(text=text)
    assert gate(DeviceKind.MAGSTRIPE, OWN).admit(symbol) is symbol
    assert isinstance(gate(DeviceKind.MAGSTRIPE).admit(symbol), GateRefusal)


def test_a_payment_track_behind_an_own_track_is_refused() -> None:
    text = f"%B6003001000001448^MEMBER/A^2512?;{PAN}=2512?"
    assert gate(DeviceKind.MAGSTRIPE, OWN).admit(Symbol(text=text)) == refused(GateReason.PAYMENT_TRACK, text)


@given(digits=st.text(alphabet="0123456789", min_size=11, max_size=18), kind=st.sampled_from(CAN_DELIVER_A_NUMBER))
def test_a_refusal_holds_nothing_of_the_number(digits: str, kind: DeviceKind) -> None:
    outcome = gate(kind).admit(Symbol(text=f";{digits}{check_digit(digits)}=2512101?"))
    assert dataclasses.asdict(outcome) == {
        "device": "counter 1",
        "reason": GateReason.PAYMENT_TRACK,
        "length": len(digits) + 1 + len(";=2512101?"),
    }


@given(
    prefix=st.sampled_from(["4", "51", "2221", "2720", "2200", "34", "37", "36", "62", "9051"]),
    rest=st.integers(0, 10**8),
)
def test_every_number_of_a_payment_range_with_its_check_digit_is_known(prefix: str, rest: int) -> None:
    payload = prefix + str(rest).zfill(15 - len(prefix))
    assert looks_like_payment_number(payload + check_digit(payload))


def check_digit(payload: str) -> str:
    """Luhn by the book, not as the gate computes it."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)
