"""Epoch seconds as people and mailings read them."""

from datetime import datetime, tzinfo


def instant_text(seconds: int | None, zone: tzinfo) -> str:
    """Write an instant as ISO 8601 in a zone; empty for none."""
    return datetime.fromtimestamp(seconds, zone).isoformat() if seconds is not None else ""


def last_day_text(expires_at: int | None, zone: tzinfo) -> str:
    """Write the last date that begins before an end; empty for no end."""
    return datetime.fromtimestamp(expires_at - 1, zone).date().isoformat() if expires_at is not None else ""
