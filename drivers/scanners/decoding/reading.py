"""What a scan says.

A reading is data for a program: which kind of thing was scanned, its normalised value and its parts. It never holds the
text of what could not be read, so that an error can be logged and shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

FORM: Final = "form"
"""The field that says in which form a member's key was scanned, where that matters."""
MEMBER_CODE: Final = "member_code"
"""A code that HQ signed; its value is the code, and only who can verify it learns the card."""


class Kind(StrEnum):
    """What was scanned."""

    MEMBER = "member"
    """A card of the merchant's, a GSRN, a member code or a contactless card: a key that names a member."""
    ITEM = "item"
    COUPON = "coupon"
    GS1 = "gs1"
    """GS1 data that is none of the three above, such as a pallet's label."""
    PHONE = "phone"
    RECEIPT = "receipt"
    """A fiscal receipt."""
    PAYMENT_REFUSED = "payment_refused"
    """A payment card, which the gate kept out, or which was found behind what stood around it. Nothing of it is here."""
    UNKNOWN = "unknown"
    """Readable, and nothing that the till knows."""
    AMBIGUOUS = "ambiguous"
    """Two or more of the above, and nothing says which."""
    ERROR = "error"
    """It claims to be something, by its identifier or its shape, and breaks the rules of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a scan says.

    Attributes:
        kind: What was scanned.
        symbology: The name of the symbology, as ``qr``; empty where nothing tells it.
        value: The thing's one spelling: a card number, a GTIN of 14 digits, ``+77071234567``. Empty for an error, a
            refusal and an ambiguous reading. Its repr never shows it.
        fields: Its parts by name. The repr never shows them.
        reason: For an error and a refusal, a stable code.
        alternatives: For an ambiguous reading, the readings that it can be, two or more.
    """

    kind: Kind
    symbology: str = ""
    value: str = field(default="", repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    reason: str = ""
    alternatives: tuple["Reading", ...] = ()

    @property
    def may_be_member(self) -> bool:
        """True if it names a member, or would in one of its readings."""
        return self.kind in _OF_MEMBERS or any(one.kind in _OF_MEMBERS for one in self.alternatives)


_OF_MEMBERS: Final = frozenset({Kind.MEMBER, Kind.PHONE})


def error(reason: str, symbology: str = "") -> Reading:
    """Say that something cannot be read, and why, without what it was."""
    return Reading(kind=Kind.ERROR, symbology=symbology, reason=reason)
