"""North American coupons are read part by part, and a fault names the part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.scanners.gs1.coupon_digits import CouponFault, CouponPart, CouponTrouble
from drivers.scanners.gs1.coupons import Coupon, Offer, Purchase, parse_coupon, parse_offer

FIRST = Purchase(requirement=1, code="0", family="123")
# company 0 123456, offer 123456, save value 1 1, requirement 1 1, code 0, family 123
REQUIRED = "0123456" + "123456" + "11" + "11" + "0" + "123"
COUPON = Coupon(company="123456", offer="123456", save_value=1, purchases=(FIRST,))


def fault(part: CouponPart, trouble: CouponTrouble) -> CouponFault:
    return CouponFault(part=part, trouble=trouble)


def test_the_required_parts_are_a_coupon() -> None:
    assert parse_coupon(REQUIRED) == COUPON


def test_lengths_may_vary() -> None:
    text = "6123456789012" + "654321" + "500150" + "3100" + "9" + "000"
    assert parse_coupon(text) == Coupon(
        company="123456789012",
        offer="654321",
        save_value=150,
        purchases=(Purchase(requirement=100, code="9", family="000"),),
    )


def test_all_optional_parts_are_read() -> None:
    second = "1" + "3" + "12" + "4" + "456" + "1" + "7654321"
    third = "2" + "13" + "1" + "789" + "9"
    rest = "3261231" + "4260101" + "53" + "123456789" + "67" + "9520000000004" + "9" + "5" + "2" + "7" + "1"
    assert parse_coupon(REQUIRED + second + third + rest) == Coupon(
        company="123456",
        offer="123456",
        save_value=1,
        purchases=(
            FIRST,
            Purchase(requirement=2, code="4", family="456", company="7654321"),
            Purchase(requirement=3, code="1", family="789"),
        ),
        purchase_rules="3",
        expiry="261231",
        start="260101",
        serial="123456789",
        retailer="9520000000004",
        save_value_code="5",
        applies_to="2",
        store_coupon="7",
        multiplies=False,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", fault(CouponPart.ALL, CouponTrouble.NOT_DIGITS)),
        ("٠", fault(CouponPart.ALL, CouponTrouble.NOT_DIGITS)),
        (REQUIRED + "A", fault(CouponPart.ALL, CouponTrouble.NOT_DIGITS)),
        ("7" + "1" * 40, fault(CouponPart.COMPANY, CouponTrouble.INVALID)),
        ("0", fault(CouponPart.COMPANY, CouponTrouble.TRUNCATED)),
        (REQUIRED[:13], fault(CouponPart.SAVE_VALUE, CouponTrouble.MISSING)),
        (REQUIRED[:13] + "0", fault(CouponPart.SAVE_VALUE, CouponTrouble.INVALID)),
        (REQUIRED[:13] + "6", fault(CouponPart.SAVE_VALUE, CouponTrouble.INVALID)),
        (REQUIRED[:15], fault(CouponPart.FIRST_REQUIREMENT, CouponTrouble.MISSING)),
        (REQUIRED[:15] + "6", fault(CouponPart.FIRST_REQUIREMENT, CouponTrouble.INVALID)),
        (REQUIRED[:17], fault(CouponPart.FIRST_REQUIREMENT_CODE, CouponTrouble.MISSING)),
        (REQUIRED[:17] + "5123", fault(CouponPart.FIRST_REQUIREMENT_CODE, CouponTrouble.INVALID)),
        (REQUIRED[:20], fault(CouponPart.FIRST_FAMILY, CouponTrouble.TRUNCATED)),
        (REQUIRED + "14", fault(CouponPart.PURCHASE_RULES, CouponTrouble.INVALID)),
        (REQUIRED + "10", fault(CouponPart.SECOND_REQUIREMENT, CouponTrouble.MISSING)),
        (REQUIRED + "1021", fault(CouponPart.SECOND_REQUIREMENT, CouponTrouble.TRUNCATED)),
        (REQUIRED + "10115", fault(CouponPart.SECOND_REQUIREMENT_CODE, CouponTrouble.INVALID)),
        (REQUIRED + "2115", fault(CouponPart.THIRD_REQUIREMENT_CODE, CouponTrouble.INVALID)),
        (REQUIRED + "10110", fault(CouponPart.SECOND_FAMILY, CouponTrouble.TRUNCATED)),
        (REQUIRED + "10110123", fault(CouponPart.SECOND_COMPANY, CouponTrouble.MISSING)),
        (REQUIRED + "101101238", fault(CouponPart.SECOND_COMPANY, CouponTrouble.INVALID)),
        (REQUIRED + "20", fault(CouponPart.THIRD_REQUIREMENT, CouponTrouble.INVALID)),
        (REQUIRED + "3261301", fault(CouponPart.EXPIRY, CouponTrouble.INVALID)),
        (REQUIRED + "3261200", fault(CouponPart.EXPIRY, CouponTrouble.INVALID)),
        (REQUIRED + "426010", fault(CouponPart.START, CouponTrouble.TRUNCATED)),
        (REQUIRED + "3260101" + "4260102", fault(CouponPart.EXPIRY, CouponTrouble.BEFORE_START)),
        (REQUIRED + "5", fault(CouponPart.SERIAL, CouponTrouble.MISSING)),
        (REQUIRED + "5012345", fault(CouponPart.SERIAL, CouponTrouble.TRUNCATED)),
        (REQUIRED + "61123456", fault(CouponPart.RETAILER, CouponTrouble.TRUNCATED)),
        (REQUIRED + "68", fault(CouponPart.RETAILER, CouponTrouble.INVALID)),
        (REQUIRED + "9", fault(CouponPart.SAVE_VALUE_CODE, CouponTrouble.MISSING)),
        (REQUIRED + "93", fault(CouponPart.SAVE_VALUE_CODE, CouponTrouble.INVALID)),
        (REQUIRED + "90", fault(CouponPart.APPLIES_TO, CouponTrouble.MISSING)),
        (REQUIRED + "7", fault(CouponPart.REST, CouponTrouble.EXCESS)),
        (REQUIRED + "4260101" + "3261231", fault(CouponPart.REST, CouponTrouble.EXCESS)),
        (REQUIRED + "900009", fault(CouponPart.REST, CouponTrouble.EXCESS)),
    ],
)
def test_a_fault_names_the_part(text: str, expected: CouponFault) -> None:
    assert parse_coupon(text) == expected


def test_a_coupon_may_be_of_one_day() -> None:
    coupon = parse_coupon(REQUIRED + "3260101" + "4260101")
    assert isinstance(coupon, Coupon)
    assert coupon.start == coupon.expiry == "260101"


def test_a_coupon_may_run_over_the_turn_of_a_century() -> None:
    coupon = parse_coupon(REQUIRED + "3000131" + "4991201")
    assert isinstance(coupon, Coupon)
    assert (coupon.start, coupon.expiry) == ("991201", "000131")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("001234561234560123456", Offer(format="0", funder="123456", offer="123456", serial="123456")),
        (
            "161234567890126543219123456789012345",
            Offer(format="1", funder="123456789012", offer="654321", serial="123456789012345"),
        ),
        ("", fault(CouponPart.ALL, CouponTrouble.NOT_DIGITS)),
        ("2", fault(CouponPart.FORMAT, CouponTrouble.INVALID)),
        ("0", fault(CouponPart.COMPANY, CouponTrouble.MISSING)),
        ("07", fault(CouponPart.COMPANY, CouponTrouble.INVALID)),
        ("0012345", fault(CouponPart.COMPANY, CouponTrouble.TRUNCATED)),
        ("0012345612345", fault(CouponPart.OFFER, CouponTrouble.TRUNCATED)),
        ("00123456123456", fault(CouponPart.SERIAL, CouponTrouble.MISSING)),
        ("00123456123456112345", fault(CouponPart.SERIAL, CouponTrouble.TRUNCATED)),
        ("0012345612345601234567", fault(CouponPart.REST, CouponTrouble.EXCESS)),
    ],
)
def test_an_offer_is_read_or_says_why_not(text: str, expected: Offer | CouponFault) -> None:
    assert parse_offer(text) == expected


@given(st.text(max_size=70) | st.text("0123456789", max_size=70))
def test_no_text_makes_it_raise(text: str) -> None:
    assert isinstance(parse_coupon(text), Coupon | CouponFault)
    assert isinstance(parse_offer(text), Offer | CouponFault)


@given(st.integers(0, len(REQUIRED) - 1))
def test_a_coupon_that_breaks_off_is_never_a_coupon(length: int) -> None:
    assert isinstance(parse_coupon(REQUIRED[:length]), CouponFault)
