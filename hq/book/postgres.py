"""HQ's book on PostgreSQL: the same promises as on SQLite, by other means.

Writers take one advisory lock for their transaction, so that here too there is one at a time: feed positions
are then in the order of commits, and two tills that enrol one card at once are told apart. Issue for later: let
ingest of different terminals run side by side and give out positions behind it.

One HQ holds another advisory lock as long as it runs: what tills were told stands beside the book, in HQ's own folder, so a
second one would take the book for restored. Where the lock's session is cut, HQ takes it again before it reads or writes; if
another one was in meanwhile and began an epoch of its own, the first does neither any more.
"""

import select
import sys
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from hq.book.book import POOL_WAIT_S, WRITE_WAIT_S, Store
from hq.book.settings import EPOCH_SETTING
from hq.errors import BookBusy, BookInUse, BookUnusable

ONE_WRITER = 5_643_791_024_117_001
_ONE_HQ = 5_643_791_024_117_002
"""The advisory locks' numbers; any that no other program in the database uses."""
_POOL = 8
_KEPT_ALIVE: dict[str, Any] = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_ENDING_S = 2.0
"""How long the server may take to notice that an HQ was killed."""


def open_postgres(url: str) -> Store:
    """Connect to the database of ``url`` (``postgresql://...``).

    Raises:
        BookUnusable: no driver is installed or the server does not answer; never repeats the url.
        BookInUse: another HQ uses the database.
    """
    writer = _engine(url).execution_options(isolation_level="READ COMMITTED")
    reader = look_into_postgres(url)

    @event.listens_for(writer, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute(f"SET lock_timeout = {round(WRITE_WAIT_S * 1000)}")
        connection.commit()

    @event.listens_for(writer, "begin")
    def _begin(connection: Connection) -> None:
        guard.require()
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ONE_WRITER})

    @event.listens_for(reader, "begin")
    def _look(_connection: Connection) -> None:
        guard.require()

    try:
        guard = _Guard(url)
    except BookUnusable:
        reader.dispose()
        raise

    def close() -> None:
        reader.dispose()
        writer.dispose()
        guard.close()

    return Store(writer=writer, reader=reader, close=close, stay_with=guard.stay_with)


class _Guard:
    """The lock of the one HQ: a session's, so that it ends with the process, however that ends."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._turn = threading.Lock()
        self._hq_epoch: str | None = None
        self._session = self._take(_ENDING_S)

    def stay_with(self, hq_epoch: str) -> None:
        """Go on after a cut only where HQ's epoch is still this one."""
        self._hq_epoch = hq_epoch

    def require(self) -> None:
        """Make sure that the lock is still held, and take it again where its session was cut.

        Raises:
            BookBusy: another HQ has it, or had it meanwhile, or the server does not answer.
        """
        with self._turn:
            if self._is_held():
                return
            self._session.close()
            try:
                session = self._take(0)
            except BookUnusable as fault:
                raise BookBusy(str(fault)) from fault
            if self._hq_epoch is not None and self._hq_epoch != _epoch_of(session):
                session.close()
                raise BookBusy("another HQ has used the database of [hq] database_url meanwhile; start this HQ again")
            self._session = session

    def close(self) -> None:
        """Let the next HQ in."""
        self._session.close()

    def _take(self, wait_s: float) -> Any:
        import psycopg  # an extra: whoever comes here has it

        try:
            session: Any = psycopg.connect(
                "postgresql://" + self._url.partition("://")[2], autocommit=True, **_KEPT_ALIVE
            )
        except psycopg.Error as fault:
            raise _unanswered(fault) from fault
        until_s = time.monotonic() + wait_s
        while not session.execute("SELECT pg_try_advisory_lock(%s)", (_ONE_HQ,)).fetchone()[0]:
            if time.monotonic() > until_s:
                session.close()
                raise BookInUse("another HQ uses the database of [hq] database_url; stop it or set another database")
            time.sleep(0.1)
        return session

    def _is_held(self) -> bool:
        """Look whether the server has ended the session: it says nothing else to one that only waits."""
        return not self._session.closed and not _says_something(self._session.fileno())


def _epoch_of(session: Any) -> str:
    query = "SELECT value FROM setting WHERE name = %s"
    return bytes(session.execute(query, (EPOCH_SETTING,)).fetchone()[0]).decode()


def _says_something(handle: int) -> bool:
    if sys.platform == "win32":
        said = bool(select.select([handle], [], [], 0)[0])
    else:
        looking = select.poll()  # takes any number of a descriptor
        looking.register(handle, select.POLLIN)
        said = bool(looking.poll(0))
    return said


def _unanswered(fault: BaseException | None) -> BookUnusable:
    return BookUnusable(f"the database of [hq] database_url does not answer ({type(fault).__name__})")


def _engine(url: str) -> Engine:
    address = "postgresql+psycopg://" + url.partition("://")[2]
    try:
        return create_engine(
            address, pool_size=_POOL, max_overflow=0, pool_timeout=POOL_WAIT_S, pool_pre_ping=True, hide_parameters=True
        )
    except (ImportError, NoSuchModuleError) as fault:
        raise BookUnusable("PostgreSQL needs another package: pip install 'loyaltill[postgres]'") from fault


def look_into_postgres(url: str) -> Engine:
    """Read the book in the database of ``url`` beside an HQ that may be running; nothing can be written.

    Raises:
        BookUnusable: no driver is installed or the server does not answer; never repeats the url.
    """
    reader = _engine(url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with reader.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as fault:
        raise _unanswered(fault.orig) from fault
    return reader
