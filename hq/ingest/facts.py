"""What a till says of itself in its hello, kept for people and for the zones of stores."""

from sqlalchemy import Connection, select, update

from hq.attention.parking import ExceptionReason, raise_again, raise_exception
from hq.book.dialects import put_rows
from hq.book.schema import terminal, till_facts
from hq.texts import plain_text
from sync.protocol.values import TillFacts

_MOST = 64
_TEXTS = ("zone", "programme", "unreadable", "mismatch")
_NAMES = (*_TEXTS, "rolled_back")
_MOST_DIGITS = 4


def keep_facts(connection: Connection, terminal_id: bytes, facts: TillFacts, now_ms: int) -> None:
    """Note what a till says where it is news, so that a hello that says nothing new costs no fsync.

    An older till says nothing, and what it is known to have said stays.
    """
    _note_clock(connection, terminal_id, facts.clock_ahead_s, now_ms)
    said: dict[str, str | int | None] = {name: plain_text(getattr(facts, name), _MOST) for name in _TEXTS}
    said["rolled_back"] = int(facts.rolled_back)
    if said["zone"] is None and said["programme"] is None:
        return
    query = select(*(till_facts.c[name] for name in _NAMES)).where(till_facts.c.terminal_id == terminal_id)
    held = connection.execute(query).one_or_none()
    if held is None or tuple(held) != tuple(said.values()):
        row = {"terminal_id": terminal_id, **said, "told_at_ms": now_ms}
        put_rows(connection, till_facts, [row], change=(*_NAMES, "told_at_ms"))
        _note_mismatch(connection, terminal_id, facts.mismatch, now_ms)


def _note_clock(connection: Connection, terminal_id: bytes, ahead_s: int | None, now_ms: int) -> None:
    """Note whether a till's clock is off, and tell a person when that begins."""
    own = terminal.c.terminal_id == terminal_id
    before_ms = connection.execute(select(terminal.c.clock_offset_ms).where(own)).scalar_one()
    if (before_ms is None) == (ahead_s is None):
        return
    connection.execute(update(terminal).where(own).values(clock_offset_ms=None if ahead_s is None else ahead_s * 1_000))
    if ahead_s is not None:
        way = "ahead of" if ahead_s > 0 else "behind"
        note = f"the till's clock was {abs(ahead_s)} seconds {way} HQ's"
        raise_again(connection, ExceptionReason.CLOCK_OFF, place=(terminal_id, 0, 0), at_ms=now_ms, note=note)


def _note_mismatch(connection: Connection, terminal_id: bytes, bucket: str | None, now_ms: int) -> None:
    """Tell a person that a till's balances differ, once for each bucket."""
    if bucket is None:
        return
    number = int(bucket) if bucket.isascii() and bucket.isdigit() and len(bucket) < _MOST_DIGITS else 0
    raise_exception(
        connection,
        ExceptionReason.BALANCES_DIFFER,
        place=(terminal_id, 0, number),
        at_ms=now_ms,
        note=f"bucket {number} of the till's balances differs from HQ's; the till fetches it anew",
    )
