"""Secrets that people and programs carry: how they look, and the hashes under which HQ keeps them.

HQ stores no token and no code, only SHA-256 over a purpose and the secret; tokens have 256 random bits, so a
slow hash would add nothing, and codes live for minutes.
"""

from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256

from hq.ports import Randomness

TOKEN_BYTES = 32
CODE_LETTERS = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class Purpose(StrEnum):
    """What a secret is for; a hash for one purpose never matches another's."""

    TILL_TOKEN = "till token"  # noqa: S105 - a label, not a secret
    PAIRING_CODE = "pairing code"
    LOGIN_LINK = "login link"
    SESSION = "session"
    CONTROL = "control"


def new_token(randomness: Randomness) -> str:
    """Make a secret of 256 bits that fits a header and an address."""
    return urlsafe_b64encode(randomness(TOKEN_BYTES)).rstrip(b"=").decode()


def new_code(randomness: Randomness) -> str:
    """Make a code of 50 bits that a person can type, as ``7K2M9-Q0XAB``."""
    bits = int.from_bytes(randomness(7), "big")
    letters = "".join(_ALPHABET[(bits >> (5 * place)) & 31] for place in range(CODE_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"


def plain_code(typed: str) -> str:
    """Read a typed code: capitals, no dashes or spaces, O as 0, I and L as 1."""
    return typed.upper().translate(_READ_AS)


def secret_hash(purpose: Purpose, secret: str) -> bytes:
    """Give the 32 bytes under which a secret is kept."""
    return sha256(b"loyaltill " + purpose.value.encode() + b"\0" + secret.encode("utf-8", "replace")).digest()
