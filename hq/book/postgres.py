"""HQ's book on PostgreSQL: the same promises as on SQLite, by other means.

Writers take one advisory lock for their transaction, so that here too there is one at a time: feed positions
are then in the order of commits, and two tills that enrol one card at once are told apart. Issue for later: let
ingest of different terminals run side by side and give out positions behind it.
"""

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from hq.book.book import POOL_WAIT_S, Store
from hq.errors import BookUnusable

_ONE_WRITER = 5_643_791_024_117_001
"""The advisory lock's number; any that no other program in the database uses."""
_POOL = 8


def open_postgres(url: str) -> Store:
    """Connect to the database of ``url`` (``postgresql://...``).

    Raises:
        BookUnusable: no driver is installed or the server does not answer; never repeats the url.
    """
    writer = _engine(url)
    reader = _engine(url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @event.listens_for(writer, "begin")
    def _begin(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ONE_WRITER})

    try:
        with reader.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as fault:
        raise BookUnusable(
            f"the database of [hq] database_url does not answer ({type(fault.orig).__name__})"
        ) from fault

    def close() -> None:
        reader.dispose()
        writer.dispose()

    return Store(writer=writer, reader=reader, close=close)


def _engine(url: str) -> Engine:
    address = "postgresql+psycopg://" + url.partition("://")[2]
    try:
        return create_engine(
            address, pool_size=_POOL, max_overflow=0, pool_timeout=POOL_WAIT_S, pool_pre_ping=True, hide_parameters=True
        )
    except (ImportError, NoSuchModuleError) as fault:
        raise BookUnusable("PostgreSQL needs another package: pip install 'loyaltill[postgres]'") from fault


def look_into_postgres(url: str) -> Engine:
    """Read the book in the database of ``url`` beside an HQ that may be running; nothing can be written."""
    return _engine(url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
