"""Card numbers: what one looks like, UIDs of contactless cards among them, and the keyed hash under which tills and HQ find its member.

The hash does not yield the number without the key, which is kept outside the book. The journal does: the detail of an
entry holds the card as it was scanned, until the detail is erased; so a book is readable by its owner only.
"""

import re
from hashlib import blake2b
from typing import Final

from loyalty.numbers.limits import require

IDENTIFIER_KEY_BYTES = 32
MAX_CARD = 64
UID_PREFIX: Final = "uid:"
"""Before the UID of a contactless card, which is a card number of a name space of its own."""
_UID: Final = re.compile(r"uid:(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})")


def card_key(card: str, identifier_key: bytes) -> int:
    """Hash a card number to a signed 64-bit integer with the merchant's 32-byte identifier key."""
    require(len(identifier_key) == IDENTIFIER_KEY_BYTES, "an identifier key has 32 bytes")
    require(is_card(card), "a card number is 1 to 64 printable ASCII characters")
    digest = blake2b(card.encode("ascii"), key=identifier_key, digest_size=8, person=b"loyaltill-card").digest()
    return int.from_bytes(digest, "big", signed=True)


def is_card(card: str) -> bool:
    """Tell whether ``card`` has the shape of a card number (ASCII only: one card, one spelling)."""
    if not (1 <= len(card) <= MAX_CARD and card.isascii() and card.isprintable()) or " " in card:
        return False
    return is_uid(card) or not card.lower().startswith(UID_PREFIX)


def is_uid(card: str) -> bool:
    """Tell whether ``card`` is a UID: ``uid:`` and 4, 7 or 10 bytes in upper-case hexadecimal. Anybody can copy one.

    Source: docs/SPEC-uids.md, section 1.
    """
    return _UID.fullmatch(card) is not None


def last_four(card: str) -> str:
    """Give what may be shown of a card: its last four characters, or none of a shorter one."""
    return card[-4:] if len(card) > 4 else ""
