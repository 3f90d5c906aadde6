"""The programmes at hand: the current one, and every earlier version for sales that were quoted or made with it."""

from pathlib import Path

from agent.book import programmes
from agent.book.book import Book
from agent.config.read import read_text
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme


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
        self._read = {self.current.version: self.current}
        with book.write() as writing:
            programmes.keep(writing.connection, self.current.version, source)

    def version(self, version: str) -> Programme | None:
        """Give one version, or None where this till never had it."""
        if version not in self._read:
            with self._book.read() as connection:
                source = programmes.find(connection, version)
            if source is None:
                return None
            self._read[version] = read_programme(source, f"programme {version}")
        return self._read[version]
