"""What commands on this machine want of HQ, whether or not it runs: the book is opened, or the HQ that has it open is asked."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from hq.access import desk as access_desk
from hq.adjusting import desk as adjustments
from hq.backups import desk as backups_desk
from hq.backups.copying import copy_book
from hq.book.postgres import open_postgres
from hq.book.settings import read_settings
from hq.book.sqlite import look_into_sqlite
from hq.config import HqConfig
from hq.control.channel import (
    Channel,
    Wanted,
    ask,
    ask_adjustment,
    ask_attention,
    ask_backups,
    ask_coupons,
    ask_jobs,
    ask_leases,
    ask_members,
    ask_programmes,
    ask_stock,
    ask_tills,
    find_channel,
)
from hq.coupons import desk as coupons_desk
from hq.errors import BookInUse, BookUnusable, HqError
from hq.feed.snapshot import Made, make_snapshot
from hq.jobs import desk as jobs_desk
from hq.leases import desk as leases_desk
from hq.members import desk as members_desk
from hq.pools import desk as pools_desk
from hq.programmes.desk import Answer, Asked, answer
from hq.reviewing import desk as reviewing_desk
from hq.server import link, open_hq


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


def ask_about_programmes(config: HqConfig, asked: Asked) -> Answer:
    """Publish, roll back, withdraw or look, like `make_pairing_code`: see `hq.programmes.desk`."""
    try:
        with open_hq(config) as hq:
            return answer(hq.programmes, asked)
    except BookInUse:
        return ask_programmes(_channel(config), asked)


def run_jobs(config: HqConfig, asked: Asked) -> Answer:
    """Run jobs, like `make_pairing_code`: see `hq.jobs.desk`."""
    try:
        with open_hq(config) as hq:
            return jobs_desk.answer(hq.jobs, asked)
    except BookInUse:
        return ask_jobs(_channel(config), asked)


def adjust(config: HqConfig, asked: Asked) -> Answer:
    """Adjust an account, like `make_pairing_code`: see `hq.adjusting.desk`."""
    try:
        with open_hq(config) as hq:
            return adjustments.answer(hq.adjusting, asked)
    except BookInUse:
        return ask_adjustment(_channel(config), asked)


def ask_about_stock(config: HqConfig, asked: Asked) -> Answer:
    """Look at stock and limits, or change stock, like `make_pairing_code`: see `hq.pools.desk`."""
    try:
        with open_hq(config) as hq:
            return pools_desk.answer(hq.stock, hq.limits, asked)
    except BookInUse:
        return ask_stock(_channel(config), asked)


def ask_about_leases(config: HqConfig, asked: Asked) -> Answer:
    """Look at leases, recall them or write them off, like `make_pairing_code`: see `hq.leases.desk`."""
    try:
        with open_hq(config) as hq:
            return leases_desk.answer(hq.leases, asked)
    except BookInUse:
        return ask_leases(_channel(config), asked)


def ask_about_members(config: HqConfig, asked: Asked) -> Answer:
    """Merge members or forget one, like `make_pairing_code`: see `hq.members.desk`."""
    try:
        with open_hq(config) as hq:
            return members_desk.answer(hq.merging, hq.erasing, asked)
    except BookInUse:
        return ask_members(_channel(config), asked)


def snapshot(config: HqConfig) -> Made:
    """Make a snapshot for new tills, beside an HQ that may be running.

    Raises:
        BookUnusable: there is no book, or one that no HQ of this version has opened yet.
    """
    reading = (
        look_into_sqlite(config.data_dir) if config.database_url is None else open_postgres(config.database_url).reader
    )
    try:
        with reading.begin() as connection:
            settings = read_settings(connection)
            if settings is None:
                raise BookUnusable("HQ was never started on this book; `loyaltill hq serve` makes it ready")
            return make_snapshot(
                connection, config.data_dir, hq_epoch=settings.hq_epoch, signing_key=settings.signing_key
            )
    except OSError as fault:
        raise BookUnusable(f"the snapshot cannot be written in {config.data_dir}: {fault.strerror}") from fault
    finally:
        reading.dispose()


def back_up(config: HqConfig, file: Path) -> Answer:
    """Copy the book to ``file`` while HQ runs or not, and note what the copy holds: see `hq.backups`.

    Raises:
        HqError: there is no SQLite book, the copy cannot be made or checked, or the HQ that runs does not answer.
    """
    if config.database_url is not None:
        raise HqError("the book is in PostgreSQL: back it up with its own tools, then say so with --external INSTANT")
    try:
        with open_hq(config) as hq:
            return backups_desk.answer(hq.backups, backups_desk.asked_to_record(copy_book(config.data_dir, file)))
    except BookInUse:
        return ask_backups(_channel(config), backups_desk.asked_to_record(copy_book(config.data_dir, file)))


def note_backup(config: HqConfig, at: str) -> Answer:
    """Note a person's word that a verified backup of ``at`` exists, like `make_pairing_code`: see `hq.backups.desk`."""
    asked = {"do": "external", "at": at}
    try:
        with open_hq(config) as hq:
            return backups_desk.answer(hq.backups, asked)
    except BookInUse:
        return ask_backups(_channel(config), asked)


@contextmanager
def ask_about_coupons(config: HqConfig) -> Iterator[Callable[[Asked], Answer]]:
    """Give what answers questions about coupons, one after another, like `make_pairing_code`: see `hq.coupons.desk`."""
    with ExitStack() as stack:
        try:
            hq = stack.enter_context(open_hq(config))
        except BookInUse:
            yield partial(ask_coupons, _channel(config))
        else:
            yield partial(coupons_desk.answer, hq.issuing, hq.coupons)


@contextmanager
def ask_about_attention(config: HqConfig) -> Iterator[Callable[[Asked], Answer]]:
    """Give what answers questions about parked entries and exceptions, like `ask_about_coupons`: see `hq.reviewing.desk`."""
    with ExitStack() as stack:
        try:
            hq = stack.enter_context(open_hq(config))
        except BookInUse:
            yield partial(ask_attention, _channel(config))
        else:
            yield partial(reviewing_desk.answer, hq.reviewing)


def ask_about_tills(config: HqConfig, asked: Asked) -> Answer:
    """List tills or shut one out, like `make_pairing_code`: see `hq.access.desk`."""
    try:
        with open_hq(config) as hq:
            return access_desk.answer(hq.tills, asked)
    except BookInUse:
        return ask_tills(_channel(config), asked)


def _channel(config: HqConfig) -> Channel:
    """Find the running HQ; raises `BookInUse` when it offers no channel (a replay just starting, say)."""
    channel = find_channel(config.data_dir)
    if channel is None:
        raise BookInUse(f"another program uses the book in {config.data_dir} and takes no requests; stop it first")
    return channel
