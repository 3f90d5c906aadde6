"""Numbers that mean something in one shop only: EAN-13 of prefix 02 and 20 to 29, EAN-8 of prefix 0 and 2.

Which digits are the article, the price, the weight, a member or a coupon differs by country and by merchant, so a
template says it. Without one such a number is an in-store item of which nothing more is known. Pure.

Source: GS1 General Specifications, section 2.1.11 (restricted circulation) and table of GS1 Prefixes (1.4).
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from drivers.scanners.numbers.check_digits import gs1_check_digit, passes_price_check

_LENGTHS: Final = (8, 13)
_LETTERS: Final = "IPWQMKVNC"
MOST_DECIMALS: Final = 4


class StoreKind(StrEnum):
    """What a template's number is."""

    ITEM = "item"
    MEMBER = "member"
    COUPON = "coupon"


class BadTemplate(ValueError):
    """A template that makes no sense; the text says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InStoreTemplate:
    """Where the parts of an in-store number stand.

    Attributes:
        pattern: One character for each of the 8 or 13 digits: a digit that must stand there, ``I`` article, ``P`` price,
            ``W`` weight, ``Q`` pieces, ``M`` member, ``K`` coupon, ``V`` check digit of the 4 or 5 digits of price or weight,
            ``N`` any digit, ``C`` the number's own check digit, last. The same letters stand together.
        name: What the merchant calls it; part of what a reading says.
        price_decimals: How many digits of the price are behind the point.
        weight_decimals: How many digits of the weight, in kilograms, are behind the point.

    Raises:
        BadTemplate: The pattern is none of these.
    """

    pattern: str
    name: str = ""
    price_decimals: int = 2
    weight_decimals: int = 3
    _matches: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check(self)
        groups = re.sub(
            "|".join(f"{letter}+" for letter in _LETTERS),
            lambda run: f"(?P<{run[0][0]}>[0-9]{{{len(run[0])}}})",
            self.pattern,
        )
        object.__setattr__(self, "_matches", re.compile(groups))

    @property
    def kind(self) -> StoreKind:
        """What its numbers are."""
        return StoreKind.MEMBER if "M" in self.pattern else StoreKind.COUPON if "K" in self.pattern else StoreKind.ITEM

    def parts(self, number: str) -> dict[str, str] | None:
        """The digits of each letter, or None where ``number`` (8 or 13 ASCII digits) is not of this template."""
        found = self._matches.fullmatch(number)
        return None if found is None else found.groupdict()


@dataclass(frozen=True, slots=True, kw_only=True)
class InStoreNumber:
    """What an in-store number says.

    Attributes:
        kind: What it is.
        value: The member's or the coupon's digits; for an item, the whole number with zeros for what varies and the check
            digit that goes with them, which is what the item has in common with others of its kind.
        fields: ``template``, ``item``, ``price`` and ``weight_kg`` (decimal, with a point), ``quantity``.
    """

    kind: StoreKind
    value: str = field(repr=False)
    fields: dict[str, str] = field(repr=False)


def read_in_store(number: str, templates: tuple[InStoreTemplate, ...]) -> InStoreNumber | str | None:
    """What ``number`` says by the first template that it is of.

    Args:
        number: 8 or 13 ASCII digits with a good check digit.
        templates: In the merchant's order.

    Returns:
        What it says; ``price_check_digit`` if it is of a template and the check digit of its price or weight is wrong;
        None if it is of no template.
    """
    for template in templates:
        parts = template.parts(number)
        if parts is not None:
            return _read(number, parts, template)
    return None


def _read(number: str, parts: dict[str, str], template: InStoreTemplate) -> InStoreNumber | str:
    if "V" in parts and not passes_price_check(parts["V"], parts.get("P") or parts.get("W") or ""):
        return "price_check_digit"
    fields = {"template": template.name or template.pattern}
    if "I" in parts:
        fields["item"] = parts["I"]
    if "P" in parts:
        fields["price"] = _decimal(parts["P"], template.price_decimals)
    if "W" in parts:
        fields["weight_kg"] = _decimal(parts["W"], template.weight_decimals)
    if "Q" in parts:
        fields["quantity"] = str(int(parts["Q"]))
    kind = template.kind
    if kind is StoreKind.ITEM:
        return InStoreNumber(kind=kind, value=_without_measure(number, template.pattern), fields=fields)
    return InStoreNumber(kind=kind, value=parts["M" if kind is StoreKind.MEMBER else "K"], fields=fields)


def _decimal(digits: str, decimals: int) -> str:
    if decimals == 0:
        return str(int(digits))
    filled = digits.zfill(decimals + 1)
    return f"{int(filled[:-decimals])}.{filled[-decimals:]}"


def _without_measure(number: str, pattern: str) -> str:
    """The number with zeros for price, weight, pieces and their check digit, and a new check digit of its own."""
    kept = "".join("0" if letter in "PWQV" else digit for letter, digit in zip(pattern, number, strict=True))[:-1]
    return kept + gs1_check_digit(kept)


def _check(template: InStoreTemplate) -> None:
    pattern = template.pattern
    if len(pattern) not in _LENGTHS or not re.fullmatch(rf"[0-9{_LETTERS}]+", pattern):
        raise BadTemplate(f"expected 8 or 13 characters, digits and the letters {', '.join(_LETTERS)}")
    if not pattern.endswith("C") or pattern.count("C") != 1:
        raise BadTemplate("expected C, the check digit, once and last")
    if not pattern[0].isdigit():
        raise BadTemplate("expected a digit first: the prefix of the numbers")
    if any(len(re.findall(f"{letter}+", pattern)) > 1 for letter in _LETTERS):
        raise BadTemplate("expected the same letters together")
    if len({"I", "M", "K"} & set(pattern)) != 1:
        raise BadTemplate("expected one of I (article), M (member) and K (coupon)")
    measures = [letter for letter in "PWQ" if letter in pattern]
    if len(measures) > 1 or ("M" in pattern and measures):
        raise BadTemplate("expected at most one of P, W and Q, and none beside M")
    if "V" in pattern:
        checked = pattern.count("P") + pattern.count("W")
        if pattern.count("V") != 1 or checked not in {4, 5}:
            raise BadTemplate("expected V once, beside 4 or 5 digits of P or W")
    if not (0 <= template.price_decimals <= MOST_DECIMALS and 0 <= template.weight_decimals <= MOST_DECIMALS):
        raise BadTemplate(f"expected 0 to {MOST_DECIMALS} decimals")
