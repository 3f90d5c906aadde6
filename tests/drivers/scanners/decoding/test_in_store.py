"""In-store numbers say what the merchant's templates say, and nothing by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.decoding.in_store import BadTemplate, InStoreNumber, InStoreTemplate, StoreKind, read_in_store
from drivers.scanners.numbers.check_digits import gs1_check_digit, passes_gs1, price_check_digit

WEIGHED = InStoreTemplate(pattern="22IIIIIWWWWWC", name="weighed")
PRICED = InStoreTemplate(pattern="21IIIIIVPPPPC", name="priced")
MEMBERS = InStoreTemplate(pattern="28MMMMMMMMMMC", name="cards")
COUPONS = InStoreTemplate(pattern="29KKKKKKPPPPC", name="vouchers", price_decimals=0)
PIECES = InStoreTemplate(pattern="20NIIIIIIQQQC")
SHORT = InStoreTemplate(pattern="2IIIIIIC")
ALL = (WEIGHED, PRICED, MEMBERS, COUPONS, PIECES, SHORT)


def number(payload: str) -> str:
    return payload + gs1_check_digit(payload)


def test_a_weighed_item_has_its_weight_and_what_it_has_in_common_with_others() -> None:
    assert read_in_store(number("221234501234"), ALL) == InStoreNumber(
        kind=StoreKind.ITEM,
        value=number("221234500000"),
        fields={"template": "weighed", "item": "12345", "weight_kg": "1.234"},
    )


def test_a_priced_item_has_its_price_if_the_price_has_its_check_digit() -> None:
    good = price_check_digit("1234")
    assert read_in_store(number(f"2100042{good}1234"), ALL) == InStoreNumber(
        kind=StoreKind.ITEM,
        value=number("210004200000"),
        fields={"template": "priced", "item": "00042", "price": "12.34"},
    )
    wrong = str((int(good) + 1) % 10)
    assert read_in_store(number(f"2100042{wrong}1234"), ALL) == "price_check_digit"


def test_a_members_digits_are_the_card() -> None:
    assert read_in_store(number("280012345678"), ALL) == InStoreNumber(
        kind=StoreKind.MEMBER, value="0012345678", fields={"template": "cards"}
    )


def test_a_voucher_has_its_number_and_its_worth() -> None:
    assert read_in_store(number("299876540500"), ALL) == InStoreNumber(
        kind=StoreKind.COUPON, value="987654", fields={"template": "vouchers", "price": "500"}
    )


def test_pieces_are_counted_and_a_template_without_a_name_is_called_by_its_pattern() -> None:
    assert read_in_store(number("207123456012"), ALL) == InStoreNumber(
        kind=StoreKind.ITEM,
        value=number("207123456000"),
        fields={"template": "20NIIIIIIQQQC", "item": "123456", "quantity": "12"},
    )


def test_an_ean_8_has_templates_too() -> None:
    assert read_in_store(number("2001234"), ALL) == InStoreNumber(
        kind=StoreKind.ITEM, value=number("2001234"), fields={"template": "2IIIIIIC", "item": "001234"}
    )


def test_a_number_of_no_template_says_nothing() -> None:
    assert read_in_store(number("230000000001"), ALL) is None
    assert read_in_store(number("221234501234"), ()) is None


def test_the_first_template_that_fits_counts() -> None:
    wide = InStoreTemplate(pattern="2NIIIIIIIIIIC", name="wide")
    assert isinstance(read_in_store(number("221234501234"), (wide, WEIGHED)), InStoreNumber)
    for order, name in (((wide, WEIGHED), "wide"), ((WEIGHED, wide), "weighed")):
        found = read_in_store(number("221234501234"), order)
        assert isinstance(found, InStoreNumber)
        assert found.fields["template"] == name


@pytest.mark.parametrize(
    ("digits", "decimals", "shown"),
    [("01234", 3, "1.234"), ("00005", 2, "0.05"), ("00000", 1, "0.0"), ("00120", 0, "120")],
)
def test_money_and_weight_have_the_scale_of_the_template(digits: str, decimals: int, shown: str) -> None:
    template = InStoreTemplate(pattern="23IIIIIPPPPPC", price_decimals=decimals)
    found = read_in_store(number(f"2300001{digits}"), (template,))
    assert isinstance(found, InStoreNumber)
    assert found.fields["price"] == shown


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("22IIIIIWWWWW", "8 or 13"),
        ("22IIIIIWWWWXC", "8 or 13"),
        ("22IIIIIWWWWWW", "C, the check digit"),
        ("C2IIIIIWWWWWC", "C, the check digit"),
        ("IIIIIIIWWWWWC", "a digit first"),
        ("22IIWWIWWWWWC", "together"),
        ("22NNNNNWWWWWC", "one of I"),
        ("22IIIIIMMMMMC", "one of I"),
        ("22IIIPPPWWWWC", "at most one"),
        ("22MMMMMWWWWWC", "none beside M"),
        ("22IIIIIVVPPPC", "V once"),
        ("22IIIIIVPPPNC", "V once"),
    ],
)
def test_a_template_that_makes_no_sense_says_what_was_expected(pattern: str, message: str) -> None:
    with pytest.raises(BadTemplate, match=message):
        InStoreTemplate(pattern=pattern)


def test_decimals_have_a_bound() -> None:
    with pytest.raises(BadTemplate, match="decimals"):
        InStoreTemplate(pattern="22IIIIIWWWWWC", weight_decimals=5)


@given(payload=st.text("0123456789", min_size=12, max_size=12))
def test_what_an_item_has_in_common_is_a_good_number_of_the_same_template(payload: str) -> None:
    found = read_in_store(number("22" + payload[2:]), ALL)
    assert isinstance(found, InStoreNumber)
    assert passes_gs1(found.value)
    again = read_in_store(found.value, ALL)
    assert isinstance(again, InStoreNumber)
    assert again.value == found.value
