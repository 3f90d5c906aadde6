"""One-time pairing codes: short enough to type, good for one use within a quarter of an hour.

Wrong tries are not counted. A code has 50 random bits and an open address takes a few tries a minute, so none is
guessed in its life; a counter would only let anybody use up the codes of others.
"""

from hmac import compare_digest

from sqlalchemy import ColumnElement, Connection, and_, select, update

from hq.book.dialects import insert_rows
from hq.book.schema import pairing_code
from hq.pairing.secrets import Purpose, new_code, plain_code, secret_hash
from hq.ports import Randomness

CODE_LIFE_MS = 15 * 60 * 1000


def make_code(connection: Connection, randomness: Randomness, now_ms: int) -> str:
    """Make a code for one till; it is shown once and kept only as a hash."""
    code = new_code(randomness)
    row = {
        "code_hash": secret_hash(Purpose.PAIRING_CODE, plain_code(code)),
        "expires_at_ms": now_ms + CODE_LIFE_MS,
    }
    connection.execute(pairing_code.delete().where(pairing_code.c.expires_at_ms <= now_ms))
    insert_rows(connection, pairing_code, [row])
    return code


def find_code(connection: Connection, typed: str, now_ms: int) -> bytes | None:
    """Give the hash of the live code that was typed, or None; every live code is compared, in constant time."""
    given = secret_hash(Purpose.PAIRING_CODE, plain_code(typed))
    found = None
    for stored in connection.execute(select(pairing_code.c.code_hash).where(_live(now_ms))).scalars():
        if compare_digest(stored, given):
            found = stored
    return found


def use_code(connection: Connection, code_hash: bytes, now_ms: int) -> None:
    """Spend a code."""
    connection.execute(update(pairing_code).where(pairing_code.c.code_hash == code_hash).values(used_at_ms=now_ms))


def _live(now_ms: int) -> ColumnElement[bool]:
    return and_(pairing_code.c.expires_at_ms > now_ms, pairing_code.c.used_at_ms.is_(None))
