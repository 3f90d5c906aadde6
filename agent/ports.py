"""What the till needs from outside to be repeatable: the time and new identifiers."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present instant as an aware UTC datetime."""

Mint: TypeAlias = Callable[[], bytes]
"""Gives 16 new bytes for an entry id or a salt; in production always random."""


def system_clock() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


def system_mint() -> bytes:
    """Draw 16 bytes from the operating system's source for secrets."""
    return secrets.token_bytes(16)
