"""The programmes at hand: the current one, and every earlier version for sales that were quoted or made with it."""

import logging
from pathlib import Path

from agent.book import programmes
from agent.book.book import Book
from agent.config.read import read_text
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.reading.problems import BadFile

_LOG = logging.getLogger(__name__)


class Shelf:
    """Programmes by version, read once; the current one was checked when it was put here."""

    def __init__(self, book: Book, current: Path) -> None:
        """Read the current programme from a file and keep its version for ever.

        Raises:
            BadFile: the file cannot be read or has faults.
        """
        source = read_text(current)
        self._book = book
        self.current = read_programme(source, str(current))
        self._read: dict[str, Programme | None] = {self.current.version: self.current}
        with book.write() as writing:
            programmes.keep(writing.connection, self.current.version, source)

    def version(self, version: str) -> Programme | None:
        """Give one version, or None where this till never had it or can no longer read it, which is logged once."""
        if version not in self._read:
            with self._book.read() as connection:
                source = programmes.find(connection, version)
            if source is None:
                return None
            self._read[version] = _read(source, version)
        return self._read[version]


def _read(source: str, version: str) -> Programme | None:
    try:
        return read_programme(source, f"programme {version}")
    except BadFile as fault:
        _LOG.error("an earlier programme cannot be read any more: %s", "; ".join(fault.lines()))
        return None
