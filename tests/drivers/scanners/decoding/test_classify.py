"""Every kind of scan, in every carrier, and what wins where a number can mean several things."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.cards import CardRange, CheckDigit
from drivers.scanners.decoding.classify import classify
from drivers.scanners.decoding.in_store import InStoreTemplate
from drivers.scanners.decoding.reading import FORM, MEMBER_CODE, Kind, Reading, error
from drivers.scanners.decoding.settings import NO_SETTINGS, DecodingSettings
from drivers.scanners.gate import DeviceKind
from drivers.scanners.numbers.check_digits import gs1_check_digit
from drivers.scanners.symbols import Medium, Symbol, read_text

GS = "\x1d"
GSRN = "952012345678912345"
CODE = "LTM1" + "A" * 132
SETTINGS = DecodingSettings(
    country="KZ",
    ranges=(
        CardRange(prefix="2100", min_length=13, max_length=13),
        CardRange(prefix="LOY-", min_length=8, max_length=10),
        CardRange(prefix="600300", min_length=16, max_length=16, check=CheckDigit.LUHN),
        CardRange(prefix="77", min_length=10, max_length=10, check=CheckDigit.EAN),
        CardRange(prefix="46", min_length=13, max_length=13),
    ),
    templates=(
        InStoreTemplate(pattern="22IIIIIWWWWWC", name="weighed"),
        InStoreTemplate(pattern="28MMMMMMMMMMC", name="cards"),
        InStoreTemplate(pattern="29KKKKKKPPPPC", name="vouchers"),
    ),
)
CARD, OWN_46 = "2100000000012", "4600000000008"
WEIGHED = "22123450123" + "4" + gs1_check_digit("221234501234")


def read(
    text: str, settings: DecodingSettings = SETTINGS, device: DeviceKind = DeviceKind.HOST, medium: Medium = Medium.CODE
) -> Reading:
    symbol = read_text(text)
    assert isinstance(symbol, Symbol)
    return classify(replace(symbol, medium=medium), settings, device)


def said(reading: Reading) -> tuple[str, str]:
    return reading.kind.value, reading.value


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        (CARD, ""),
        (f"]E0{CARD}", "ean_13"),
        (f"]C0{CARD}", "code_128"),
        (f"]C1{CARD}", "gs1_code_128"),
        (f"]Q1{CARD}", "qr_code"),
        (f"]d2{CARD}", "gs1_data_matrix"),
        (f"]A0{CARD}", "code_39"),
        ("2100 0000 00012", ""),
        (f"]C101{CARD.zfill(14)}", "gs1_code_128"),
        (f"https://example.com/01/{CARD.zfill(14)}", ""),
        (f";{CARD}?", "magstripe"),
        (f"%{CARD}?;{CARD}?", "magstripe"),
        (f";{CARD}=2512?", "magstripe"),
    ],
)
def test_a_card_is_a_member_in_any_carrier(text: str, symbology: str) -> None:
    found = read(text)
    assert said(found) == ("member", CARD)
    assert found.symbology == symbology


@pytest.mark.parametrize(
    "text",
    [
        f"]C18018{GSRN}",
        f"]Q38018{GSRN}{GS}8019123",
        f"]d28018{GSRN}",
        f"]Q1https://example.com/8018/{GSRN}/8019/123",
        f"HTTPS://EXAMPLE.COM/8018/{GSRN}",
        f"(8018){GSRN}",
        f"^8018{GSRN}",
        f"8018{GSRN}",
    ],
)
def test_a_gsrn_is_the_standard_key_of_a_member(text: str) -> None:
    assert said(read(text)) == ("member", f"8018{GSRN}")


def test_the_service_instance_of_a_gsrn_is_told() -> None:
    assert read(f"]C18018{GSRN}{GS}801907").fields == {"8018": GSRN, "8019": "07"}


def test_a_member_code_is_recognised_and_left_to_who_can_verify_it() -> None:
    expected = Reading(kind=Kind.MEMBER, symbology="qr_code", value=CODE, fields={FORM: MEMBER_CODE})
    assert read(f"]Q1{CODE}") == expected
    assert read(CODE[:60]).kind is Kind.UNKNOWN


def test_a_contactless_card_is_its_number() -> None:
    assert classify(Symbol(text="044F7132214B80", medium=Medium.UID), SETTINGS) == Reading(
        kind=Kind.MEMBER, symbology="uid", value="044F7132214B80"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("]E05901234123457", "05901234123457"),
        ("]E0042100005264", "00042100005264"),
        ("]E496385074", "00000096385074"),
        ("5901234123457", "05901234123457"),
        ("]I105901234123457", "05901234123457"),
        ("]C10105901234123457" + "10ABC", "05901234123457"),
        ("(01)05901234123457(10)ABC", "05901234123457"),
        ("]Q1https://id.gs1.org/01/05901234123457/10/ABC", "05901234123457"),
        ("]C05901234123457", "05901234123457"),
    ],
)
def test_an_item_is_its_gtin_of_14_digits_in_any_carrier(text: str, value: str) -> None:
    assert said(read(text)) == ("item", value)


def test_an_item_tells_what_else_its_symbol_says() -> None:
    assert read("]C10105901234123457" + "17251231" + "10ABC").fields == {
        "01": "05901234123457",
        "17": "251231",
        "10": "ABC",
    }
    assert read("]E3590123412345712").fields == {"add_on": "12"}
    assert read(f"]E05901234123457|]e010ABC{GS}99X").fields == {"10": "ABC", "99": "X"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("]C12559501101020016", "9501101020016"),
        ("]C125595011010200167", "95011010200167"),
        (f"]C12559501101020016{GS}81110500", "9501101020016"),
        (f"]E0981234567890{gs1_check_digit('981234567890')}", f"0981234567890{gs1_check_digit('981234567890')}"),
        (f"]E0{'29987654050' + '0' + gs1_check_digit('299876540500')}", "987654"),
    ],
)
def test_coupons(text: str, value: str) -> None:
    assert said(read(text)) == ("coupon", value)


def test_the_points_of_a_coupon_are_told() -> None:
    assert read(f"]C12559501101020016{GS}81110500").fields["8111"] == "0500"


def test_other_gs1_data_is_gs1() -> None:
    assert said(read("]C100006141411234567890")) == ("gs1", "(00)006141411234567890")


@pytest.mark.parametrize(
    "text", ["87071234567", "8 (707) 123-45-67", "+77071234567", "]Q1+77071234567", "tel:+77071234567"]
)
def test_a_phone_number_is_e164(text: str) -> None:
    assert said(read(text)) == ("phone", "+77071234567")


@pytest.mark.parametrize(
    ("text", "device"),
    [("87071234567", DeviceKind.BARCODE), ("]C087071234567", DeviceKind.HOST), ("]Q187071234567", DeviceKind.HOST)],
)
def test_digits_from_a_barcode_are_no_phone_number(text: str, device: DeviceKind) -> None:
    assert read(text, device=device).kind is Kind.UNKNOWN


def test_a_number_with_an_area_code_in_brackets_is_no_gs1_data() -> None:
    assert said(read("(707)1234567")) == ("phone", "+77071234567")
    assert read("(707)1234567", NO_SETTINGS).kind is Kind.ERROR


def test_a_fiscal_receipt() -> None:
    found = read("]Q1t=20200101T1200&s=100.00&fn=9999078900004792&i=12345&fp=123&n=1")
    assert said(found) == ("receipt", "ru:9999078900004792:12345:123")
    assert found.fields["date"] == "2020-01-01T12:00"
    assert read("]Q1t=20209901T1200&s=100.00&fn=1&i=1&fp=1") == error("receipt_date", "qr_code")


def test_an_in_store_number_by_its_template() -> None:
    found = read(f"]E0{WEIGHED}")
    assert said(found) == ("item", ("22123450000" + "0" + gs1_check_digit("221234500000")).zfill(14))
    assert found.fields == {"template": "weighed", "item": "12345", "weight_kg": "1.234"}
    assert said(read(f"]E0280012345678{gs1_check_digit('280012345678')}")) == ("member", "0012345678")


def test_an_in_store_number_without_a_template_is_an_item_of_which_nothing_more_is_known() -> None:
    assert read("]E02037215727383") == Reading(
        kind=Kind.ITEM, symbology="ean_13", value="02037215727383", fields={"circulation": "region"}
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("]E05901234123458", "check_digit"),
        ("]E059012341234", "length"),
        ("]E0590123412345A", "not_digits"),
        ("5901234123458", "check_digit"),
        ("]I105901234123458", "check_digit"),
        ("]C1", "empty"),
        ("]C10105901234123458", "wrong_check_digit"),
        ("]C110ABC", "missing_companion"),
        ("]Q3ABC", "unknown_ai"),
        ("https://example.com/promo", "no_key"),
        ("https://example.com/01/05901234123458", "wrong_check_digit"),
        ("%E?;E?", "swipe_unreadable"),
        (f";{CARD}?+2100000000029?", "swipe_of_two_cards"),
        ("6003001000001449", "card_check_digit"),
        ("6003 0010 0000 1449", "card_check_digit"),
        ("٢١٠٠٠٠٠٠٠٠٠١٢", "not_ascii_digits"),
        ("0123456789⁰⁰⁰", "not_ascii_digits"),
    ],
)
def test_what_breaks_the_rules_of_what_it_claims_to_be_is_an_error_without_a_value(text: str, reason: str) -> None:
    found = read(text)
    assert (found.kind, found.reason, found.value, found.fields) == (Kind.ERROR, reason, "", {})


@pytest.mark.parametrize(
    "text", ["", "PLAINDATA", "142857", "]Q1^TESTING", "]d1\\^TESTING", "LOY-00a2", "2100000000", " "]
)
def test_what_claims_nothing_is_unknown(text: str) -> None:
    symbol = read_text(text)
    found = classify(symbol if isinstance(symbol, Symbol) else Symbol(text=""), SETTINGS)
    assert said(found) == ("unknown", text[3:] if text[:1] == "]" else text)


def test_the_track_of_a_card_that_is_not_ours_is_not_repeated() -> None:
    assert read(";123456789=2512?") == Reading(kind=Kind.UNKNOWN, symbology="magstripe")


@pytest.mark.parametrize(
    "text",
    [
        "4012002000060016",
        "card 4012 0020 0006 0016",
        "]Q1t=20200101T1200&s=100.00&fn=1&i=2&fp=3&n=1x4012002000060016",
        "LTM1" + "A" * 60 + "5555555555554444" + "A" * 60,
        "https://consumer.oofd.kz?i=4012002000060016&f=2&s=3&t=20210922T224125",
    ],
)
def test_a_barcode_with_the_digits_of_a_payment_card_is_not_repeated(text: str) -> None:
    found = read(text, device=DeviceKind.BARCODE)
    assert (found.kind, found.value, found.fields, found.reason) == (Kind.UNKNOWN, "", {}, "")


def test_goods_and_links_with_such_digits_are_what_they_are() -> None:
    assert said(read("]I140870001230083", device=DeviceKind.BARCODE)) == ("item", "40870001230083")
    link = "https://example.com/01/05901234123457/21/4012002000060016"
    assert said(read(link, device=DeviceKind.BARCODE)) == ("item", "05901234123457")


def test_digits_without_an_identifier_may_be_an_item_and_element_strings() -> None:
    found = read("96385074", NO_SETTINGS)
    assert found.kind is Kind.AMBIGUOUS
    assert [said(one) for one in found.alternatives] == [("item", "00000096385074"), ("gs1", "(96)385074")]
    assert not found.may_be_member
    assert said(read("]E496385074", NO_SETTINGS)) == ("item", "00000096385074")
    assert said(read("96385074", DecodingSettings(order=(Kind.ITEM,)))) == ("item", "00000096385074")


def test_digits_that_would_need_companions_as_element_strings_are_only_an_item() -> None:
    assert said(read("2037215727383", NO_SETTINGS)) == ("item", "02037215727383")


def test_an_own_number_that_is_a_good_item_of_the_world_is_ambiguous_until_an_order_settles_it() -> None:
    for text in (OWN_46, f"]E0{OWN_46}"):
        found = read(text)
        assert found.kind is Kind.AMBIGUOUS
        assert [said(one) for one in found.alternatives] == [("member", OWN_46), ("item", OWN_46.zfill(14))]
        assert found.may_be_member
        assert said(read(text, replace(SETTINGS, order=(Kind.ITEM, Kind.MEMBER)))) == ("item", OWN_46.zfill(14))
        assert said(read(text, replace(SETTINGS, order=(Kind.PHONE, Kind.MEMBER)))) == ("member", OWN_46)
        assert read(text, replace(SETTINGS, order=(Kind.GS1,))).kind is Kind.AMBIGUOUS


def test_a_symbology_that_is_no_ean_settles_that_an_own_number_is_no_item() -> None:
    assert said(read(f"]C0{OWN_46}")) == ("member", OWN_46)


def test_an_own_number_that_is_dialled_here_is_ambiguous() -> None:
    number = "770" + "123456" + gs1_check_digit("770123456")
    found = read(number)
    assert [said(one) for one in found.alternatives] == [("member", number), ("phone", f"+7{number}")]
    assert said(read(number, device=DeviceKind.BARCODE)) == ("member", number)


def test_a_phone_number_that_is_a_good_item_is_ambiguous() -> None:
    number = next(text for last in range(10) if (text := f"99450123456{last}")[-1] == gs1_check_digit(text[:-1]))
    found = read(number, DecodingSettings(country="AZ"))
    assert [said(one) for one in found.alternatives] == [("phone", f"+{number}"), ("item", number.zfill(14))]
    assert said(read(number, DecodingSettings(country="AZ", order=(Kind.PHONE,)))) == ("phone", f"+{number}")


def test_eight_digits_may_be_an_ean_8_and_a_upc_e() -> None:
    number = next(
        text
        for middle in range(100_000, 110_000)
        for last in range(10)
        if read(text := f"0{middle}{last}", NO_SETTINGS).kind is Kind.AMBIGUOUS
    )
    values = [one.value for one in read(number, NO_SETTINGS).alternatives]
    assert values[0] == number.zfill(14)
    assert len(set(values)) == len(values)
    assert said(read(f"]E4{number}", NO_SETTINGS)) == ("item", number.zfill(14))


def test_two_templates_do_not_contradict_each_other_and_two_configurations_do() -> None:
    settings = replace(SETTINGS, ranges=(CardRange(prefix="22", min_length=13, max_length=13),))
    found = read(f"]E0{WEIGHED}", settings)
    assert [one.kind for one in found.alternatives] == [Kind.MEMBER, Kind.ITEM]
    assert read(f"]E0{WEIGHED}", replace(settings, order=(Kind.MEMBER,))).kind is Kind.MEMBER


@pytest.mark.parametrize("order", [(Kind.ERROR,), (Kind.ITEM, Kind.ITEM), (Kind.AMBIGUOUS,)])
def test_an_order_that_makes_no_sense_is_refused(order: tuple[Kind, ...]) -> None:
    with pytest.raises(ValueError, match="order"):
        DecodingSettings(order=order)


@pytest.mark.parametrize("country", ["kz", "KAZ", "K", "ҚЗ"])
def test_a_country_is_two_capitals(country: str) -> None:
    with pytest.raises(ValueError, match="country"):
        DecodingSettings(country=country)


def test_a_reading_never_shows_what_was_scanned() -> None:
    assert CARD not in repr(read(CARD))
    assert GSRN not in repr(read(f"]C18018{GSRN}"))


@given(text=st.text(max_size=60), aim=st.sampled_from(["", "]E0", "]C1", "]Q1", "]I1", "]e0", "]E3"]))
def test_every_text_has_a_reading_that_keeps_the_rules(text: str, aim: str) -> None:
    for settings in (SETTINGS, NO_SETTINGS):
        found = classify(Symbol(aim=aim, text=text), settings)
        assert (found.kind is Kind.ERROR) == bool(found.reason)
        assert (found.kind is Kind.AMBIGUOUS) == (len(found.alternatives) > 1)
        if found.kind in {Kind.ERROR, Kind.AMBIGUOUS}:
            assert (found.value, dict(found.fields)) == ("", {})


def test_a_card_that_a_template_of_prices_does_not_fit_is_a_card() -> None:
    settings = replace(SETTINGS, templates=(InStoreTemplate(pattern="21IIIIIVPPPPC"),))
    assert said(read(f"]E0{CARD}", settings)) == said(read(CARD, settings)) == ("member", CARD)
    other = "2199999" + "0" + "0001"
    other += gs1_check_digit(other)
    assert read(f"]E0{other}", settings) == error("price_check_digit", "ean_13"), "what is no card keeps its error"


def test_a_number_that_a_range_and_a_template_say_is_a_member_is_the_ranges_card() -> None:
    settings = replace(SETTINGS, templates=(InStoreTemplate(pattern="21MMMMMMMMMMC"),))
    assert said(read(f"]E0{CARD}", settings)) == said(read(CARD, settings)) == ("member", CARD)
