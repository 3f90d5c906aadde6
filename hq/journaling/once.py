"""Ids for what a person does: with a key of their own, the same thing asked again is done once."""

from hashlib import blake2b

from loyalty.journal.entry import ENTRY_ID_BYTES
from loyalty.numbers.limits import is_storable

MAX_ONCE = 100
"""Most characters of such a key."""
_PERSON = b"loyaltill-once"


def is_once(key: str) -> bool:
    """Tell whether ``key`` can name what is done once."""
    return bool(key.strip()) and is_storable(key, MAX_ONCE)


def once_entry_id(secret: bytes, what: str, key: str, subject: bytes = b"") -> bytes:
    """Give the id of what was asked under ``key``: always the same.

    Args:
        secret: HQ's own, at most 64 bytes: codes of coupons follow from an entry's id, and nobody must guess one.
        what: What is done, and to what.
        key: The person's; see `is_once`.
        subject: To whom.
    """
    named = f"{what}\0{key}\0".encode() + subject
    return blake2b(named, digest_size=ENTRY_ID_BYTES, key=secret, person=_PERSON).digest()
