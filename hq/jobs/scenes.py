"""By which programme and clock a member is counted: those of the store where they joined."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from sqlalchemy import Connection, select

from hq.book.dialects import in_chunks
from hq.book.schema import entry, terminal
from hq.programmes import tables
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.programme.schedule import Release, in_force
from loyalty.reading.problems import BadFile

ANYWHERE = ""
"""Stands for the store of members who joined nowhere that HQ knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A store at the instant of a run.

    Attributes:
        programme: The version in force there; None before the first release, or where this program cannot read it.
        moment: The run's instant by the store's clock, and the date that it shows.
    """

    programme: Programme | None
    moment: Moment

    @property
    def zone(self) -> tzinfo:
        """The store's."""
        zone = self.moment.at.tzinfo
        assert zone is not None
        return zone


@dataclass(slots=True)
class Scenes:
    """The stores of one run: the releases and zones that HQ knew when it began."""

    at: datetime
    _releases: list[Release]
    _sources: dict[str, str]
    _zones: dict[str, tzinfo]
    _usual: tzinfo
    _found: dict[str, Scene] = field(default_factory=dict)
    _read: dict[str, Programme | None] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: Connection, at: datetime) -> "Scenes":
        """Look up what was released, and the zones that tills told; the zone of most tills is everybody else's."""
        releases = [one.release for one in tables.releases(connection) if one.is_live]
        zones: dict[str, tzinfo] = {}
        tills = tables.till_rows(connection)
        for row in tills:
            zone = tables.zone_of(row.zone)
            if zone is not None:
                zones.setdefault(row.store, zone)
        sources = {
            version: tables.source_of(connection, version) or "" for version in {one.version for one in releases}
        }
        return cls(at, releases, sources, zones, tables.usual_zone(tills) or UTC)

    def of(self, store: str) -> Scene:
        """Give the scene of a store."""
        if store not in self._found:
            zone = self._zones.get(store, self._usual)
            release = in_force(
                self._releases, store, zone, self.at, lambda version: self._programme(version) is not None
            )
            local = self.at.astimezone(zone)
            self._found[store] = Scene(
                programme=self._programme(release.version) if release is not None else None,
                moment=Moment(at=local, business_date=local.date(), store=store),
            )
        return self._found[store]

    def programmes(self) -> tuple[Programme, ...]:
        """Give every version that is in force anywhere, by version."""
        found = [self.of(store).programme for store in (*self._zones, ANYWHERE, *self._named())]
        return tuple(
            sorted({one.version: one for one in found if one is not None}.values(), key=lambda one: one.version)
        )

    def _named(self) -> set[str]:
        return {store for release in self._releases for store in release.stores}

    def _programme(self, version: str) -> Programme | None:
        if version not in self._read:
            self._read[version] = _readable(self._sources[version], version)
        return self._read[version]


@lru_cache(maxsize=64)
def _readable(source: str, version: str) -> Programme | None:
    """Read a source; every exchange with a till asks for the same few."""
    try:
        read = read_programme(source, version)
    except BadFile:  # published by a newer HQ: the version before it goes on, as at tills
        return None
    return read if read.version == version else None  # else a book that was tampered with


def home_stores(connection: Connection, members: Collection[bytes]) -> dict[bytes, str]:
    """Give the store of the terminal that enrolled each member; nothing for one whom no terminal did."""
    joined = select(entry.c.entry_id, terminal.c.store).join(terminal, terminal.c.terminal_id == entry.c.terminal_id)
    return {
        row.entry_id: row.store
        for some in in_chunks(members)
        for row in connection.execute(joined.where(entry.c.entry_id.in_(some)))
    }
