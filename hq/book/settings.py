"""What HQ decides once, on its first start, and keeps: its epoch and the merchant's identifier key."""

from dataclasses import dataclass

from sqlalchemy import select

from hq.book.book import Book
from hq.book.dialects import insert_missing
from hq.book.schema import feed_head, setting
from hq.ports import Randomness
from loyalty.cards import IDENTIFIER_KEY_BYTES

EPOCH_BYTES = 8
EPOCH_SETTING = "hq_epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was decided.

    Attributes:
        hq_epoch: Changes whenever HQ is restored from a backup, so that tills notice: see `hq.epochs`.
        identifier_key: The merchant's key for the hashes of cards, 32 bytes.
    """

    hq_epoch: str
    identifier_key: bytes


def settle(book: Book, randomness: Randomness) -> Settings:
    """Give the settings, deciding them if this is a new book."""
    fresh = {
        EPOCH_SETTING: randomness(EPOCH_BYTES).hex().encode(),
        "identifier_key": randomness(IDENTIFIER_KEY_BYTES),
    }
    with book.write() as connection:
        insert_missing(connection, setting, [{"name": name, "value": value} for name, value in fresh.items()])
        insert_missing(connection, feed_head, [{"id": 1, "position": 0}])
        kept = {row.name: row.value for row in connection.execute(select(setting.c.name, setting.c.value))}
    return Settings(hq_epoch=kept[EPOCH_SETTING].decode(), identifier_key=kept["identifier_key"])
