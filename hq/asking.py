"""What commands on this machine want of HQ, whether or not it runs: the book is opened, or the HQ that has it open is asked."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hq.backups import desk as backups_desk
from hq.backups.copying import copy_book
from hq.book.postgres import look_into_postgres
from hq.book.settings import Settings, read_settings
from hq.book.sqlite import look_into_sqlite
from hq.config import HqConfig
from hq.control.channel import Channel, Wanted, ask, ask_desk, find_channel
from hq.control.desks import Answer, Asked, Desk
from hq.errors import BookInUse, BookUnusable, HqError
from hq.feed.snapshot import Made, make_snapshot
from hq.server import link, open_hq
from sync.member_code import MemberCode, make_code


def make_pairing_code(config: HqConfig) -> str:
    """Make a pairing code whether or not HQ is running: the one that has the book open is asked for it.

    Raises:
        HqError: the book cannot be opened, or the HQ that has it open does not answer.
    """
    try:
        with open_hq(config) as hq:
            return hq.make_pairing_code()
    except BookInUse:
        return ask(_channel(config), Wanted.PAIRING_CODE)


def make_login_link(config: HqConfig) -> str:
    """Make a sign-in link like `make_pairing_code`."""
    try:
        with open_hq(config) as hq:
            return hq.make_login_link()
    except BookInUse:
        channel = _channel(config)
        return link(config.public_url or channel.url, ask(channel, Wanted.LOGIN_LINK))


@contextmanager
def at_desk(config: HqConfig, desk: Desk) -> Iterator[Callable[[Asked], Answer]]:
    """Give what answers questions at one desk, one after another, like `make_pairing_code`: see `hq.control.desks`."""
    with ExitStack() as stack:
        try:
            hq = stack.enter_context(open_hq(config))
        except BookInUse:
            yield partial(ask_desk, _channel(config), desk)
        else:
            yield hq.desks[desk].answer


def ask_at(config: HqConfig, desk: Desk, asked: Asked) -> Answer:
    """Ask one question at a desk, like `make_pairing_code`."""
    with at_desk(config, desk) as ask_one:
        return ask_one(asked)


def snapshot(config: HqConfig) -> Made:
    """Make a snapshot for new tills, beside an HQ that may be running.

    Raises:
        BookUnusable: there is no book, or one that no HQ of this version has opened yet.
    """
    with _beside(config) as (connection, settings):
        try:
            return make_snapshot(
                connection, config.data_dir, hq_epoch=settings.hq_epoch, signing_key=settings.signing_key
            )
        except OSError as fault:
            raise BookUnusable(f"the snapshot cannot be written in {config.data_dir}: {fault.strerror}") from fault


def member_code(config: HqConfig, card: str, minutes: int, at: datetime) -> str:
    """Make a card's code that is good from the minute of ``at`` (aware UTC) on, beside an HQ that may be running.

    Nobody is asked whether a member has the card: a till judges the code like the card.

    Raises:
        BookUnusable: there is no book, or one that no HQ of this version has opened yet.
        ValueError: it is no card number, or not 1 to 240 minutes.
    """
    code = MemberCode(card=card, issued_at=at, minutes=minutes)
    with _beside(config) as (_, settings):
        return make_code(code, Ed25519PrivateKey.from_private_bytes(settings.signing_key).sign)


@contextmanager
def _beside(config: HqConfig) -> Iterator[tuple[Connection, Settings]]:
    """Give a reader of the book, whoever writes it, and what HQ once decided."""
    reading = (
        look_into_sqlite(config.data_dir) if config.database_url is None else look_into_postgres(config.database_url)
    )
    try:
        with reading.begin() as connection:
            settings = read_settings(connection)
            if settings is None:
                raise BookUnusable("HQ was never started on this book; `loyaltill hq serve` makes it ready")
            yield connection, settings
    finally:
        reading.dispose()


def back_up(config: HqConfig, file: Path) -> Answer:
    """Copy the book to ``file`` while HQ runs or not, and note what the copy holds: see `hq.backups`.

    Raises:
        HqError: there is no SQLite book, the copy cannot be made or checked, or the HQ that runs does not answer.
    """
    if config.database_url is not None:
        raise HqError("the book is in PostgreSQL: back it up with its own tools, then say so with --external INSTANT")
    with at_desk(config, Desk.BACKUPS) as tell:
        return tell(backups_desk.asked_to_record(copy_book(config.data_dir, file)))


def note_backup(config: HqConfig, at: str) -> Answer:
    """Note a person's word that a verified backup of ``at`` exists, like `make_pairing_code`: see `hq.backups.desk`."""
    return ask_at(config, Desk.BACKUPS, {"do": "external", "at": at})


def _channel(config: HqConfig) -> Channel:
    """Find the running HQ; raises `BookInUse` when it offers no channel (a replay just starting, say)."""
    channel = find_channel(config.data_dir)
    if channel is None:
        raise BookInUse(f"another program uses the book in {config.data_dir} and takes no requests; stop it first")
    return channel
