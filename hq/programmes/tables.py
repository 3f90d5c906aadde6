"""Programmes, releases and stores in HQ's book."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select, update

from hq.book.dialects import insert_missing, insert_rows
from hq.book.schema import programme, programme_release, terminal, till_facts
from hq.feed.log import programme_change, record_changes, release_change
from hq.feed.programmes import release_of
from hq.pairing.terminals import TILL_ROLE
from loyalty.holding.units import Unit
from loyalty.programme.model import Programme
from loyalty.programme.schedule import Release, effective_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A version as the book holds it, without its source.

    Attributes:
        units: (scale, kind, holder) by unit.
    """

    version: str
    programme: str
    label: str
    currency: str
    currency_scale: int
    units: dict[str, tuple[int, str, str]]
    first_seen_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRelease:
    """A release as the book holds it."""

    release: Release
    note: str
    by: str
    published_at_ms: int
    withdrawn_at_ms: int | None

    @property
    def is_live(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_at_ms is None


def versions(connection: Connection) -> list[Held]:
    """Give every version, the one seen first first."""
    columns = [column for column in programme.c if column.name != "source"]
    query = select(*columns).order_by(programme.c.first_seen_at_ms, programme.c.version)
    return [
        Held(
            version=row.version,
            programme=row.programme_id,
            label=row.label,
            currency=row.currency,
            currency_scale=row.currency_scale,
            units={unit: tuple(facts) for unit, facts in json.loads(row.units).items()},
            first_seen_at_ms=row.first_seen_at_ms,
        )
        for row in connection.execute(query)
    ]


def source_of(connection: Connection, version: str) -> str | None:
    """Give a version's source."""
    query = select(programme.c.source).where(programme.c.version == version)
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def describe(version: Programme, now_ms: int) -> Held:
    """Give what the book keeps of a programme beside its source."""
    return Held(
        version=version.version,
        programme=version.id,
        label=version.label,
        currency=version.currency.code,
        currency_scale=version.currency.scale,
        units={unit.id: _facts(unit) for unit in version.units},
        first_seen_at_ms=now_ms,
    )


def _facts(unit: Unit) -> tuple[int, str, str]:
    return unit.scale, unit.kind.value, unit.holder.value


def keep_version(connection: Connection, held: Held, source: str) -> None:
    """Keep a version that the book lacks, and tell tills."""
    row = {
        "version": held.version,
        "programme_id": held.programme,
        "label": held.label,
        "source": source,
        "currency": held.currency,
        "currency_scale": held.currency_scale,
        "units": json.dumps(held.units, sort_keys=True),
        "first_seen_at_ms": held.first_seen_at_ms,
    }
    insert_missing(connection, programme, [row])
    record_changes(connection, [programme_change(held.version)])


def releases(connection: Connection) -> list[HeldRelease]:
    """Give every release in the order of publication, withdrawn ones too."""
    query = select(programme_release).order_by(programme_release.c.number)
    return [
        HeldRelease(
            release=release_of(row),
            note=row.note,
            by=row.published_by,
            published_at_ms=row.published_at_ms,
            withdrawn_at_ms=row.withdrawn_at_ms,
        )
        for row in connection.execute(query)
    ]


def next_number(connection: Connection) -> int:
    """Give the number of the next release."""
    return int(connection.execute(select(func.max(programme_release.c.number))).scalar_one() or 0) + 1


def keep_release(connection: Connection, held: HeldRelease) -> None:
    """Keep a new release, and tell tills."""
    one = held.release
    row = {
        "number": one.number,
        "programme_id": one.programme,
        "version": one.version,
        "effective": effective_text(one.effective),
        "stores": json.dumps(one.stores, ensure_ascii=False),
        "note": held.note,
        "published_by": held.by,
        "published_at_ms": held.published_at_ms,
        "withdrawn_at_ms": None,
    }
    insert_rows(connection, programme_release, [row])
    record_changes(connection, [release_change(one.number)])


def withdraw(connection: Connection, number: int, now_ms: int) -> None:
    """Note that a release was withdrawn, and tell tills."""
    own = programme_release.c.number == number
    connection.execute(update(programme_release).where(own).values(withdrawn_at_ms=now_ms))
    record_changes(connection, [release_change(number)])


_TILLS = (
    select(
        *(terminal.c[name] for name in ("terminal_id", "name", "store", "last_seen_at_ms")),
        *(till_facts.c[name] for name in ("zone", "programme", "unreadable")),
    )
    .select_from(terminal.outerjoin(till_facts, till_facts.c.terminal_id == terminal.c.terminal_id))
    .where(terminal.c.revoked_at_ms.is_(None), terminal.c.role == TILL_ROLE)
    .order_by(terminal.c.store, terminal.c.name, terminal.c.terminal_id)
)


def till_rows(connection: Connection) -> Sequence[Any]:
    """Give each till with what it said of itself, by store and name; those that were shut out are left out."""
    return connection.execute(_TILLS).all()


def usual_zone(tills: Iterable[Any]) -> ZoneInfo | None:
    """Give the zone of most of these tills, of equal ones the first by name; None where no till said one."""
    told = Counter(zone.key for row in tills if (zone := zone_of(row.zone)) is not None)
    most = min(told, key=lambda key: (-told[key], key), default=None)
    return zone_of(most)


def zone_of(name: str | None) -> ZoneInfo | None:
    """Give a zone by the name that a till said, or None for none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # no such zone here, or no name of one
        return None
