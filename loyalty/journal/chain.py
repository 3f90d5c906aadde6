"""The hash chain over the cores of one terminal's epoch.

``h_n = SHA-256(h_{n-1} || core_n)``; ``h_0`` binds the terminal, the epoch and the terminal's public key, so
that no journal can be passed off as another's. Source: docs/SPEC-journal.md, section 4.
"""

from hashlib import sha256

from loyalty.numbers.limits import require

HASH_BYTES = 32
TERMINAL_ID_BYTES = 16
_CONTEXT_HEAD = b"loyaltill journal 1\0"
_CONTEXT_TERMINAL = b"loyaltill terminal 1\0"
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LETTERS = 8


def terminal_id(public_key: bytes) -> bytes:
    """Give the terminal's id: the fingerprint of its raw Ed25519 public key (32 bytes in, 16 out)."""
    require(len(public_key) == 32, "an Ed25519 public key has 32 bytes")
    return sha256(_CONTEXT_TERMINAL + public_key).digest()[:TERMINAL_ID_BYTES]


def first_head(public_key: bytes, epoch: int) -> bytes:
    """Give ``h_0`` of the journal that the holder of ``public_key`` keeps in ``epoch`` (>= 1)."""
    require(epoch >= 1, "epochs count from 1")
    bound = terminal_id(public_key) + epoch.to_bytes(8, "big") + public_key
    return sha256(_CONTEXT_HEAD + bound).digest()


def next_head(head: bytes, core: bytes) -> bytes:
    """Give the head after ``core`` was added to a journal whose head was ``head``."""
    require(len(head) == HASH_BYTES, "a head has 32 bytes")
    return sha256(head + core).digest()


def head_code(head: bytes) -> str:
    """Write the first 40 bits of a head as eight letters for a receipt (Crockford's base 32, as ``7K2M-09QX``)."""
    bits = int.from_bytes(head[:5], "big")
    letters = [_CODE_ALPHABET[(bits >> (5 * place)) & 31] for place in reversed(range(_CODE_LETTERS))]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
