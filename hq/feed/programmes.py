"""Programmes and releases in the feed. Sources are large beside other rows, so a page holds a bounded number of them."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from hq.book.schema import programme, programme_release
from hq.feed.log import Entity
from loyalty.programme.schedule import Release, parse_effective
from sync.protocol.values import MAX_PROGRAMME_BYTES, FeedProgramme, FeedRelease, FeedRow

MOST_SOURCE_BYTES = 4 * MAX_PROGRAMME_BYTES
"""Most of a page that sources and lists of stores take; JSON doubles it at worst, and 2,000 other rows fit beside it."""


def within_bytes(connection: Connection, log: Sequence[Any]) -> Sequence[Any]:
    """Cut a page of the log where its sources and lists of stores become too many; at least one row stays."""
    sizes = {**_sizes(connection, log, Entity.PROGRAMME), **_sizes(connection, log, Entity.RELEASE)}
    total = 0
    for place, row in enumerate(log):
        total += sizes.get((row.entity, row.key), 0)
        if total > MOST_SOURCE_BYTES and place:
            return log[:place]
    return log


def programme_rows(connection: Connection, keys: list[bytes]) -> dict[bytes, FeedRow]:
    """Give versions by the keys of their rows in the log."""
    query = select(programme.c.version, programme.c.source).where(programme.c.version.in_(_versions(keys)))
    return {
        row.version.encode(): FeedProgramme(version=row.version, source=row.source) for row in connection.execute(query)
    }


def release_rows(connection: Connection, keys: list[bytes]) -> dict[bytes, FeedRow]:
    """Give releases by the keys of their rows in the log."""
    by_number = dict(zip(_numbers(keys), keys, strict=True))
    query = select(programme_release).where(programme_release.c.number.in_(by_number))
    return {
        by_number[row.number]: FeedRelease(release=release_of(row), withdrawn=row.withdrawn_at_ms is not None)
        for row in connection.execute(query)
    }


def release_of(row: Any) -> Release:
    """Read a row of the table of releases."""
    return Release(
        number=row.number,
        programme=row.programme_id,
        version=row.version,
        effective=parse_effective(row.effective),
        stores=tuple(json.loads(row.stores)),
    )


def _sizes(connection: Connection, log: Sequence[Any], entity: Entity) -> dict[tuple[int, bytes], int]:
    keys = [row.key for row in log if row.entity == entity]
    if not keys:
        return {}
    if entity is Entity.PROGRAMME:
        query = select(programme.c.version, func.length(programme.c.source) * 2)  # characters; UTF-8 has two for most
        found = connection.execute(query.where(programme.c.version.in_(_versions(keys))))
        return {(entity, version.encode()): size for version, size in found}
    by_number = dict(zip(_numbers(keys), keys, strict=True))
    query = select(programme_release.c.number, func.length(programme_release.c.stores) * 2)
    found = connection.execute(query.where(programme_release.c.number.in_(by_number)))
    return {(entity, by_number[number]): size for number, size in found}


def _versions(keys: list[bytes]) -> list[str]:
    return [key.decode() for key in keys]


def _numbers(keys: list[bytes]) -> list[int]:
    return [int.from_bytes(key, "big") for key in keys]
