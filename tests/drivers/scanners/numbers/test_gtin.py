"""Every spelling of a trade item number is the same number, and its prefix says where it means something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.numbers.check_digits import gs1_check_digit
from drivers.scanners.numbers.gtin import (
    Circulation,
    Gtin,
    GtinFault,
    GtinKind,
    GtinReason,
    parse_gtin,
    parse_upc_e,
)


def fields(gtin: Gtin | GtinFault) -> tuple[str, GtinKind, Circulation, str]:
    assert isinstance(gtin, Gtin)
    return gtin.value, gtin.kind, gtin.circulation, gtin.gtin14


SPELLINGS = [
    ("96385074", "96385074", GtinKind.GTIN_8),
    ("000096385074", "96385074", GtinKind.GTIN_8),
    ("0000096385074", "96385074", GtinKind.GTIN_8),
    ("00000096385074", "96385074", GtinKind.GTIN_8),
    ("036000291452", "036000291452", GtinKind.GTIN_12),
    ("0036000291452", "036000291452", GtinKind.GTIN_12),
    ("00036000291452", "036000291452", GtinKind.GTIN_12),
    ("000902914511", "000902914511", GtinKind.GTIN_12),
    ("4006381333931", "4006381333931", GtinKind.GTIN_13),
    ("04006381333931", "4006381333931", GtinKind.GTIN_13),
    ("14006381333938", "14006381333938", GtinKind.GTIN_14),
]


@pytest.mark.parametrize(("text", "value", "kind"), SPELLINGS)
def test_all_spellings_are_one_number(text: str, value: str, kind: GtinKind) -> None:
    assert fields(parse_gtin(text)) == (value, kind, Circulation.GLOBAL, value.zfill(14))


@given(digits=st.text("0123456789", min_size=7, max_size=13))
def test_a_number_and_its_14_digits_are_equal(digits: str) -> None:
    payload = digits.zfill(13)
    number = parse_gtin(payload + gs1_check_digit(payload))
    assert isinstance(number, Gtin)
    assert parse_gtin(number.value) == parse_gtin(number.gtin14) == number


@pytest.mark.parametrize(
    ("payload", "circulation"),
    [
        ("0001111", Circulation.COMPANY),
        ("2001111", Circulation.COMPANY),
        ("9638507", Circulation.GLOBAL),
        ("29111111111", Circulation.REGION),
        ("41234567890", Circulation.COMPANY),
        ("03600029145", Circulation.GLOBAL),
        ("200123456789", Circulation.REGION),
        ("299123456789", Circulation.REGION),
        ("300123456789", Circulation.GLOBAL),
        ("199123456789", Circulation.GLOBAL),
        ("460123456789", Circulation.GLOBAL),
        ("485123456789", Circulation.GLOBAL),
        ("040123456789", Circulation.COMPANY),
        ("977123456789", Circulation.GLOBAL),
        ("978123456789", Circulation.GLOBAL),
        ("980123456789", Circulation.REFUND),
        ("981123456789", Circulation.COUPON),
        ("984123456789", Circulation.COUPON),
        ("985123456789", Circulation.GLOBAL),
        ("990123456789", Circulation.COUPON),
        ("999123456789", Circulation.COUPON),
        ("9200123456789", Circulation.REGION),
        ("1460123456789", Circulation.GLOBAL),
    ],
)
def test_the_prefix_says_where_a_number_means_something(payload: str, circulation: Circulation) -> None:
    number = parse_gtin(payload + gs1_check_digit(payload))
    assert isinstance(number, Gtin)
    assert number.circulation is circulation
    assert number.is_restricted is (circulation in {Circulation.COMPANY, Circulation.REGION})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", GtinReason.LENGTH),
        ("0", GtinReason.LENGTH),
        ("123456789", GtinReason.LENGTH),
        ("123456789012345", GtinReason.LENGTH),
        ("96385075", GtinReason.CHECK_DIGIT),
        ("4006381333932", GtinReason.CHECK_DIGIT),
        ("400638133393X", GtinReason.NOT_DIGITS),
        ("4006381333931\n", GtinReason.NOT_DIGITS),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", GtinReason.NOT_DIGITS),
        ("0123456789⁰⁰⁰", GtinReason.NOT_DIGITS),
    ],
)
def test_what_is_no_number_says_why_and_nothing_else(text: str, reason: GtinReason) -> None:
    assert parse_gtin(text) == GtinFault(reason=reason)


@pytest.mark.parametrize(
    ("text", "upc_a"),
    [
        # ISO/IEC 15420: one example of each rule of zero suppression
        ("425261", "042100005264"),
        ("0425261", "042100005264"),
        ("04252614", "042100005264"),
        ("01234531", "012300000451"),
        ("02345147", "023450000017"),
        ("02345673", "023456000073"),
        ("08679339", "086700000939"),
        ("1425261", "142100005261"),
    ],
)
def test_a_upc_e_stands_for_a_upc_a(text: str, upc_a: str) -> None:
    assert parse_upc_e(text) == parse_gtin(upc_a)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", GtinReason.LENGTH),
        ("12345", GtinReason.LENGTH),
        ("042526140", GtinReason.LENGTH),
        ("04252615", GtinReason.CHECK_DIGIT),
        ("24252614", GtinReason.NUMBER_SYSTEM),
        ("2425261", GtinReason.NUMBER_SYSTEM),
        ("42526١", GtinReason.NOT_DIGITS),
    ],
)
def test_what_is_no_upc_e_says_why(text: str, reason: GtinReason) -> None:
    assert parse_upc_e(text) == GtinFault(reason=reason)


@given(text=st.text(max_size=20))
def test_no_text_makes_it_raise(text: str) -> None:
    assert isinstance(parse_gtin(text), Gtin | GtinFault)
    assert isinstance(parse_upc_e(text), Gtin | GtinFault)


@pytest.mark.parametrize("value", ["", "4006381333932", "04006381333931", "000096385074"])
def test_only_the_shortest_spelling_makes_a_value(value: str) -> None:
    with pytest.raises(ValueError, match="shortest spelling"):
        Gtin(value=value)
