"""Bringing a book to the schema of this program, whichever earlier program made it."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from hq.book.book import Book
from hq.errors import BookNewer

NEWEST = "head"


def upgrade(book: Book) -> None:
    """Run the migrations that the book lacks, all in one transaction.

    Raises:
        BookNewer: a newer program has changed the book.
    """
    with book.write() as connection:
        try:
            command.upgrade(_config(connection), NEWEST)
        except CommandError as fault:
            raise BookNewer("the book was made by a newer HQ than this one; install that one or a later one") from fault


def newest() -> str:
    """Name the schema that this program knows."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    return head or ""


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", "hq.book:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
