"""What was answered to each idempotency key: stored in the commit of its effect, given again byte for byte."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from agent.book.schema import idempotency
from agent.book.statements import Prepared

_INSERT = Prepared(insert(idempotency))
_FIND = Prepared(
    select(idempotency.c.request_digest, idempotency.c.answer).where(idempotency.c.key == bindparam("key"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer given before, and the digest of the request that it answered."""

    request_digest: bytes
    answer: bytes


def find(connection: Connection, key: str) -> Answered | None:
    """Find what was answered to ``key``."""
    row = _FIND.one(connection, key=key)
    return Answered(request_digest=row[0], answer=row[1]) if row is not None else None


def keep(connection: Connection, key: str, answered: Answered) -> None:
    """Keep an answer."""
    _INSERT.run(connection, key=key, request_digest=answered.request_digest, answer=answered.answer)
