"""One-time pairing codes: short enough to type, dead after a quarter of an hour, one use or a few wrong tries."""

from hmac import compare_digest

from sqlalchemy import ColumnElement, Connection, and_, select, update

from hq.book.dialects import insert_rows
from hq.book.schema import pairing_code
from hq.pairing.secrets import Purpose, new_code, plain_code, secret_hash
from hq.ports import Randomness

CODE_LIFE_MS = 15 * 60 * 1000
TRIES = 5


def make_code(connection: Connection, randomness: Randomness, now_ms: int) -> str:
    """Make a code for one till; it is shown once and kept only as a hash."""
    code = new_code(randomness)
    row = {
        "code_hash": secret_hash(Purpose.PAIRING_CODE, plain_code(code)),
        "expires_at_ms": now_ms + CODE_LIFE_MS,
        "tries_left": TRIES,
    }
    connection.execute(pairing_code.delete().where(pairing_code.c.expires_at_ms <= now_ms))
    insert_rows(connection, pairing_code, [row])
    return code


def find_code(connection: Connection, typed: str, now_ms: int) -> bytes | None:
    """Give the hash of the live code that was typed, or None.

    Every live code is compared, in constant time, and a wrong one costs each of them a try: a guesser cannot
    say which code the guess was for.
    """
    given = secret_hash(Purpose.PAIRING_CODE, plain_code(typed))
    found = None
    for stored in connection.execute(select(pairing_code.c.code_hash).where(_live(now_ms))).scalars():
        if compare_digest(stored, given):
            found = stored
    return found


def count_wrong_try(connection: Connection, now_ms: int) -> None:
    """Take one try from every live code."""
    fewer = {"tries_left": pairing_code.c.tries_left - 1}
    connection.execute(update(pairing_code).where(_live(now_ms)).values(fewer))


def use_code(connection: Connection, code_hash: bytes, now_ms: int) -> None:
    """Spend a code."""
    connection.execute(update(pairing_code).where(pairing_code.c.code_hash == code_hash).values(used_at_ms=now_ms))


def _live(now_ms: int) -> ColumnElement[bool]:
    return and_(
        pairing_code.c.expires_at_ms > now_ms, pairing_code.c.tries_left > 0, pairing_code.c.used_at_ms.is_(None)
    )
