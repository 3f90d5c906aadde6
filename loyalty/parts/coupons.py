"""Coupons: how long one is good, what it can be used for, and the code that is printed on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from loyalty.explain import Names
from loyalty.holding.periods import Lasting
from loyalty.holding.units import Unit, coupon_unit
from loyalty.numbers.limits import require

MIN_DIGITS = 6
MAX_DIGITS = 30
MAX_PREFIX = 8


class CheckDigits(StrEnum):
    """How a code ends, so that a mistyped one is known without looking it up."""

    LUHN = "luhn"
    MOD97 = "mod97"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFormat:
    """A coupon's code: a prefix of A-Z and 0-9, so many digits, and check digits over the digits."""

    prefix: str = ""
    digits: int = 12
    check: CheckDigits = CheckDigits.LUHN

    def write(self, number: int) -> str:
        """Write the code of ``number``, of which as many digits count as the format has."""
        digits = str(number % 10**self.digits).rjust(self.digits, "0")
        return self.prefix + digits + _check(digits, self.check)

    def fits(self, code: str) -> bool:
        """Tell whether ``code`` is one of this format, check digits included."""
        if not code.startswith(self.prefix):
            return False
        rest = code[len(self.prefix) :]
        if not (rest.isascii() and rest.isdigit()) or len(rest) < self.digits:
            return False
        digits = rest[: self.digits]
        return rest[self.digits :] == _check(digits, self.check)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """One kind of coupon.

    Attributes:
        uses: Smallest steps of its unit on a new one: 1 for a single use.
        scale: Decimals of a use, where rewards cost parts of one.
        lasting: How long it is good, or None for ever.
        usable_after_days: 0 for at once; the next sale is always another one.
        personal: Only the member whom it was issued to may use it.
    """

    id: str
    names: Names
    uses: int = 1
    scale: int = 0
    lasting: Lasting | None = None
    usable_after_days: int = 0
    format: CodeFormat = CodeFormat()
    personal: bool = False

    @property
    def unit(self) -> Unit:
        """The hidden unit that counts its uses."""
        return Unit(id=coupon_unit(self.id), scale=self.scale, names=self.names)


def mint_code(coupon: Coupon, entry_id: bytes, number: int) -> str:
    """Give the code of the ``number``-th coupon (from 0) that an entry issues; nobody can guess the next one."""
    require(number >= 0, "coupons of an entry count from 0")
    digest = sha256(b"loyaltill coupon\0" + entry_id + coupon.id.encode() + number.to_bytes(4, "big")).digest()
    return coupon.format.write(int.from_bytes(digest, "big"))


def kinds_of(coupons: Iterable[Coupon], code: str) -> list[Coupon]:
    """Give the kinds that a code could be of, by its form alone."""
    return [coupon for coupon in coupons if coupon.format.fits(code)]


def _check(digits: str, kind: CheckDigits) -> str:
    if kind is CheckDigits.LUHN:
        return str(_luhn(digits))
    if kind is CheckDigits.MOD97:
        return str(98 - int(digits) * 100 % 97).rjust(2, "0")
    return ""


def _luhn(digits: str) -> int:
    """Give the digit that makes the number pass ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10
