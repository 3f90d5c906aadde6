"""What GS1 data is, once read: elements, messages of elements, and faults.

Knows how to write a message down again; refuses to know how one is read. Pure.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

FNC1: Final = "\x1d"
"""How a scanner sends the symbology character FNC1 between elements: GS (GS1 General Specifications, 7.8.3)."""
_PREDEFINED: Final = "00 01 02 03 04 11 12 13 14 15 16 17 18 19 20 31 32 33 34 35 36 41"
PREDEFINED_PREFIXES: Final = frozenset(_PREDEFINED.split())
"""First two digits of the application identifiers that need no FNC1 behind them (GS1 General Specifications, table
"Element strings with predefined length using GS1 Application Identifiers", which GS1 says will not change)."""


class Gs1Reason(StrEnum):
    """Why a text is no GS1 data. The values are stable."""

    EMPTY = "empty"
    """No element at all, or nothing between two separators."""
    UNKNOWN_AI = "unknown_ai"
    WRONG_LENGTH = "wrong_length"
    """A value is too short or too long, or missing."""
    WRONG_CHARACTER = "wrong_character"
    WRONG_CHECK_DIGIT = "wrong_check_digit"
    """A check digit, or the check pair of a model number."""
    BAD_DATE = "bad_date"
    BAD_TIME = "bad_time"
    BAD_VALUE = "bad_value"
    """A value that the identifier does not allow; the fault's detail says which kind."""
    BAD_COUPON = "bad_coupon"
    """A North American coupon that breaks off or contradicts itself; the detail says where."""
    REPEATED_AI = "repeated_ai"
    """An identifier twice, with different values."""
    FORBIDDEN_PAIR = "forbidden_pair"
    MISSING_COMPANION = "missing_companion"
    MISSING_SERIAL = "missing_serial"
    """A digital signature beside a key without its serial number."""
    BAD_BRACKETS = "bad_brackets"
    """Bracketed text that does not begin with an identifier in brackets, or holds a bracket that opens none."""
    BAD_URI = "bad_uri"
    """Characters, a host or a percent code that no URI may have."""
    NO_KEY = "no_key"
    """A URI without a GS1 key in its path: an ordinary web address."""
    COMPRESSED = "compressed"
    """A compressed GS1 Digital Link, which retail symbols must not hold (GS1 General Specifications, symbol specification tables 1 and 3)."""
    KEY_ORDER = "key_order"
    """Key qualifiers that do not belong to the key, or in another order."""
    NOT_IN_QUERY = "not_in_query"
    """An identifier in a link's query that belongs into its path, or into no link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gs1Fault:
    """Why a text is no GS1 data; it never holds a value.

    Attributes:
        reason: What is wrong.
        ai: The identifier that it is wrong with, or the two digits that begin no identifier; may be empty.
        detail: More, in stable words: the kind of value, the part of a coupon, the other identifier of a pair.
    """

    reason: Gs1Reason
    ai: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: an application identifier of 2 to 4 digits, and its value of 1 to 90 characters.

    Its repr does not show the value, which may be somebody's number.
    """

    ai: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementString:
    """Elements in the order in which they stood; an identifier may stand twice with the same value."""

    elements: tuple[Element, ...]

    def get(self, ai: str) -> str | None:
        """The value of an identifier; None if it is not there."""
        for element in self.elements:
            if element.ai == ai:
                return element.value
        return None

    def bracketed(self) -> str:
        r"""The text for people, ``(01)09506000134352(10)AB``; a bracket inside a value is written ``\(``."""
        return "".join(f"({element.ai}){element.value.replace('(', chr(92) + '(')}" for element in self.elements)
