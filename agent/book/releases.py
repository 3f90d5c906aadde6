"""HQ's releases of programmes in the book: staged with the feed, shown with it, read by the shelf."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select, text

from agent.book import programmes
from agent.book.schema import programme_release
from agent.book.statements import Prepared
from loyalty.programme.schedule import Release, effective_text, parse_effective
from sync.protocol.values import FeedProgramme, FeedRelease

_STAGE = Prepared(
    text(
        "INSERT OR REPLACE INTO stage_release (number, programme, version, effective, stores, withdrawn)"
        " VALUES (:number, :programme, :version, :effective, :stores, :withdrawn)"
    )
)
_SHOW = (
    Prepared(
        text(
            "INSERT OR REPLACE INTO programme_release (number, programme, version, effective, stores)"
            " SELECT number, programme, version, effective, stores FROM stage_release WHERE NOT withdrawn"
        )
    ),
    Prepared(text("DELETE FROM programme_release WHERE number IN (SELECT number FROM stage_release WHERE withdrawn)")),
    Prepared(text("DELETE FROM stage_release")),
)
_FORGET = Prepared(text("DELETE FROM programme_release"))
_CLEAR = Prepared(text("DELETE FROM stage_release"))
_HAS_STAGED = Prepared(text("SELECT EXISTS (SELECT 1 FROM stage_release)"))
_HAS_ANY = Prepared(text("SELECT EXISTS (SELECT 1 FROM programme_release)"))
_EVERY = Prepared(select(programme_release).order_by(programme_release.c.number))


def stage(connection: Connection, rows: Sequence[FeedProgramme | FeedRelease]) -> None:
    """Stage releases; sources are kept at once and for ever, since nothing counts by them before a release is shown."""
    for row in rows:
        if isinstance(row, FeedProgramme):
            programmes.keep(connection, row.version, row.source)
            continue
        _STAGE.run(
            connection,
            number=row.release.number,
            programme=row.release.programme,
            version=row.release.version,
            effective=effective_text(row.release.effective),
            stores=json.dumps(row.release.stores, ensure_ascii=False),
            withdrawn=int(row.withdrawn),
        )


def show(connection: Connection, *, whole: bool) -> None:
    """Make what is staged count; a feed from its beginning replaces every release."""
    if whole:
        _FORGET.run(connection)
    for statement in _SHOW:
        statement.run(connection)


def clear(connection: Connection) -> None:
    """Forget what is staged."""
    _CLEAR.run(connection)


def is_staged(connection: Connection) -> bool:
    """Tell whether something is staged."""
    return bool(_HAS_STAGED.scalar(connection))


def has_any(connection: Connection) -> bool:
    """Tell whether HQ has released anything."""
    return bool(_HAS_ANY.scalar(connection))


def every(connection: Connection) -> tuple[Release, ...]:
    """Give all releases, for every store, by number."""
    return tuple(
        Release(
            number=number,
            programme=programme,
            version=version,
            effective=parse_effective(effective),
            stores=tuple(json.loads(stores)),
        )
        for number, programme, version, effective, stores in _EVERY.rows(connection)
    )
