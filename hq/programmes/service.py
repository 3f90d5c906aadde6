"""Publishing a programme, rolling it back, withdrawing a release, and looking at all of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from hq.book.book import Book
from hq.ports import Clock, epoch_ms
from hq.programmes import tables
from hq.programmes.refusals import RefusedCode, ReleaseRefused
from hq.programmes.rules import (
    Zones,
    check_continuity,
    check_order,
    check_stores,
    doubts,
    has_begun,
    idle_days,
    in_force_at,
    meet,
    stores_text,
)
from hq.programmes.tables import Held, HeldRelease
from hq.programmes.values import (
    MAX_BY,
    MAX_NOTE,
    History,
    Published,
    ReleaseRow,
    Stage,
    TillProgramme,
    VersionRow,
    When,
)
from hq.texts import plain_text
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.programme.schedule import Effective, Release, in_force
from sync.protocol.values import MAX_PROGRAMME_BYTES, MAX_RELEASE_STORES

LEAST_PREFIX = 4
"""Digits of a version that name it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programmes:
    """HQ's programmes. Each change is one transaction, in which tills are told of it too."""

    book: Book
    clock: Clock

    def publish(self, source: str, name: str, when: When) -> Published:
        """Release a programme from its source; the same content is the same version, however often it comes.

        Args:
            source: The TOML text.
            name: What problems call the file.
            when: Where and when it begins.

        Raises:
            BadFile: the source has faults; it carries all of them.
            ReleaseRefused: the source is too large, balances would mean something else, a store is not known, or it
                would begin out of order.
        """
        if len(source.encode("utf-8", "replace")) > MAX_PROGRAMME_BYTES:
            raise ReleaseRefused(
                RefusedCode.TOO_LARGE, f"{name}: a programme has at most {MAX_PROGRAMME_BYTES:,} bytes"
            )
        now = self.clock()
        programme = read_programme(source, name)
        version = tables.describe(programme, epoch_ms(now))
        with self.book.write() as connection:
            said = _release(connection, version, when, now, source=source)
        return replace(said, warnings=said.warnings + idle_days(programme, said.row.release.effective))

    def rollback(self, to: str | None, when: When) -> Published:
        """Release an earlier version anew.

        Args:
            to: A version, its first digits or its label; None for the one that was published before the one in force.
            when: Where and when it begins.

        Raises:
            ReleaseRefused: no such version, more than one, or nothing earlier; else as `publish`.
        """
        now = self.clock()
        with self.book.write() as connection:
            held = tables.versions(connection)
            version = _named(held, to) if to is not None else _earlier(connection, held, when, now)
            return _release(connection, version, when, now)

    def withdraw(self, number: int) -> ReleaseRow:
        """Take back a release that has not begun in any of its stores; one that was withdrawn stays so.

        Raises:
            ReleaseRefused: UNKNOWN_RELEASE, or BEGUN.
        """
        now = self.clock()
        with self.book.write() as connection:
            found = next((one for one in tables.releases(connection) if one.release.number == number), None)
            if found is None:
                raise ReleaseRefused(RefusedCode.UNKNOWN_RELEASE, f"there is no release {number}")
            if found.is_live and has_begun(found.release, _zones(connection), now):
                said = (
                    f"release {number} has begun in {stores_text(found.release)}; roll back to another version instead"
                )
                raise ReleaseRefused(RefusedCode.BEGUN, said)
            if found.is_live:
                tables.withdraw(connection, number, epoch_ms(now))
            return _row(connection, number, now)

    def history(self) -> History:
        """Give releases, versions and tills from one snapshot."""
        now = self.clock()
        with self.book.read() as connection:
            held = tables.versions(connection)
            return History(
                releases=_rows(connection, held, now),
                versions=tuple(_version_row(one) for one in reversed(held)),
                tills=_tills(connection, held, now),
            )

    def in_force(self, store: str, at: datetime) -> Programme | None:
        """Give the programme by which a store should count at an instant (aware), or None before the first release.

        Raises:
            BadFile: this program cannot read a version that an earlier HQ published.
        """
        with self.book.read() as connection:
            live = [one.release for one in tables.releases(connection) if one.is_live]
            found = in_force(live, store, _zones(connection).get(store, UTC), at)
            source = tables.source_of(connection, found.version) if found is not None else None
        return read_programme(source, f"programme {found.version}") if found is not None and source else None

    def source(self, version: str) -> str | None:
        """Give the source of a version (its full id) as it was first published, or None for an unknown one."""
        with self.book.read() as connection:
            return tables.source_of(connection, version)

    def find(self, named: str) -> str:
        """Give the full id of a version that a person names by its first digits or its label.

        Raises:
            ReleaseRefused: UNKNOWN_VERSION or AMBIGUOUS.
        """
        with self.book.read() as connection:
            return _named(tables.versions(connection), named).version


def _release(
    connection: Connection, version: Held, when: When, now: datetime, *, source: str | None = None
) -> Published:
    zones, held = _zones(connection), tables.releases(connection)
    live = [one.release for one in held if one.is_live]
    if len(when.stores) > MAX_RELEASE_STORES:
        raise ReleaseRefused(RefusedCode.BAD_REQUEST, f"a release names at most {MAX_RELEASE_STORES} stores")
    if not when.new_store:
        check_stores(when.stores, {row.store for row in tables.till_rows(connection)})
    released = {one.version for one in live}
    known = [one for one in tables.versions(connection) if one.version in released]
    check_continuity(version, known)
    new = Release(
        number=tables.next_number(connection),
        programme=version.programme,
        version=version.version,
        effective=when.effective if when.effective is not None else now.replace(microsecond=0),
        stores=tuple(sorted(set(when.stores))),
    )
    same = _same(new, live, zones)
    if same is not None:
        return Published(row=_row(connection, same.number, now), fresh=False)
    if not when.out_of_order:
        check_order(new, live, zones, now)
    if source is not None:
        tables.keep_version(connection, version, source)
    note, by = plain_text(when.note, MAX_NOTE) or "", plain_text(when.by, MAX_BY) or ""
    kept = HeldRelease(release=new, note=note, by=by, published_at_ms=epoch_ms(now), withdrawn_at_ms=None)
    tables.keep_release(connection, kept)
    return Published(row=_row(connection, new.number, now), fresh=True, warnings=doubts(version, known))


def _same(new: Release, live: Sequence[Release], zones: Zones) -> Release | None:
    """Find the release that says already what a new one would: the last one of these stores, in force by then."""
    last = next((one for one in reversed(live) if meet(one, new)), None)
    if last is None or (last.version, last.stores) != (new.version, new.stores):
        return None
    return last if in_force_at(new.effective, new.stores, live, zones) == {new.version} else None


def _zones(connection: Connection) -> Zones:
    found: Zones = {}
    for row in tables.till_rows(connection):
        zone = tables.zone_of(row.zone)
        if zone is not None:
            found.setdefault(row.store, zone)
    return found


def _named(held: Sequence[Held], named: str) -> Held:
    digits = named.lower()
    found = [one for one in held if one.label == named]
    if len(digits) >= LEAST_PREFIX:
        found += [one for one in held if one.version.startswith(digits) and one not in found]
    if not found:
        raise ReleaseRefused(
            RefusedCode.UNKNOWN_VERSION,
            f'no published version has the label or begins with "{named}"; see loyaltill programme history',
        )
    if len(found) > 1:
        listed = ", ".join(f'{one.version[:12]} ("{one.label}")' for one in found)
        raise ReleaseRefused(RefusedCode.AMBIGUOUS, f'"{named}" is more than one version: {listed}; name one')
    return found[0]


def _earlier(connection: Connection, held: Sequence[Held], when: When, now: datetime) -> Held:
    """Give the version that these stores had before the one in force, by the order of first release."""
    live = [one.release for one in tables.releases(connection) if one.is_live]
    effective: Effective = when.effective if when.effective is not None else now
    present = in_force_at(effective, when.stores, live, _zones(connection))
    if len(present) != 1:
        said = "these stores do not all count by the same version; say --to, or name --stores"
        raise ReleaseRefused(RefusedCode.AMBIGUOUS, said)
    asked = Release(number=1, programme="?", version="?", effective=effective, stores=when.stores)
    order = list(dict.fromkeys(one.version for one in live if meet(one, asked)))
    (current,) = present
    place = order.index(current) if current in order else 0
    if place == 0:
        said = "no earlier version was released there; say --to for another one"
        raise ReleaseRefused(RefusedCode.NOTHING_EARLIER, said)
    return next(one for one in held if one.version == order[place - 1])


def _row(connection: Connection, number: int, now: datetime) -> ReleaseRow:
    rows = _rows(connection, tables.versions(connection), now)
    return next(row for row in rows if row.release.number == number)


def _rows(connection: Connection, held: Sequence[Held], now: datetime) -> tuple[ReleaseRow, ...]:
    labels, zones = {one.version: one.label for one in held}, _zones(connection)
    rows: list[ReleaseRow] = []
    newest = ""
    for one in tables.releases(connection):
        seen = [row.release.version for row in rows if row.withdrawn_at is None]
        rows.append(
            ReleaseRow(
                release=one.release,
                label=labels[one.release.version],
                note=one.note,
                by=one.by,
                published_at=_instant(one.published_at_ms),
                withdrawn_at=_instant(one.withdrawn_at_ms) if one.withdrawn_at_ms is not None else None,
                stage=_stage(one, zones, now),
                back=one.release.version in seen and one.release.version != newest,
            )
        )
        newest = one.release.version if one.is_live and one.release.version not in seen else newest
    return tuple(reversed(rows))


def _stage(one: HeldRelease, zones: Zones, now: datetime) -> Stage:
    if not one.is_live:
        return Stage.WITHDRAWN
    return Stage.BEGUN if has_begun(one.release, zones, now) else Stage.PLANNED


def _version_row(one: Held) -> VersionRow:
    return VersionRow(
        version=one.version,
        programme=one.programme,
        label=one.label,
        first_seen_at=_instant(one.first_seen_at_ms),
    )


def _tills(connection: Connection, held: Sequence[Held], now: datetime) -> tuple[TillProgramme, ...]:
    labels = {one.version: one.label for one in held}
    live = [one.release for one in tables.releases(connection) if one.is_live]
    expected: dict[tuple[str, str | None], Release | None] = {}

    def told(row: Any) -> TillProgramme:
        place = (row.store, row.zone)
        if place not in expected:
            expected[place] = in_force(live, row.store, tables.zone_of(row.zone) or UTC, now)
        wanted = expected[place]
        return TillProgramme(
            terminal_id=row.terminal_id,
            name=row.name,
            store=row.store,
            programme=row.programme,
            label=labels.get(row.programme),
            expected=wanted.version if wanted is not None else None,
            unreadable=row.unreadable,
            seen_at=_instant(row.last_seen_at_ms) if row.last_seen_at_ms is not None else None,
        )

    return tuple(told(row) for row in tables.till_rows(connection))


def _instant(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)
