"""Reads the digits of a coupon part by part, and says at which part they break off.

Knows length digits, codes and dates; refuses to know the order of the parts. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, TypeVar

from drivers.scanners.gs1.dates import is_date
from drivers.scanners.symbols import is_digits

_Value = TypeVar("_Value")


class CouponPart(StrEnum):
    """A part of a coupon, for faults."""

    FORMAT = "format"
    COMPANY = "company"
    """The first company prefix; in an 8112, the funder of the offer."""
    OFFER = "offer"
    SAVE_VALUE = "save_value"
    FIRST_REQUIREMENT = "first_requirement"
    FIRST_REQUIREMENT_CODE = "first_requirement_code"
    FIRST_FAMILY = "first_family"
    PURCHASE_RULES = "purchase_rules"
    SECOND_REQUIREMENT = "second_requirement"
    SECOND_REQUIREMENT_CODE = "second_requirement_code"
    SECOND_FAMILY = "second_family"
    SECOND_COMPANY = "second_company"
    THIRD_REQUIREMENT = "third_requirement"
    THIRD_REQUIREMENT_CODE = "third_requirement_code"
    THIRD_FAMILY = "third_family"
    THIRD_COMPANY = "third_company"
    EXPIRY = "expiry"
    START = "start"
    SERIAL = "serial"
    RETAILER = "retailer"
    SAVE_VALUE_CODE = "save_value_code"
    APPLIES_TO = "applies_to"
    STORE_COUPON = "store_coupon"
    MULTIPLIES = "multiplies"
    REST = "rest"
    """What follows the last part."""
    ALL = "all"


class CouponTrouble(StrEnum):
    """What is the matter with a part."""

    NOT_DIGITS = "not_digits"
    MISSING = "missing"
    """The part, or its length digit, is not there."""
    INVALID = "invalid"
    """A code, a date or a length digit that does not exist."""
    TRUNCATED = "truncated"
    BEFORE_START = "before_start"
    """A coupon that expires before it starts."""
    EXCESS = "excess"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponFault:
    """Why digits are no coupon; it holds none of them."""

    part: CouponPart
    trouble: CouponTrouble


class _BrokenError(Exception):
    """Reading stops; never leaves this module."""

    def __init__(self, part: CouponPart, trouble: CouponTrouble) -> None:
        super().__init__(part, trouble)
        self.fault = CouponFault(part=part, trouble=trouble)


class Digits:
    """Digits, read from the left."""

    def __init__(self, digits: str) -> None:
        self._digits = digits
        self._at = 0

    @property
    def rest(self) -> int:
        """How many digits are left."""
        return len(self._digits) - self._at

    def begins(self, field: str) -> bool:
        """Step over the number of an optional field if that is what comes next."""
        found = self._digits.startswith(field, self._at)
        self._at += found
        return found

    def fixed(self, part: CouponPart, length: int) -> str:
        """So many digits."""
        if self.rest < length:
            raise _BrokenError(part, CouponTrouble.TRUNCATED)
        self._at += length
        return self._digits[self._at - length : self._at]

    def code(self, part: CouponPart, allowed: str = "0123456789") -> str:
        """One digit out of ``allowed``."""
        if not self.rest:
            raise _BrokenError(part, CouponTrouble.MISSING)
        digit = self.fixed(part, 1)
        if digit not in allowed:
            raise _BrokenError(part, CouponTrouble.INVALID)
        return digit

    def sized(self, part: CouponPart, allowed: str, more: int = 0) -> str:
        """Read a length digit, then as many digits and ``more``."""
        return self.fixed(part, int(self.code(part, allowed)) + more)

    def date(self, part: CouponPart) -> str:
        """Six digits that are a day, YYMMDD."""
        date = self.fixed(part, 6)
        if not is_date(date):
            raise _BrokenError(part, CouponTrouble.INVALID)
        return date

    def stop(self, part: CouponPart, trouble: CouponTrouble) -> NoReturn:
        """End the reading with a fault."""
        raise _BrokenError(part, trouble)

    def end(self) -> None:
        """Stop unless everything was read."""
        if self.rest:
            raise _BrokenError(CouponPart.REST, CouponTrouble.EXCESS)


def read_digits(value: str, read: Callable[[Digits], _Value]) -> _Value | CouponFault:
    """What ``read`` makes of all digits of ``value``, or where that fails."""
    if not is_digits(value):
        return CouponFault(part=CouponPart.ALL, trouble=CouponTrouble.NOT_DIGITS)
    digits = Digits(value)
    try:
        found = read(digits)
        digits.end()
    except _BrokenError as broken:
        return broken.fault
    return found
