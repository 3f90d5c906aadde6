"""What HQ needs from outside to be repeatable: the time and randomness, as plain callables."""

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from loyalty.numbers.limits import require

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present instant as an aware UTC datetime."""

Randomness: TypeAlias = Callable[[int], bytes]
"""Gives that many random bytes; in production always `secrets.token_bytes`."""


def system_clock() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


def system_randomness(count: int) -> bytes:
    """Draw from the operating system's source for secrets."""
    return secrets.token_bytes(count)


def epoch_ms(at: datetime) -> int:
    """Give an aware instant as whole milliseconds since 1970 in UTC."""
    require(at.tzinfo is not None, "an instant must be aware")
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def date_at(at_ms: int) -> date:
    """Give the date in UTC at an instant of milliseconds since 1970."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).date()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
