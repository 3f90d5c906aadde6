"""Trade item numbers: EAN-8, UPC-A, UPC-E, EAN-13 and GTIN-14.

Knows lengths, check digits, which spellings are one number, and what a number's prefix says about who may read it;
refuses to know prices and weights inside in-store numbers, which are the merchant's templates. Pure.

One number has many spellings: ``96385074`` on a pack is ``0000096385074`` in a database and ``00000096385074`` in a
GS1 element string. Two numbers are the same item exactly if their :attr:`Gtin.gtin14` are equal; compare and store
that one. :attr:`Gtin.value`, the shortest spelling, is what people and old systems know.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from drivers.scanners.numbers.check_digits import gs1_check_digit, passes_gs1
from drivers.scanners.symbols import is_digits

LENGTHS: Final = frozenset({8, 12, 13, 14})


class GtinKind(StrEnum):
    """The shortest spelling of a number, which says what kind of number it is."""

    GTIN_8 = "gtin_8"
    GTIN_12 = "gtin_12"
    GTIN_13 = "gtin_13"
    GTIN_14 = "gtin_14"
    """A grouping of items (first digit 1 to 8) or a variable-measure item (9)."""


class Circulation(StrEnum):
    """Where a number means something, told by its prefix.

    Source: GS1 General Specifications, section 1.4, tables of GS1 Prefixes and GS1-8 Prefixes.
    """

    GLOBAL = "global"
    """An item, or a publication, the same everywhere."""
    COMPANY = "company"
    """Restricted circulation within one company: its own items, cards, vouchers."""
    REGION = "region"
    """Restricted circulation within a region or company as the GS1 office of the region rules: weighed items, cards."""
    REFUND = "refund"
    """A refund receipt."""
    COUPON = "coupon"


class GtinReason(StrEnum):
    """Why a text is no trade item number."""

    NOT_DIGITS = "not_digits"
    LENGTH = "length"
    CHECK_DIGIT = "check_digit"
    NUMBER_SYSTEM = "number_system"
    """A UPC-E that begins with neither 0 nor 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GtinFault:
    """A text that is no trade item number, and why; it holds nothing of the text."""

    reason: GtinReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Gtin:
    """A trade item number or another number of that shape, whose check digit is right.

    Attributes:
        value: The shortest spelling: 8, 12, 13 or 14 digits.
        kind: What kind of number it is.
        circulation: Where it means something.

    Raises:
        ValueError: ``value`` is not the shortest spelling of a number with a right check digit (the caller's bug).
    """

    value: str
    kind: GtinKind = field(init=False)
    circulation: Circulation = field(init=False)

    def __post_init__(self) -> None:
        if not (len(self.value) in LENGTHS and passes_gs1(self.value) and _shortest(self.value) == self.value):
            raise ValueError("not the shortest spelling of a trade item number")
        object.__setattr__(self, "kind", _KINDS[len(self.value)])
        object.__setattr__(self, "circulation", _circulation(self.value))

    @property
    def gtin14(self) -> str:
        """The number in 14 digits: the normal form, by which two numbers are compared."""
        return self.value.zfill(14)

    @property
    def is_restricted(self) -> bool:
        """True if other companies or regions give the same number to other things."""
        return self.circulation in _RESTRICTED


def parse_gtin(text: str) -> Gtin | GtinFault:
    """Read an EAN-8, UPC-A, EAN-13 or GTIN-14 in any spelling with leading zeros.

    Eight digits are read as EAN-8, never as UPC-E: only the scanner can tell them apart.

    Args:
        text: What stands in the symbol; 8, 12, 13 or 14 ASCII digits are a number.

    Source: GS1 General Specifications, sections 2.1 and 7.9.1.
    """
    fault = _fault(text, LENGTHS)
    if fault is not None:
        return fault
    try:
        return Gtin(value=_shortest(text))
    except ValueError:  # nothing else than the check digit can be wrong with it
        return GtinFault(reason=GtinReason.CHECK_DIGIT)


def parse_upc_e(text: str) -> Gtin | GtinFault:
    """Read a zero-suppressed UPC-E as the UPC-A that it stands for.

    Args:
        text: 8 digits (number system, six digits, check digit), 7 (no check digit), or 6 (number system 0, no check
            digit).

    Source: ISO/IEC 15420 (zero suppression); GS1 General Specifications, section 5.2.
    """
    fault = _fault(text, frozenset({6, 7, 8}))
    if fault is not None:
        return fault
    number_system, body, check = (text[0], text[1:7], text[7:]) if len(text) > 6 else ("0", text, "")
    if number_system not in "01":
        return GtinFault(reason=GtinReason.NUMBER_SYSTEM)
    payload = number_system + _expanded(body)
    upc_a = payload + gs1_check_digit(payload)
    if check and check != upc_a[-1]:
        return GtinFault(reason=GtinReason.CHECK_DIGIT)
    return Gtin(value=_shortest(upc_a))


def _fault(text: str, lengths: frozenset[int]) -> GtinFault | None:
    if not is_digits(text):
        return GtinFault(reason=GtinReason.NOT_DIGITS if text else GtinReason.LENGTH)
    return None if len(text) in lengths else GtinFault(reason=GtinReason.LENGTH)


_KINDS: Final = {8: GtinKind.GTIN_8, 12: GtinKind.GTIN_12, 13: GtinKind.GTIN_13, 14: GtinKind.GTIN_14}


def _shortest(number: str) -> str:
    """GS1 gives out no 12-digit numbers of six leading zeros, so that these are always a GTIN-8 filled up."""
    significant = number.lstrip("0")
    return significant.zfill(8 if len(significant) <= 8 else 12)


def _circulation(value: str) -> Circulation:
    if len(value) == 8:
        return Circulation.COMPANY if value[0] in "02" else Circulation.GLOBAL
    prefix = value.zfill(14)[1:4]
    if prefix[:2] == "04":
        return Circulation.COMPANY
    if prefix[:2] == "02" or prefix[0] == "2":
        return Circulation.REGION
    if prefix == "980":
        return Circulation.REFUND
    return Circulation.COUPON if prefix in _COUPONS else Circulation.GLOBAL


_RESTRICTED: Final = frozenset({Circulation.COMPANY, Circulation.REGION})
_COUPONS: Final = frozenset({*map(str, range(981, 985)), *map(str, range(990, 1000))})
"""Coupons of a common currency area and of one country."""


def _expanded(body: str) -> str:
    """Ten digits between number system and check digit, out of the six of a UPC-E."""
    last = int(body[5])
    if last <= 2:
        return f"{body[:2]}{last}0000{body[2:5]}"
    if last == 3:
        return f"{body[:3]}00000{body[3:5]}"
    if last == 4:
        return f"{body[:4]}00000{body[4]}"
    return f"{body[:5]}0000{last}"
