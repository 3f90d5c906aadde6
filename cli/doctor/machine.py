"""The machine itself: its SQLite and its clock."""

import sqlite3
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cli.doctor.findings import Finding, fail, ok, warn

FIXED_SQLITE = (3, 51, 3)
"""Before it, two connections that write at once can damage a file in WAL mode."""
EARLIEST_YEAR, LATEST_YEAR = 2026, 2099
MOST_APART = timedelta(minutes=5)


def check_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Finding:
    """Name the SQLite that Python brings, and what to know about an older one."""
    name = ".".join(map(str, version))
    if version >= FIXED_SQLITE:
        return ok("sqlite", f"SQLite {name}")
    fixed = ".".join(map(str, FIXED_SQLITE))
    return ok(
        "sqlite",
        f"SQLite {name}: before {fixed} two writing connections can damage a book; Loyaltill writes with one only, "
        "so let no other program write to the books",
    )


def check_clock(now: datetime, zone: ZoneInfo) -> Finding:
    """Say what time it is in the store, and whether the year can be true; ``now`` is aware."""
    local = now.astimezone(zone)
    shown = f"{local:%Y-%m-%d %H:%M} in the store's time zone {zone.key}"
    if EARLIEST_YEAR <= local.year <= LATEST_YEAR:
        return ok("clock", f"it is {shown}")
    return fail("clock", f"the clock says that it is {shown}, which cannot be", "set this machine's clock")


def check_last_entry(last_local_time: str | None, now: datetime) -> list[Finding]:
    """Compare the clock with the newest entry of the journal, ISO 8601 with its offset."""
    if last_local_time is None:
        return []
    last = datetime.fromisoformat(last_local_time)
    if last - now <= MOST_APART:
        return []
    text = f"the journal's newest entry was written at {last:%Y-%m-%d %H:%M}, which is still to come by the clock"
    return [warn("clock", text, "was the clock set back? set this machine's clock")]


def check_offset(ours: datetime, theirs: datetime) -> Finding:
    """Compare the clock with HQ's; both aware."""
    apart = ours - theirs
    seconds = abs(round(apart.total_seconds()))
    if abs(apart) <= MOST_APART:
        return ok("clock", f"it agrees with HQ's clock to {seconds} s" if seconds else "it agrees with HQ's clock")
    way = "ahead of" if apart > timedelta(0) else "behind"
    text = f"the clock is {_long(seconds)} {way} HQ's"
    return warn("clock", text, "let both machines take their time from the network")


def _long(seconds: int) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days > 1:
        return f"{days} days"
    return f"{hours} hours" if hours > 1 else f"{minutes} minutes"
