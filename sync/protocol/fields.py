"""Reading small JSON messages from the other end: every field with its type and bound, one error type."""

import json
from typing import Any

from loyalty.journal.entry import ACCOUNT_ID_BYTES
from loyalty.numbers.limits import INT64_MAX, fits_int64, is_storable, require
from sync.protocol.errors import SyncErrorCode, SyncRefused


def read_object(data: bytes, limit: int) -> dict[str, Any]:
    """Read one JSON object of at most ``limit`` bytes.

    Raises:
        SyncRefused: TOO_LARGE, or MALFORMED for anything that is not a JSON object in UTF-8; so do all readers here.
    """
    if len(data) > limit:
        raise SyncRefused(SyncErrorCode.TOO_LARGE, f"at most {limit} bytes")
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise SyncRefused(SyncErrorCode.MALFORMED, "not JSON in UTF-8") from fault
    if not isinstance(value, dict):
        raise SyncRefused(SyncErrorCode.MALFORMED, "not a JSON object")
    return value


def short_text(given: dict[str, Any], name: str, most: int) -> str:
    """Give a text of 1 to ``most`` characters that every book can hold."""
    value = given.get(name)
    if not isinstance(value, str) or not value or not is_storable(value, most):
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be a text of 1 to {most} storable characters")
    return value


def hex_bytes(given: dict[str, Any], name: str, size: int) -> bytes:
    """Give exactly ``size`` bytes, written as hex."""
    value = given.get(name)
    try:
        data = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if len(data) != size:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be {size} bytes in hex")
    return data


def count(given: dict[str, Any], name: str, *, least: int = 0, most: int = INT64_MAX) -> int:
    """Give a whole number from ``least`` to ``most``; a boolean is none."""
    value = given.get(name)
    if type(value) is not int or not least <= value <= most:
        raise SyncRefused(SyncErrorCode.MALFORMED, f"{name} must be a whole number of at least {least}")
    return value


def account_id(value: Any) -> bytes:
    """Read an element of a feed row as an id; ValueError or TypeError for anything else."""
    data = bytes.fromhex(value)
    require(len(data) == ACCOUNT_ID_BYTES, "an id has 16 bytes")
    return data


def int64(value: Any) -> int:
    """Read an element of a feed row as a whole number; ValueError for anything else."""
    require(type(value) is int and fits_int64(value), "a whole number of 64 bits")
    return int(value)


def optional_text(value: Any) -> str | None:
    """Read an element of a feed row as a text or null; ValueError for anything else."""
    require(value is None or (isinstance(value, str) and is_storable(value)), "a text or null")
    return None if value is None else str(value)
