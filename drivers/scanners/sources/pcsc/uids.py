"""Which UIDs of contactless cards name a card. Pure.

A UID may be a new one at every tap (phones, passports, cards in privacy mode), or a number that the radio protocol
makes up. Those must never become somebody's identifier. Whoever can read a UID can also copy it: what one may do with
it is for the agent to say (docs/SPEC-uids.md).

Source: ISO/IEC 14443-3, 6.5.4 (UID sizes; a single-size UID that begins with 08 is random) and 7.9 (PUPI of type B);
NXP AN10927, 2.1 (random ID); PC/SC part 3, 3.1.3.2.3 (answer to reset of contactless cards).
"""

from typing import Final

from drivers.scanners.symbols import Medium, Misreading, Symbol

UID_BYTES: Final = frozenset({4, 7, 10})
"""Single, double and triple size; an 8-byte number is of another standard (ISO/IEC 15693, FeliCa)."""
_SINGLE: Final = 4
_MADE_UP: Final = frozenset({0x08, 0x80})
"""First byte of a single-size UID that is random: by the standard, and as DESFire cards in privacy mode have it."""
_TYPE_B: Final = bytes.fromhex("3B888001")
"""How the answer to reset of a type B card begins: eight historical bytes, of ATQB, behind the contactless mark."""
_TYPE_B_LENGTH: Final = 13


def uid_misreading(uid: bytes, atr: bytes = b"") -> Misreading | None:
    """Why a UID is no identifier, or None if it is one.

    Args:
        uid: As the reader gave it.
        atr: The answer to reset of the card, which tells type B from type A; empty if it is not known.
    """
    if len(uid) not in UID_BYTES or not any(uid):
        return Misreading.NO_UID
    if len(uid) == _SINGLE and (uid[0] in _MADE_UP or _is_type_b(atr)):
        return Misreading.RANDOM_UID
    return None


def read_uid(uid: bytes, atr: bytes = b"") -> Symbol | Misreading:
    """The symbol of a card with this UID, or why it has none."""
    return uid_misreading(uid, atr) or Symbol(text=uid.hex().upper(), medium=Medium.UID)


def _is_type_b(atr: bytes) -> bool:
    """True for the shape that only type B cards are bound to have; a rare type A card has it too, and is refused."""
    return len(atr) == _TYPE_B_LENGTH and atr.startswith(_TYPE_B)
