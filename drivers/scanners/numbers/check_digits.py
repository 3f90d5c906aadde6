"""Check digits of numbers: GS1, Luhn, Verhoeff and the check pair of GS1 model numbers.

Knows how each is computed and checked; refuses to know which number carries which. Pure. ISO/IEC 7064 is next door, in
:mod:`drivers.scanners.numbers.iso7064`, and can be had from here.

Every ``..._check_digit`` takes the number without its check digit and raises ValueError for anything but ASCII digits
(the caller's bug; the message holds no digit). Every ``passes_...`` takes any text at all and says False to what is no
number of that kind, also to a check digit with nothing in front of it.
"""

from typing import Final

from drivers.scanners.numbers.iso7064 import Iso7064, iso7064_check, passes_iso7064

__all__ = [
    "Iso7064",
    "gs1_check_digit",
    "gs1_check_pair",
    "iso7064_check",
    "luhn_check_digit",
    "passes_gs1",
    "passes_gs1_pair",
    "passes_iso7064",
    "passes_luhn",
    "passes_price_check",
    "passes_verhoeff",
    "price_check_digit",
    "verhoeff_check_digit",
]

_ZERO: Final = ord("0")

# ------------------------------------------------------------------------------------------------ GS1


def gs1_check_digit(payload: str) -> str:
    """The digit that ends EAN, UPC, GTIN, SSCC, GLN, GSRN and other GS1 keys.

    Finds every wrong digit, and neighbours that changed places unless they differ by 5.

    Source: GS1 General Specifications, section 7.9.1.
    """
    _require_digits(payload)
    return str(-_gs1_sum(payload + "0") % 10)


def passes_gs1(number: str) -> bool:
    """True for two or more ASCII digits of which the last is the GS1 check digit."""
    return len(number) > 1 and number.isascii() and number.isdigit() and _gs1_sum(number) % 10 == 0


def _gs1_sum(number: str) -> int:
    """Weights 1, 3, 1, 3... from the right, over bytes, which sums a GTIN in a microsecond."""
    data = number.encode("ascii")
    ones, threes = data[-1::-2], data[-2::-2]
    return sum(ones) + 3 * sum(threes) - _ZERO * (len(ones) + 3 * len(threes))


_TIMES_2_MINUS: Final = (0, 2, 4, 6, 8, 9, 1, 3, 5, 7)
_TIMES_3: Final = (0, 3, 6, 9, 2, 5, 8, 1, 4, 7)
_TIMES_5_PLUS: Final = (0, 5, 1, 6, 2, 7, 3, 8, 4, 9)
_TIMES_5_MINUS: Final = (0, 5, 9, 4, 8, 3, 7, 2, 6, 1)
_FOUR_DIGITS: Final = (_TIMES_2_MINUS, _TIMES_2_MINUS, _TIMES_3, _TIMES_5_MINUS)
_FIVE_DIGITS: Final = (_TIMES_5_PLUS, _TIMES_2_MINUS, _TIMES_5_MINUS, _TIMES_5_PLUS, _TIMES_2_MINUS)


def price_check_digit(field: str) -> str:
    """The digit that stands before a price or weight of 4 or 5 digits inside an in-store EAN-13.

    Raises:
        ValueError: Not 4 or 5 ASCII digits.

    Source: GS1 General Specifications, sections 7.9.2 to 7.9.4 (weighting factors 2-, 3, 5+ and 5-).
    """
    _require_digits(field)
    if len(field) not in {4, 5}:
        raise ValueError("a price or weight field has 4 or 5 digits")
    return _price_check_digit(field)


def _price_check_digit(field: str) -> str:
    if len(field) == 4:
        return str(_weighted(field, _FOUR_DIGITS) * 3 % 10)
    return str(_TIMES_5_MINUS.index(-_weighted(field, _FIVE_DIGITS) % 10))


def passes_price_check(check_digit: str, field: str) -> bool:
    """True if ``check_digit`` is the one of a price or weight of 4 or 5 ASCII digits."""
    return len(field) in {4, 5} and _are_digits(field) and _price_check_digit(field) == check_digit


def _weighted(field: str, weights: tuple[tuple[int, ...], ...]) -> int:
    return sum([weight[int(digit)] for weight, digit in zip(weights, field, strict=True)])


_CSET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_CSET_32: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PRIMES: Final = tuple(n for n in range(2, 84) if all(n % divisor for divisor in range(2, n)))
"""The weights from the right; as many as the 23 characters of a model number before its pair."""
_PAIR_VALUE: Final = {char: value for value, char in enumerate(_CSET_82)}


def gs1_check_pair(payload: str) -> str:
    """The two characters that end a Global Model Number (AI 8013) and AI 8014.

    Raises:
        ValueError: Empty, longer than 23, or a character outside GS1's set 82.

    Source: GS1 General Specifications, section 7.9.5 (modulo 1021, 32).
    """
    if not 0 < len(payload) <= len(_PRIMES) or not _PAIR_VALUE.keys() >= set(payload):
        raise ValueError("a check pair follows 1 to 23 characters of GS1's set 82")
    total = sum(_PAIR_VALUE[char] * prime for char, prime in zip(reversed(payload), _PRIMES, strict=False)) % 1021
    return _CSET_32[total >> 5] + _CSET_32[total & 31]


def passes_gs1_pair(text: str) -> bool:
    """True if the last two of 3 to 25 characters are the GS1 check pair of the others."""
    payload = text[:-2]
    good = 0 < len(payload) <= len(_PRIMES) and _PAIR_VALUE.keys() >= set(payload)
    return good and gs1_check_pair(payload) == text[-2:]


# ----------------------------------------------------------------------------------------------- Luhn

_LUHN_DOUBLED: Final = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


def luhn_check_digit(payload: str) -> str:
    """The digit that ends payment cards and many loyalty cards.

    Finds every wrong digit, and neighbours that changed places unless they are 0 and 9.

    Source: ISO/IEC 7812-1, annex B.
    """
    _require_digits(payload)
    return str(-_luhn_sum(payload + "0") % 10)


def passes_luhn(number: str) -> bool:
    """True for two or more ASCII digits of which the last is the Luhn check digit."""
    return _is_checkable(number) and _luhn_sum(number) % 10 == 0


def _luhn_sum(number: str) -> int:
    data = number.encode("ascii")
    plain = data[-1::-2]
    return sum(plain) - _ZERO * len(plain) + sum(data[-2::-2].translate(_LUHN_DOUBLED))


# ------------------------------------------------------------------------------------------- Verhoeff


def _dihedral(a: int, b: int) -> int:
    """Product in the dihedral group of order 10: 0 to 4 turn a pentagon, 5 to 9 turn it over."""
    if a < 5:
        return (a + b) % 5 + (5 if b >= 5 else 0)
    return (a - b) % 5 + (0 if b >= 5 else 5)


_D: Final = tuple(tuple(_dihedral(a, b) for b in range(10)) for a in range(10))
_INVERSE: Final = tuple(next(b for b in range(10) if _D[a][b] == 0) for a in range(10))
_SHUFFLE: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _shuffles() -> tuple[tuple[int, ...], ...]:
    rows = [tuple(range(10))]
    while len(rows) < 8:
        rows.append(tuple(_SHUFFLE[value] for value in rows[-1]))
    return tuple(rows)


_P: Final = _shuffles()


def verhoeff_check_digit(payload: str) -> str:
    """Verhoeff's digit, which finds every wrong digit and all neighbours that changed places.

    Source: J. Verhoeff, Error Detecting Decimal Codes, Mathematical Centre Tracts 29, 1969.
    """
    _require_digits(payload)
    return str(_INVERSE[_verhoeff(payload + "0")])


def passes_verhoeff(number: str) -> bool:
    """True for two or more ASCII digits of which the last is Verhoeff's check digit."""
    return _is_checkable(number) and _verhoeff(number) == 0


def _verhoeff(number: str) -> int:
    product = 0
    for place, digit in enumerate(reversed(number)):
        product = _D[product][_P[place % 8][int(digit)]]
    return product


# -------------------------------------------------------------------------------------------- digits


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_checkable(number: str) -> bool:
    return len(number) > 1 and number.isascii() and number.isdigit()


def _require_digits(payload: str) -> None:
    if not _are_digits(payload):
        raise ValueError("a check digit is computed over one or more ASCII digits")
