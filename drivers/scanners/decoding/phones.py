"""Phone numbers to E.164, by the store's country.

Knows how people in eight countries write their numbers, and the outline of all others; refuses to know whether a number
is in service. Why a table and no library: docs/decisions/0009-reading-scans.md.

Source: ITU-T E.164 and the national numbering plans that the ITU publishes.
"""

import re
from dataclasses import dataclass
from typing import Final

from drivers.scanners.symbols import is_digits

_DECORATION: Final = re.compile(r"[ \u00a0()./\-]")
"""What people put between the digits."""
_WRITTEN: Final = re.compile(r"(?:[tT][eE][lL]:)?\+?[ \u00a0]?[0-9(][0-9 \u00a0()./\-]{3,40}")
_FOREIGN: Final = re.compile(r"[1-9][0-9]{7,14}")
_SHORTEST, _LONGEST = 5, 19


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberingPlan:
    """How a country's numbers are made.

    Attributes:
        code: The country's calling code.
        national: The pattern of a whole national number, without code and trunk prefix.
        trunk: What stands before a national number in the country; empty where nothing does.
        abroad: What stands before a country code when calling abroad.
    """

    code: str
    national: re.Pattern[str]
    trunk: str = "0"
    abroad: tuple[str, ...] = ("00",)


def _plan(code: str, national: str, trunk: str = "0", abroad: tuple[str, ...] = ("00",)) -> NumberingPlan:
    return NumberingPlan(code=code, national=re.compile(national), trunk=trunk, abroad=abroad)


_SEVEN: Final = _plan("7", r"[34][0-9]{9}|[67][0-9]{9}|[89][0-9]{9}", trunk="8", abroad=("810", "00"))
"""Russia and Kazakhstan share +7: 6 and 7 are Kazakhstan's, the others Russia's."""
PLANS: Final = {
    "AM": _plan("374", r"[1-9][0-9]{7}"),
    "AZ": _plan("994", r"[1-9][0-9]{8}"),
    "GB": _plan("44", r"7[0-9]{9}|[1238][0-9]{8,9}|[59][0-9]{9}"),
    "GE": _plan("995", r"[34578][0-9]{8}"),
    "KZ": _SEVEN,
    "RU": _SEVEN,
    "TR": _plan("90", r"[2-58][0-9]{9}"),
    "UZ": _plan("998", r"[2-9][0-9]{8}", trunk=""),
}
_BY_CODE: Final = {plan.code: plan for plan in PLANS.values()}


def parse_phone(text: str, country: str) -> str | None:
    """The E.164 form of what may be a phone number.

    Args:
        text: As keyed or scanned: with ``+`` or ``tel:``, with 00, with the trunk prefix (8 or 0), with the country's
            code and no plus, or the national number alone; spaces, dashes, dots, slashes and brackets do not count.
        country: The store's, two capital letters. Where it is empty or not in `PLANS`, only ``+`` and ``tel:`` count.

    Returns:
        As ``+77071234567``; None if it is no phone number of these forms.
    """
    if not text.isascii() and "\u00a0" not in text:
        return None
    if not _WRITTEN.fullmatch(text):
        return None
    bare = text[4:] if text[:4].lower() == "tel:" else text
    digits = bare if is_digits(bare) else _DECORATION.sub("", bare)
    if digits.startswith("+"):
        return _international(digits[1:])
    if not _SHORTEST <= len(digits) <= _LONGEST or bare is not text:
        return None
    plan = PLANS.get(country)
    return None if plan is None else _national(digits, plan)


def is_international(text: str) -> bool:
    """True for what says itself that it is a phone number: it begins with ``+`` or ``tel:``."""
    return text[:1] == "+" or text[:4].lower() == "tel:"


def _national(digits: str, plan: NumberingPlan) -> str | None:
    for prefix in plan.abroad:
        if digits.startswith(prefix) and (abroad := _international(digits[len(prefix) :])) is not None:
            return abroad
    if plan.trunk and digits.startswith(plan.trunk):  # without it, it could be another number that lacks a digit
        size = len(plan.trunk)
        return f"+{plan.code}{digits[size:]}" if plan.national.fullmatch(digits, size) else None
    if digits.startswith(plan.code) and plan.national.fullmatch(digits, len(plan.code)):
        return f"+{digits}"
    return f"+{plan.code}{digits}" if plan.national.fullmatch(digits) else None


def _international(digits: str) -> str | None:
    """A number with its country code; those of the countries that we know must be whole."""
    for size in (1, 2, 3):
        plan = _BY_CODE.get(digits[:size])
        if plan is not None:
            return f"+{digits}" if plan.national.fullmatch(digits, size) else None
    return f"+{digits}" if _FOREIGN.fullmatch(digits) else None
