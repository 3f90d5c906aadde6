"""A member's code: a card number that HQ signs for a few minutes, shown as a QR code and verified by any till without HQ.

A picture of a card's number is good for ever, and so is a copy of it; a member code is good for the minutes that it names.
HQ signs with the key by which it signs snapshots, whose public half tills hold since pairing. Whoever shows the code makes
a new one before the old one ends. Pure: keys and clocks stay with the caller.

Format, docs/SPEC-scans.md, section 5: ``LTM1``, then base32 (RFC 4648, capitals, no padding) of

    minute of issue (4 bytes, since 1970, UTC) | lifetime in minutes (1 byte) | card (1 to 64 bytes, ASCII) | signature (64)

so that a QR code holds it in alphanumeric mode. The signature (Ed25519) is over a context of its own and all before it.
"""

from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from loyalty.cards import MAX_CARD, is_card
from loyalty.numbers.limits import require

PREFIX: Final = "LTM1"
MAX_MINUTES: Final = 240
CLOCK_TOLERANCE: Final = timedelta(minutes=2)
"""How far a till's clock and HQ's may be apart, either way, before a good code is refused."""
_CONTEXT: Final = b"loyaltill member code 1\0"
_MINUTE_BYTES: Final = 4
_HEAD_BYTES: Final = _MINUTE_BYTES + 1
_SIGNATURE_BYTES: Final = 64
_LENGTHS: Final = range(_HEAD_BYTES + 1 + _SIGNATURE_BYTES, _HEAD_BYTES + MAX_CARD + _SIGNATURE_BYTES + 1)
_MOST_CHARACTERS: Final = len(PREFIX) + (_LENGTHS[-1] * 8 + 4) // 5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CodeFault(StrEnum):
    """Why a code names nobody now."""

    UNREADABLE = "unreadable"
    """Not of this format: cut, mistyped, or of a newer version."""
    WRONG_SIGNATURE = "wrong_signature"
    """HQ did not sign this."""
    NOT_YET = "not_yet"
    """Issued later than now, by more than the tolerance: one of the two clocks is wrong."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCode:
    """What a code says.

    Attributes:
        card: The card number. Whether a member has it, and whether it was withdrawn, is judged like the card itself.
        issued_at: The minute in which HQ signed it, aware UTC.
        minutes: How long it is good, 1 to 240.
    """

    card: str = field(repr=False)
    issued_at: datetime
    minutes: int

    def __post_init__(self) -> None:
        require(is_card(self.card), "a member code is of a card")
        require(1 <= self.minutes <= MAX_MINUTES, f"a member code is good for 1 to {MAX_MINUTES} minutes")
        require(self.issued_at.utcoffset() == timedelta(0), "a member code is issued at an instant in UTC")


def make_code(code: MemberCode, sign: Callable[[bytes], bytes]) -> str:
    """Write a code.

    Args:
        code: What it is to say; seconds of its instant are dropped.
        sign: Gives HQ's Ed25519 signature of some bytes, 64 bytes.

    Returns:
        116 to 217 capitals and digits; 136 for a card of 13 digits.
    """
    minute = (code.issued_at - _EPOCH) // timedelta(minutes=1)
    said = minute.to_bytes(_MINUTE_BYTES, "big") + bytes([code.minutes]) + code.card.encode("ascii")
    return PREFIX + b32encode(said + sign(_CONTEXT + said)).decode("ascii").rstrip("=")


def verify(text: str, is_signed: Callable[[bytes, bytes], bool], at: datetime) -> MemberCode | CodeFault:
    """Read a code, and say whether it is HQ's and good now.

    Args:
        text: What was scanned, at most a frame.
        is_signed: Whether the first argument is HQ's Ed25519 signature of the second.
        at: Now, aware; a code is good from its minute on for its lifetime, and `CLOCK_TOLERANCE` more at both ends.

    Returns:
        What it says; or the first fault in the order of `CodeFault`.
    """
    data = _bytes_of(text)
    if data is None or len(data) not in _LENGTHS:
        return CodeFault.UNREADABLE
    said, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
    card = said[_HEAD_BYTES:].decode("latin-1")
    minutes = said[_MINUTE_BYTES]
    if not is_card(card) or not 1 <= minutes <= MAX_MINUTES:
        return CodeFault.UNREADABLE
    if not is_signed(signature, _CONTEXT + said):
        return CodeFault.WRONG_SIGNATURE
    issued_at = _EPOCH + timedelta(minutes=int.from_bytes(said[:_MINUTE_BYTES], "big"))
    if at < issued_at - CLOCK_TOLERANCE:
        return CodeFault.NOT_YET
    if at >= issued_at + timedelta(minutes=minutes) + CLOCK_TOLERANCE:
        return CodeFault.EXPIRED
    return MemberCode(card=card, issued_at=issued_at, minutes=minutes)


def _bytes_of(text: str) -> bytes | None:
    """The bytes behind the prefix; None for anything but the one spelling that they have."""
    body = text.removeprefix(PREFIX)
    if len(text) > _MOST_CHARACTERS or body == text or not body.isascii():
        return None
    try:
        data = b32decode(body + "=" * (-len(body) % 8))
    except (Error, ValueError):
        return None
    return data if b32encode(data).decode("ascii").rstrip("=") == body else None
