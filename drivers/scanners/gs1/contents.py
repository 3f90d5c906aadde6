"""What a field of a value may hold: the checks that the table of identifiers names.

Knows check digits, dates, codes and the like, one field at a time; refuses to know which identifier has which fields.
Pure. A check gets text of the right length and characters, and gives None if it is good, else reason and detail.
"""

import re
from collections.abc import Callable
from typing import Final

from drivers.scanners.gs1.codes import COUNTRIES, COUNTRIES_ALPHA_2, CURRENCIES, PACKAGE_TYPES
from drivers.scanners.gs1.coupon_digits import CouponFault, CouponTrouble
from drivers.scanners.gs1.coupons import parse_coupon, parse_offer
from drivers.scanners.gs1.dates import is_date, is_date_or_month, is_full_date, is_time
from drivers.scanners.gs1.values import Gs1Reason
from drivers.scanners.numbers.check_digits import Iso7064, passes_gs1, passes_gs1_pair, passes_iso7064

Problem = tuple[Gs1Reason, str]
Check = Callable[[str], Problem | None]


def _says(reason: Gs1Reason, detail: str, good: Callable[[str], bool]) -> Check:
    problem = (reason, detail)
    return lambda text: None if good(text) else problem


def _value(detail: str, good: Callable[[str], bool]) -> Check:
    return _says(Gs1Reason.BAD_VALUE, detail, good)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _pieces(text: str) -> Problem | None:
    """Number of a piece and how many there are, two digits each."""
    piece, total = text[:2], text[2:]
    if "00" in {piece, total}:
        return Gs1Reason.BAD_VALUE, "piece_zero"
    return (Gs1Reason.BAD_VALUE, "piece_beyond_total") if piece > total else None


def _sequence(text: str) -> Problem | None:
    """Which of how many babies, ``1/2``."""
    good = re.fullmatch("([1-9])/([1-9])", text)
    return None if good and good[1] <= good[2] else (Gs1Reason.BAD_VALUE, "sequence")


def _company_prefix(text: str) -> Problem | None:
    """Keys begin with a GS1 Company Prefix of at least four digits."""
    if len(text) < 4:
        return Gs1Reason.BAD_VALUE, "company_prefix_short"
    return None if text[:4].isdigit() else (Gs1Reason.BAD_VALUE, "company_prefix")


_LETTER_NUMBERS: Final = {chr(ord("A") + place): str(10 + place) for place in range(26)}


def _iban(text: str) -> Problem | None:
    """Country, two check digits, and up to 30 characters (ISO 13616-1)."""
    if re.fullmatch("[0-9A-Z]+", text) is None:
        return Gs1Reason.WRONG_CHARACTER, "iban"
    if len(text) <= 4:
        return Gs1Reason.WRONG_LENGTH, "iban"
    if text[:2] not in COUNTRIES_ALPHA_2:
        return Gs1Reason.BAD_VALUE, "iban_country"
    turned = "".join(_LETTER_NUMBERS.get(char, char) for char in text[4:] + text[:4])
    return None if passes_iso7064(turned, Iso7064.MOD_97_10) else (Gs1Reason.WRONG_CHECK_DIGIT, "iban")


def _padding(text: str) -> Problem | None:
    """Set 64 may be filled up with one or two ``=``, to a length that three divides (General Specifications, 7.11)."""
    bare = text.rstrip("=")
    pads = len(text) - len(bare)
    if "=" in bare:
        return Gs1Reason.WRONG_CHARACTER, "padding"
    return (Gs1Reason.BAD_VALUE, "padding") if pads > 2 or (pads and len(text) % 3) else None


def _coupon(parse: Callable[[str], object]) -> Check:
    def check(text: str) -> Problem | None:
        fault = parse(text)
        if not isinstance(fault, CouponFault):
            return None
        if fault.trouble is CouponTrouble.NOT_DIGITS:
            return Gs1Reason.WRONG_CHARACTER, "coupon"
        return Gs1Reason.BAD_COUPON, f"{fault.part}:{fault.trouble}"

    return check


_TIME: Final = Gs1Reason.BAD_TIME
CHECKS: Final[dict[str, Check]] = {
    "mod10": _says(Gs1Reason.WRONG_CHECK_DIGIT, "", passes_gs1),
    "pair": _says(Gs1Reason.WRONG_CHECK_DIGIT, "pair", passes_gs1_pair),
    "company_prefix": _company_prefix,
    "date": _says(Gs1Reason.BAD_DATE, "", is_date),
    "date0": _says(Gs1Reason.BAD_DATE, "", is_date_or_month),
    "date8": _says(Gs1Reason.BAD_DATE, "", is_full_date),
    "time": _says(_TIME, "", is_time),
    # 9999 says that no time is given (General Specifications, AIs 4324 and 4325)
    "time_or_none": _says(_TIME, "", lambda text: text == "9999" or is_time(text)),
    "hour": _says(_TIME, "hour", lambda text: text < "24"),
    "minute": _says(_TIME, "minute", lambda text: text < "60"),
    "second": _says(_TIME, "second", lambda text: text < "60"),
    "country": _value("country", COUNTRIES.__contains__),
    "country_or_999": _value("country", lambda text: text == "999" or text in COUNTRIES),
    "country2": _value("country", COUNTRIES_ALPHA_2.__contains__),
    "currency": _value("currency", CURRENCIES.__contains__),
    "percent": _value("percent_code", _matches("(?:[^%]|%[0-9A-Fa-f]{2})*")),
    "latitude": _value("latitude", lambda text: text <= "1800000000"),
    "longitude": _value("longitude", lambda text: text <= "3600000000"),
    "flag": _value("flag", frozenset("01").__contains__),
    "minus": _value("minus", "-".__eq__),
    "importer": _value("importer_index", _matches("[0-9A-Za-z_-]")),
    "package": _value("package_type", PACKAGE_TYPES.__contains__),
    "media": _value("media_type", lambda text: "01" <= text <= "10" or text >= "80"),
    "sex": _value("sex", frozenset("0129").__contains__),
    "sequence": _sequence,
    "nonzero": _value("zero", lambda text: text.strip("0") != ""),
    "zero": _value("not_zero", "0".__eq__),
    "winding": _value("winding", frozenset("019").__contains__),
    "no_zero_first": _value("leading_zero", lambda text: text == "0" or text[0] != "0"),
    "not_digits": _value("only_digits", lambda text: not text.isdigit()),
    "pieces": _pieces,
    "iban": _iban,
    "padding": _padding,
    "coupon": _coupon(parse_coupon),
    "offer": _coupon(parse_offer),
}
