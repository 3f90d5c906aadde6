"""Looking into HQ's book from another process, at one instant, whether HQ runs or not. Nothing can be written."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from hq.book.migrate import newest
from hq.book.postgres import look_into_postgres
from hq.book.sqlite import look_into_sqlite
from hq.config import HqConfig
from hq.errors import BookUnusable


@contextmanager
def book_of(config: HqConfig) -> Iterator[Connection]:
    """Give a connection that sees one committed state from its first statement to its last.

    Raises:
        BookUnusable: there is no book, it does not answer, cannot be read to the end, or has another schema than this
            program knows.
    """
    if config.database_url is None:
        engine = look_into_sqlite(config.data_dir)
    else:
        engine = look_into_postgres(config.database_url)
    try:
        with engine.begin() as connection:
            _require_schema(connection)
            yield connection
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as fault:
        said = fault.orig if isinstance(fault, DBAPIError) else fault
        raise BookUnusable(f"HQ's book cannot be read ({type(said).__name__})") from fault
    finally:
        engine.dispose()


def _require_schema(connection: Connection) -> None:
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found != newest():
        raise BookUnusable("HQ's book has another schema than this program knows; start this program's HQ on it once")
