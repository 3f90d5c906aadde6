"""What a database that serves several programs may answer instead of a commit: nothing was written, and the till comes again."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from hq.book.book import Book
from hq.book.schema import feed_head
from hq.errors import BookBusy
from hq.feed.log import head_position
from tests.hq.houses import House


class Aborted(Exception):
    """A driver's own fault, as that of PostgreSQL is."""


def give_up(book: Book, before: int, said: str) -> None:
    with book.write() as connection:
        connection.execute(update(feed_head).values(position=before + 1))
        raise OperationalError("COMMIT", {}, Aborted(said))


@pytest.mark.parametrize(
    "said",
    [
        "deadlock detected",
        "could not serialize access due to concurrent update",
        "canceling statement due to lock timeout",
    ],
)
def test_a_transaction_that_the_database_gave_up_is_asked_for_again(any_house: House, said: str) -> None:
    book = any_house.hq.book
    with book.read() as connection:
        before = head_position(connection)
    with pytest.raises(BookBusy):
        give_up(book, before, said)
    with book.write() as connection:
        assert head_position(connection) == before
