"""Checksums over balances that do not depend on their order: what a till holds against what HQ holds.

Accounts are parted into `BUCKETS` by the beginning of their ids. The checksum of a bucket is the sum of one term for each
balance that is not zero, so a change of a balance changes it by the difference of two terms. It finds what a fault of a disk or
of a program left behind; it proves nothing against somebody who means harm.
"""

from zlib import crc32

BUCKETS = 64
_SHIFT = 8 - (BUCKETS - 1).bit_length()
MODULUS = 1 << 64


def bucket_of(account: bytes) -> int:
    """Give the bucket of an account, 0 to `BUCKETS` - 1."""
    return account[0] >> _SHIFT


def bounds_of(bucket: int) -> tuple[bytes, bytes]:
    """Give the first and the last id that a bucket may hold."""
    first = bucket << _SHIFT
    last = ((bucket + 1) << _SHIFT) - 1
    return bytes([first]) + bytes(15), bytes([last]) + b"\xff" * 15


def term_of(account: bytes, unit: str, amount: int) -> int:
    """Give what a balance adds to the checksum of its bucket; nothing for a balance of zero."""
    return crc32(b"%b%b\0%d" % (account, unit.encode(), amount)) if amount else 0
