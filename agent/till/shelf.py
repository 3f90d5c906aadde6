"""The programmes at hand: which one counts at an instant, and every earlier version for what was quoted or sold with it.

The file of the till's settings counts until HQ has released a programme for the store. What HQ released stands in the
book, so the till switches by itself, also without HQ and without a restart.
"""

import logging
from datetime import datetime
from pathlib import Path

from agent.book import programmes, releases
from agent.book.book import Book
from agent.config.read import read_text
from agent.config.values import StoreConfig
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.programme.schedule import Release, in_order, last_begun
from loyalty.reading.problems import BadFile

_LOG = logging.getLogger(__name__)
_Begun = tuple[tuple[datetime, Release], ...]


class Shelf:
    """Programmes by version, each read once, and the schedule of one store. Safe to use from several threads."""

    def __init__(self, book: Book, first: Path, store: StoreConfig) -> None:
        """Read the till's first programme from a file, keep its version for ever, and the store's schedule.

        Raises:
            BadFile: the file cannot be read or has faults.
        """
        source = read_text(first)
        self._book = book
        self._store = store
        self._first = read_programme(source, str(first))
        self._read: dict[str, Programme | None] = {self._first.version: self._first}
        with book.write() as writing:
            programmes.keep(writing.connection, self._first.version, source)
        self._schedule: _Begun = ()
        self.refresh()

    def refresh(self) -> None:
        """Take over what the feed brought since."""
        with self._book.read() as connection:
            known = releases.every(connection)
        self._schedule = in_order(known, self._store.id, self._store.zone)

    def at(self, instant: datetime) -> Programme:
        """Give the programme in force in this store at an instant (aware)."""
        release = last_begun(self._schedule, instant, self._is_readable)
        found = self.version(release.version) if release is not None else None
        return found or self._first

    def unreadable(self, instant: datetime) -> str | None:
        """Give a version that should count at ``instant`` or later and that this program cannot read, or None.

        The one before it goes on in its place; a newer program may read it.
        """
        now = last_begun(self._schedule, instant)
        coming = [release for begins, release in self._schedule if begins > instant]
        wanted = ([now] if now is not None else []) + coming
        return next((release.version for release in wanted if not self._is_readable(release.version)), None)

    def version(self, version: str) -> Programme | None:
        """Give one version, or None where this till never had it or cannot read it, which is logged once."""
        if version not in self._read:
            with self._book.read() as connection:
                source = programmes.find(connection, version)
            if source is None:
                return None
            self._read[version] = _read(source, version)
        return self._read[version]

    def _is_readable(self, version: str) -> bool:
        return self.version(version) is not None


def _read(source: str, version: str) -> Programme | None:
    try:
        programme = read_programme(source, f"programme {version}")
    except BadFile as fault:
        _LOG.error("a programme cannot be read by this program: %s", "; ".join(fault.lines()))
        return None
    if programme.version != version:
        _LOG.error("programme %s was sent with the source of another version, %s", version, programme.version)
        return None
    return programme
