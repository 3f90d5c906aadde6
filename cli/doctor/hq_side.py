"""HQ on this machine: its folder or database, its book, and its port."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cli.doctor.disk import check_folder
from cli.doctor.findings import Finding, fail, ok
from cli.doctor.ports import check_port
from cli.locks import address, is_held
from hq.book.sqlite import BOOK_FILE, LOCK_FILE
from hq.config import HqConfig
from hq.errors import HqError

ABOUT = "hq book"


def check_hq(config: HqConfig) -> list[Finding]:
    """Look at HQ's own side; makes and changes nothing."""
    runs = is_held(config.data_dir / LOCK_FILE)
    port = check_port("hq port", config.host, config.port, owner="HQ", owner_runs=runs)
    if config.database_url is not None:
        return [_check_postgres(config.database_url), port]
    said = [ok(ABOUT, f"HQ is running on {config.data_dir}")] if runs else []
    return [*check_folder("hq folder", config.data_dir), *said, _check_book(config.data_dir / BOOK_FILE, runs), port]


def _check_book(path: Path, in_use: bool) -> Finding:
    from hq.book.migrate import newest

    if not path.exists():
        return ok(ABOUT, f"there is no book in {path.parent} yet; the first start makes it")
    try:
        with closing(sqlite3.connect(address(path, in_use=in_use), uri=True, timeout=5)) as connection:
            held = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as fault:
        return fail(ABOUT, f"{path} cannot be read as HQ's book: {fault}", "keep it, and restore a copy")
    if held is None or not str(held[0]) <= newest():
        return fail(ABOUT, f"{path} was written by a newer HQ than this one", "install that version or a later one")
    earlier = "" if held[0] == newest() else "; the next start brings it to this version"
    return ok(ABOUT, f"{path} opens{earlier}")


def _check_postgres(url: str) -> Finding:
    from hq.book.postgres import look_into_postgres

    try:
        look_into_postgres(url).dispose()
    except HqError as fault:
        return fail(ABOUT, str(fault), "check that the database runs and that HQ's user may use it")
    return ok(ABOUT, "the database answers")
