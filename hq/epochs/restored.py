"""Deciding whether the book was restored from a backup, and what follows: a new epoch and a word to a person."""

from dataclasses import replace

from sqlalchemy import Connection, func, select, update

from hq.attention.parking import HQ_ITSELF, ExceptionReason, raise_exception
from hq.book.book import Book
from hq.book.schema import exception, setting
from hq.book.settings import EPOCH_BYTES, EPOCH_SETTING, Settings
from hq.epochs.witness import Told, Witness
from hq.feed.log import head_position
from hq.leases.tables import last_change
from hq.ports import Clock, Randomness, epoch_ms


def settle_epoch(
    book: Book, settings: Settings, witness: Witness, *, clock: Clock, randomness: Randomness, declared: bool = False
) -> Settings:
    """Give the settings with the epoch that holds from now on, and let the witness go on from the book.

    The epoch changes when the book lies behind what tills were told, belongs to another epoch than they were told, or
    when nothing says any more what they were told; then tills fetch the feed from its beginning. ``declared`` is a
    person's word that HQ was restored, which nothing can show when the witness was restored as well.
    """
    with book.read() as connection:
        position, leases = head_position(connection), last_change(connection)
    told = witness.read()
    if declared or not _follows(told, settings.hq_epoch, position, leases):
        settings = replace(settings, hq_epoch=randomness(EPOCH_BYTES).hex())
        with book.write() as connection:
            _note(connection, settings.hq_epoch, told, position, now_ms=epoch_ms(clock()))
    witness.begin(Told(hq_epoch=settings.hq_epoch, position=position, leases=leases))
    return settings


def _follows(told: Told | None, hq_epoch: str, position: int, leases: int) -> bool:
    """Tell whether the book goes on from what tills were told; no till has a cursor in an empty feed, or a lease of it."""
    if told is None:
        return position == 0
    return told.hq_epoch == hq_epoch and told.position <= position and told.leases <= leases


def _note(connection: Connection, hq_epoch: str, told: Told | None, position: int, *, now_ms: int) -> None:
    own = setting.c.name == EPOCH_SETTING
    connection.execute(update(setting).where(own).values(value=hq_epoch.encode()))
    restored = exception.c.reason == ExceptionReason.HQ_RESTORED.value
    number = connection.execute(select(func.count()).select_from(exception).where(restored)).scalar_one() + 1
    raise_exception(
        connection,
        ExceptionReason.HQ_RESTORED,
        place=(HQ_ITSELF, 0, number),
        at_ms=now_ms,
        note=f"the feed stands at {position}; tills were told up to {told.position if told else 'an unknown position'}",
    )
