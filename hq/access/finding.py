"""Finding a till by what a person calls it: its name, or the beginning of its id."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from hq.book.schema import terminal
from hq.pairing.terminals import TILL_ROLE
from loyalty.refusals import Refusal, RefusalCode

LEAST_PREFIX = 4
"""Fewest digits of an id that count as one."""
MAX_SAID = 64
_MOST_NAMED = 10


def find_tills(connection: Connection, said: str, *, everyone: bool = False) -> Sequence[Any] | Refusal:
    """Give the rows of the tills that are meant, at least one: all with this name, or all whose id begins so.

    Args:
        connection: In a transaction.
        said: What the person typed.
        everyone: HQ's own terminal counts too.
    """
    said = said.strip()
    query = select(terminal).order_by(terminal.c.store, terminal.c.name, terminal.c.terminal_id)
    if not everyone:
        query = query.where(terminal.c.role == TILL_ROLE)
    named = connection.execute(query.where(terminal.c.name == said)).all()
    if named:
        return named
    prefix = _prefix(said)
    begun = [row for row in connection.execute(query) if row.terminal_id.hex().startswith(prefix)] if prefix else []
    return begun or Refusal(code=RefusalCode.BAD_REQUEST, field="till", detail=_unknown(said))


def find_till(connection: Connection, said: str) -> Any | Refusal:
    """Give the row of the one till that is meant."""
    found = find_tills(connection, said)
    if isinstance(found, Refusal) or len(found) == 1:
        return found if isinstance(found, Refusal) else found[0]
    some = ", ".join(f"{row.terminal_id.hex()[:12]} ({row.name} in {row.store})" for row in found[:_MOST_NAMED])
    return Refusal(
        code=RefusalCode.BAD_REQUEST,
        field="till",
        detail=f"that may be any of {len(found)}: {some}; give more of its id",
    )


def _prefix(said: str) -> str | None:
    digits = said.lower()
    return digits if LEAST_PREFIX <= len(digits) <= 32 and set(digits) <= set("0123456789abcdef") else None


def _unknown(said: str) -> str:
    return (
        f'HQ knows no till with the name "{said[:MAX_SAID]}", nor one whose id begins so; see: loyaltill hq till list'
    )
