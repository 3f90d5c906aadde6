"""Every programme version that this till ever used, by content address."""

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from agent.book.schema import programme
from agent.book.statements import Prepared

_KEEP = Prepared(insert(programme).on_conflict_do_nothing())
_FIND = Prepared(select(programme.c.source).where(programme.c.version == bindparam("version")))


def keep(connection: Connection, version: str, source: str) -> None:
    """Keep a version's source; the same version is kept once."""
    _KEEP.run(connection, version=version, source=source)


def find(connection: Connection, version: str) -> str | None:
    """Give the source of a version."""
    found: str | None = _FIND.scalar(connection, version=version)
    return found
