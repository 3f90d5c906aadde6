"""Where payment cards stop.

A payment card swiped or keyed by mistake is refused here, before any log, queue or event, unless its number is in the
merchant's own card ranges. A refusal says which device and why; it holds no digit of the number and no hash of it (a
hash of a card number can be reversed). Pure.

What is refused:

1. anything in the shape of a payment track with an account of 12 to 19 digits, from any device;
2. a number of 14 to 19 digits, alone or anywhere in a text, also one written in groups with spaces, dashes, dots, slashes,
   brackets or the like, that passes Luhn and starts like a payment card, from a device that can deliver one: a magstripe
   reader, a keyboard wedge, a keyboard, or a point of sale that does not say where it got it.

Never refused: a number or add-on under an EAN/UPC identifier (``]E``) that is one by its length and check digit; what parses
as GS1 data under an identifier that says that it is GS1 data, whatever the device; and the number of a contactless card. A
GS1 Digital Link is not searched for numbers, and GS1 data with brackets only within each element.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.scanners.cards import CardRange, in_ranges
from drivers.scanners.gs1.carriers import Content, carried, is_add_on, item_of
from drivers.scanners.gs1.elements import ElementString, parse_bracketed, parse_elements
from drivers.scanners.gs1.links import parse_link
from drivers.scanners.numbers.check_digits import passes_luhn
from drivers.scanners.numbers.gtin import Gtin
from drivers.scanners.symbols import Medium, Symbol, is_digits
from drivers.scanners.tracks import fold_digits, track_accounts

_MIN_TRACK_ACCOUNT: Final = 12
_SHORTEST, _LONGEST = 14, 19
"""Digits of a number that is alone."""
_WRITTEN: Final = re.compile(r"[0-9][0-9\s\-./()_,:'*~|]{12,}[0-9]")
"""Digits as people write a number: in groups, with something between two that is no letter and no sign of a formula or an
address. Longer than a number where others stand beside it, such as an expiry date. Digits inside a longer group are none:
one in ten of them would pass for a card's."""
_GROUP: Final = re.compile(r"[0-9]+")
_LETTERS: Final = "LMN"
"""Unicode's classes of letters, marks and numbers."""

_IIN_PREFIXES: Final = frozenset(
    str(value)
    for first, last in (
        (4, 4),  # Visa
        (51, 55),  # Mastercard
        (2221, 2720),  # Mastercard
        (2200, 2204),  # Mir
        (34, 34),  # American Express
        (37, 37),  # American Express
        (30, 30),  # Diners
        (36, 36),  # Diners
        (38, 39),  # Diners
        (35, 35),  # JCB
        (50, 50),  # Maestro
        (56, 69),  # Maestro, Discover, UnionPay, RuPay
        (9051, 9051),  # ArCa
    )
    for value in range(first, last + 1)
)
"""First digits of payment cards, 1, 2 or 4 of them. Wide on purpose: a merchant's own range is let through by the list of
ranges, not by a gap in this one."""


class DeviceKind(StrEnum):
    """What a device can deliver."""

    BARCODE = "barcode"
    """A barcode scanner on a port of its own, which cannot swipe."""
    WEDGE = "wedge"
    MAGSTRIPE = "magstripe"
    KEYED = "keyed"
    HOST = "host"
    """A point of sale that passes on what it got, from wherever."""


class GateReason(StrEnum):
    """Why the gate refused."""

    PAYMENT_TRACK = "payment_track"
    PAYMENT_NUMBER = "payment_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRefusal:
    """A payment card was kept out.

    Attributes:
        device: The configured name of the device.
        reason: Which rule refused.
        length: How many characters were thrown away.
    """

    device: str
    reason: GateReason
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The gate of one device.

    Attributes:
        device: Its configured name, for refusals.
        kind: What it can deliver.
        ranges: The merchant's own card numbers, which pass.
    """

    device: str
    kind: DeviceKind
    ranges: tuple[CardRange, ...] = ()

    def admit(self, symbol: Symbol) -> Symbol | GateRefusal:
        """The symbol itself, or a refusal without anything of it but its length."""
        if symbol.medium is Medium.UID:
            return symbol
        reason = self._reason(symbol.text)
        if reason is None or _is_exempt(symbol, reason, self.ranges):
            return symbol
        return GateRefusal(device=self.device, reason=reason, length=len(symbol.text))

    def _reason(self, text: str) -> GateReason | None:
        """Which rule a text breaks, whatever carries it."""
        if holds_payment_track(text, self.ranges):
            return GateReason.PAYMENT_TRACK
        if self.kind is DeviceKind.BARCODE or not holds_payment_number(text, self.ranges):
            return None
        return None if in_ranges(text, self.ranges) else GateReason.PAYMENT_NUMBER


def holds_payment_track(text: str, ranges: tuple[CardRange, ...] = ()) -> bool:
    """True if ``text`` has the shape of a payment track whose account is in none of ``ranges``."""
    if len(text) < _MIN_TRACK_ACCOUNT or sum(map(str.isdigit, text)) < _MIN_TRACK_ACCOUNT:
        return False
    return any(
        len(account) >= _MIN_TRACK_ACCOUNT and not in_ranges(account, ranges)
        for spelling in _spellings(text)
        for account in track_accounts(spelling)
    )


def holds_payment_number(text: str, ranges: tuple[CardRange, ...] = ()) -> bool:
    """True if a number that looks like a payment card's, and is in none of ``ranges``, stands anywhere in ``text``."""
    if len(text) < _SHORTEST:
        return False
    for spelling in _spellings(text):
        for run in _WRITTEN.finditer(spelling):
            for number in _numbers(_GROUP.findall(run[0])):
                if not in_ranges(number, ranges) and looks_like_payment_number(number):
                    return True
    return False


def _spellings(text: str) -> tuple[str, ...]:
    """The text with every sign that is not ASCII as a space; and the same with the digits of every script as ASCII."""
    if text.isascii():
        return (text,)
    plain = "".join(map(_folded, text))
    return plain, fold_digits(plain)


def _folded(char: str) -> str:
    """The character; a space for a dash, a sign or an invisible one that is not ASCII."""
    return char if char.isascii() or unicodedata.category(char)[0] in _LETTERS else " "


def looks_like_payment_number(number: str) -> bool:
    """True for 14 to 19 ASCII digits that pass Luhn and start like a payment card."""
    return (
        _SHORTEST <= len(number) <= _LONGEST
        and number.isascii()
        and number.isdigit()
        and not _IIN_PREFIXES.isdisjoint((number[0], number[:2], number[:4]))
        and passes_luhn(number)
    )


def may_hold_payment_numbers(card_range: CardRange) -> bool:
    """True if numbers of this range could be payment cards', which the gate would then let in."""
    prefix = card_range.prefix
    if card_range.max_length < _SHORTEST or card_range.min_length > _LONGEST or not is_digits(prefix):
        return False
    return any(prefix.startswith(iin) or iin.startswith(prefix) for iin in _IIN_PREFIXES)


def _numbers(groups: list[str]) -> Iterator[str]:
    """Neighbouring groups put together, as long as that is no longer than a number can be."""
    for first in range(len(groups)):
        number = ""
        for group in groups[first:]:
            number += group
            if len(number) > _LONGEST:
                break
            yield number


def _is_exempt(symbol: Symbol, reason: GateReason, ranges: tuple[CardRange, ...]) -> bool:
    """True for an EAN, and for GS1 data that says what it is. Only what is to be refused is parsed for that."""
    if symbol.aim:
        data = carried(symbol)
        if data.content is Content.ELEMENTS:
            return isinstance(parse_elements(data.text), ElementString)
        if data.content is Content.ADD_ON:
            return is_add_on(data.text)
        if data.content in {Content.EAN_13, Content.EAN_8} and isinstance(item_of(data), Gtin):
            return data.composite is None or isinstance(
                parse_elements(data.composite, associations=False), ElementString
            )
    if reason is not GateReason.PAYMENT_NUMBER:
        return False
    elements = parse_bracketed(symbol.text, associations=False)
    if isinstance(elements, ElementString):
        return not any(holds_payment_number(element.value, ranges) for element in elements.elements)
    return isinstance(parse_link(symbol.text), ElementString)
