"""How each language writes scaled integers, money and rates.

The tables are CLDR's (a test compares them with Babel's copy), kept here as a few constants because Babel is
too heavy to import on a till. Where CLDR groups digits with a space it is U+00A0, so that a page never breaks a
number over two lines.
"""

from dataclasses import dataclass

from loyalty.explain import Money
from loyalty.numbers.limits import MAX_SCALE, require
from loyalty.numbers.rates import Rate
from loyalty.numbers.scaled import format_scaled

NO_BREAK_SPACE = "\u00a0"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberStyle:
    """How one language writes numbers.

    Attributes:
        group: What stands between groups of three digits.
        decimal: What stands before the decimals.
        sign_first: The currency sign stands before the number, without a space (``£12.00``), else after it and
            a no-break space.
    """

    group: str
    decimal: str
    sign_first: bool


_SPACED = NumberStyle(group=NO_BREAK_SPACE, decimal=",", sign_first=False)
STYLES = {
    "kk": _SPACED,
    "az": NumberStyle(group=".", decimal=",", sign_first=False),
    "ru": _SPACED,
    "hy": _SPACED,
    "en": NumberStyle(group=",", decimal=".", sign_first=True),
    "ka": _SPACED,
    "tr": NumberStyle(group=".", decimal=",", sign_first=True),
    "uz": _SPACED,
}
CURRENCY_SIGNS = {
    "KZT": "₸",
    "AZN": "₼",
    "RUB": "₽",
    "AMD": "֏",
    "GEL": "₾",
    "TRY": "₺",
    "GBP": "£",
    "EUR": "€",
    "USD": "$",
}
"""CLDR's narrow signs, the same in every language: a shop has one currency, so a sign cannot be mistaken."""
_OWN_SIGNS = {("uz", "UZS"): "soʻm"}
"""What CLDR calls a currency in its own country's language, where others write its code."""


def write_number(value: int, scale: int, language: str) -> str:
    """Write ``value`` steps of ``10**-scale`` with all its decimals: 1234567 at scale 2 is ``12 345,67`` in Russian."""
    style = STYLES[language]
    whole, _, decimals = format_scaled(abs(value), scale).partition(".")
    text = _grouped(whole, style.group) + (style.decimal + decimals if decimals else "")
    return f"-{text}" if value < 0 else text


def write_trimmed(value: int, scale: int, language: str) -> str:
    """Write like `write_number`, without the zeros at the end of the decimals: 1500 at scale 3 is ``1.5``."""
    while scale > 0 and value % 10 == 0:
        value, scale = value // 10, scale - 1
    return write_number(value, scale, language)


def write_money(money: Money, language: str) -> str:
    """Write an amount with its currency's sign, or its ISO 4217 code if it has no sign, where CLDR puts it.

    A programme may want another sign.
    """
    number = write_number(abs(money.amount_minor), money.currency.scale, language)
    sign = money.currency.sign or _sign(money.currency.code, language)
    minus = "-" if money.amount_minor < 0 else ""
    if not STYLES[language].sign_first:
        return f"{minus}{number}{NO_BREAK_SPACE}{sign}"
    # CLDR's currencySpacing: letters and digits never touch.
    space = NO_BREAK_SPACE if sign.isalpha() else ""
    return f"{minus}{sign}{space}{number}"


def _sign(code: str, language: str) -> str:
    return _OWN_SIGNS.get((language, code)) or CURRENCY_SIGNS.get(code, code)


def write_rate(rate: Rate, language: str) -> str:
    """Write a rate exactly: as a decimal (``1.5``) where at most 6 decimals do, else as a fraction (``1/3``)."""
    for scale in range(MAX_SCALE + 1):
        steps, rest = divmod(rate.numerator * 10**scale, rate.denominator)
        if rest == 0:
            return write_number(steps, scale, language)
    return f"{rate.numerator}/{rate.denominator}"


def _grouped(digits: str, mark: str) -> str:
    require(digits.isascii() and digits.isdigit(), "only digits can be grouped")
    first = len(digits) % 3 or 3
    return mark.join([digits[:first], *(digits[place : place + 3] for place in range(first, len(digits), 3))])
