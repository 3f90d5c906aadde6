"""Timestamps as a file writes them, read on the shop's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def clock(form: str, zone: ZoneInfo) -> Callable[[str], tuple[int, int, int] | None]:
    """Make a reader of timestamps as (microseconds since 1970 UTC, offset in seconds, ordinal of the date in ``zone``).

    Receipts repeat timestamps, so it remembers some. The date is ``zone``'s also where the file writes another offset.
    A local time that a clock change skipped or repeated counts with the offset from before the change (PEP 495, fold 0).
    """

    @lru_cache(maxsize=1 << 12)
    def instant(text: str) -> tuple[int, int, int] | None:
        if not text.isascii():
            return None
        try:
            local = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
            local = local if local.tzinfo is not None else local.replace(tzinfo=zone)
            offset = local.utcoffset() or timedelta(0)
            day = local.astimezone(zone).toordinal()
            return (local - _EPOCH) // _MICROSECOND, offset // timedelta(seconds=1), day
        except (ValueError, OverflowError):
            return None

    return instant
