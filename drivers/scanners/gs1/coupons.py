"""North American coupons: AI 8110 (data inside the symbol) and AI 8112 (an offer in a file of the chain).

Knows their layouts and reads them into values; refuses to know whether a coupon may be taken. Pure. Both are runs of
digits in which length digits say how long the next part is. Coupons of the rest of the world (AI 255, with 8111 or
3900 to 3943) need no layout: their elements say everything.
"""

from dataclasses import dataclass

from drivers.scanners.gs1.coupon_digits import CouponFault, CouponPart, CouponTrouble, Digits, read_digits
from drivers.scanners.gs1.dates import days_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What must be bought.

    Attributes:
        requirement: How much, in the unit that ``code`` says (items, cents, weights...).
        code: Purchase requirement code, ``0`` to ``4`` or ``9``.
        family: Family code, three digits.
        company: Company prefix of 6 to 12 digits; empty if it is the coupon's own.
    """

    requirement: int
    code: str
    family: str
    company: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """A coupon of AI 8110. Parts that are not there are empty.

    Attributes:
        company: Company prefix of 6 to 12 digits.
        offer: Offer code, six digits.
        save_value: In the unit that ``save_value_code`` says; cents if it is empty.
        purchases: One to three.
        purchase_rules: How the purchases go together, ``0`` to ``3``.
        expiry: Last day, YYMMDD.
        start: First day, YYMMDD.
        serial: 6 to 15 digits.
        retailer: Company prefix or GLN of the retailer, 7 to 13 digits.
        save_value_code: ``0``, ``1``, ``2``, ``5`` or ``6``.
        applies_to: The purchase that is made cheaper, ``0`` to ``2``.
        store_coupon: Store coupon flag, one digit.
        multiplies: False if the retailer must not multiply the coupon.
    """

    company: str
    offer: str
    save_value: int
    purchases: tuple[Purchase, ...]
    purchase_rules: str = ""
    expiry: str = ""
    start: str = ""
    serial: str = ""
    retailer: str = ""
    save_value_code: str = ""
    applies_to: str = ""
    store_coupon: str = ""
    multiplies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A coupon of AI 8112: an offer that the chain looks up.

    Attributes:
        format: ``0`` or ``1``.
        funder: Company prefix of 6 to 12 digits.
        offer: Offer code, six digits.
        serial: 6 to 15 digits.
    """

    format: str
    funder: str
    offer: str
    serial: str


def parse_coupon(value: str) -> Coupon | CouponFault:
    """Read the value of AI 8110.

    Args:
        value: At most 70 characters; anything may be asked.

    Source: GS1 US and JICC, North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols, R2.0,
        section 5.
    """
    return read_digits(value, _coupon)


def parse_offer(value: str) -> Offer | CouponFault:
    """Read the value of AI 8112.

    Source: GS1 US, GS1 AI (8112) Coupon Data Specification.
    """
    return read_digits(value, _offer)


def _offer(digits: Digits) -> Offer:
    return Offer(
        format=digits.code(CouponPart.FORMAT, "01"),
        funder=digits.sized(CouponPart.COMPANY, "0123456", more=6),
        offer=digits.fixed(CouponPart.OFFER, 6),
        serial=digits.sized(CouponPart.SERIAL, "0123456789", more=6),
    )


_REQUIREMENT_CODES = "012349"


def _coupon(digits: Digits) -> Coupon:
    company = digits.sized(CouponPart.COMPANY, "0123456", more=6)
    offer = digits.fixed(CouponPart.OFFER, 6)
    save_value = int(digits.sized(CouponPart.SAVE_VALUE, "12345"))
    purchases = [
        Purchase(
            requirement=int(digits.sized(CouponPart.FIRST_REQUIREMENT, "12345")),
            code=digits.code(CouponPart.FIRST_REQUIREMENT_CODE, _REQUIREMENT_CODES),
            family=digits.fixed(CouponPart.FIRST_FAMILY, 3),
        )
    ]
    rules = ""
    if digits.begins("1"):
        rules = digits.code(CouponPart.PURCHASE_RULES, "0123")
        purchases.append(_further(digits, _SECOND))
    if digits.begins("2"):
        purchases.append(_further(digits, _THIRD))
    expiry = digits.date(CouponPart.EXPIRY) if digits.begins("3") else ""
    start = digits.date(CouponPart.START) if digits.begins("4") else ""
    if expiry and start and days_from(start, expiry) < 0:
        digits.stop(CouponPart.EXPIRY, CouponTrouble.BEFORE_START)
    serial = digits.sized(CouponPart.SERIAL, "0123456789", more=6) if digits.begins("5") else ""
    retailer = digits.sized(CouponPart.RETAILER, "1234567", more=6) if digits.begins("6") else ""
    last = digits.begins("9")
    return Coupon(
        company=company,
        offer=offer,
        save_value=save_value,
        purchases=tuple(purchases),
        purchase_rules=rules,
        expiry=expiry,
        start=start,
        serial=serial,
        retailer=retailer,
        save_value_code=digits.code(CouponPart.SAVE_VALUE_CODE, "01256") if last else "",
        applies_to=digits.code(CouponPart.APPLIES_TO, "012") if last else "",
        store_coupon=digits.code(CouponPart.STORE_COUPON) if last else "",
        multiplies=not last or digits.code(CouponPart.MULTIPLIES, "01") == "0",
    )


_SECOND = (
    CouponPart.SECOND_REQUIREMENT,
    CouponPart.SECOND_REQUIREMENT_CODE,
    CouponPart.SECOND_FAMILY,
    CouponPart.SECOND_COMPANY,
)
_THIRD = (
    CouponPart.THIRD_REQUIREMENT,
    CouponPart.THIRD_REQUIREMENT_CODE,
    CouponPart.THIRD_FAMILY,
    CouponPart.THIRD_COMPANY,
)


def _further(digits: Digits, parts: tuple[CouponPart, CouponPart, CouponPart, CouponPart]) -> Purchase:
    """A second or third purchase: as the first, and a company prefix or a 9 that says it is the coupon's own."""
    return Purchase(
        requirement=int(digits.sized(parts[0], "12345")),
        code=digits.code(parts[1], _REQUIREMENT_CODES),
        family=digits.fixed(parts[2], 3),
        company="" if digits.begins("9") else digits.sized(parts[3], "0123456", more=6),
    )
