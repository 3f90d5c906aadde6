"""What HQ decides once, on its first start, and keeps: its epoch and its keys."""

from dataclasses import dataclass
from hashlib import blake2b

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from hq.book.book import Book
from hq.book.dialects import insert_missing
from hq.book.schema import feed_head, setting
from hq.ports import Randomness
from loyalty.cards import IDENTIFIER_KEY_BYTES

EPOCH_BYTES = 8
SIGNING_KEY_BYTES = 32
OWN_KEY_BYTES = 32
_OWN_KEY = b"loyaltill hq own"
EPOCH_SETTING = "hq_epoch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was decided.

    Attributes:
        hq_epoch: Changes whenever HQ is restored from a backup, so that tills notice: see `hq.epochs`.
        identifier_key: The merchant's key for the hashes of cards, 32 bytes.
        signing_key: The private part of the Ed25519 key by which HQ signs snapshots and member codes, 32
            bytes.
    """

    hq_epoch: str
    identifier_key: bytes
    signing_key: bytes

    @property
    def public_key(self) -> bytes:
        """What tills verify HQ's signatures with, 32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.signing_key).public_key().public_bytes_raw()

    @property
    def own_key(self) -> bytes:
        """What HQ tells nobody, 32 bytes. It follows from the signing key, so that every backup has it.

        By it HQ knows the leases that it granted, and names what it does so that nobody can name it first.
        """
        return blake2b(self.signing_key, digest_size=OWN_KEY_BYTES, person=_OWN_KEY).digest()


def settle(book: Book, randomness: Randomness) -> Settings:
    """Give the settings, deciding them if this is a new book."""
    fresh = {
        EPOCH_SETTING: randomness(EPOCH_BYTES).hex().encode(),
        "identifier_key": randomness(IDENTIFIER_KEY_BYTES),
        "signing_key": randomness(SIGNING_KEY_BYTES),
    }
    with book.write() as connection:
        insert_missing(connection, setting, [{"name": name, "value": value} for name, value in fresh.items()])
        insert_missing(connection, feed_head, [{"id": 1, "position": 0}])
        kept = {row.name: row.value for row in connection.execute(select(setting.c.name, setting.c.value))}
    return _settings(kept)


def read_settings(connection: Connection) -> Settings | None:
    """Give the settings of a book that an HQ has opened before, or None."""
    kept = {row.name: row.value for row in connection.execute(select(setting.c.name, setting.c.value))}
    return _settings(kept) if "signing_key" in kept else None


def _settings(kept: dict[str, bytes]) -> Settings:
    return Settings(
        hq_epoch=kept[EPOCH_SETTING].decode(),
        identifier_key=kept["identifier_key"],
        signing_key=kept["signing_key"],
    )
