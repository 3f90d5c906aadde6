"""Card numbers: what one looks like, and the keyed hash under which tills and HQ find its member.

The hash does not yield the number without the key, which is kept outside the book. The journal does: the detail of an
entry holds the card as it was scanned, until the detail is erased; so a book is readable by its owner only.
"""

from hashlib import blake2b

from loyalty.numbers.limits import require

IDENTIFIER_KEY_BYTES = 32
MAX_CARD = 64


def card_key(card: str, identifier_key: bytes) -> int:
    """Hash a card number to a signed 64-bit integer with the merchant's 32-byte identifier key."""
    require(len(identifier_key) == IDENTIFIER_KEY_BYTES, "an identifier key has 32 bytes")
    require(is_card(card), "a card number is 1 to 64 printable ASCII characters")
    digest = blake2b(card.encode("ascii"), key=identifier_key, digest_size=8, person=b"loyaltill-card").digest()
    return int.from_bytes(digest, "big", signed=True)


def is_card(card: str) -> bool:
    """Tell whether ``card`` has the shape of a card number (ASCII only: one card, one spelling)."""
    return 1 <= len(card) <= MAX_CARD and card.isascii() and card.isprintable() and " " not in card


def last_four(card: str) -> str:
    """Give what may be shown of a card: its last four characters, or none of a shorter one."""
    return card[-4:] if len(card) > 4 else ""
