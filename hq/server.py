"""The one place where HQ is put together: the book opened, every service made, the server run."""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

import uvicorn

from hq.access.service import Tills
from hq.adjusting.service import Adjusting
from hq.backups.service import Backups
from hq.book.book import Book
from hq.book.migrate import upgrade
from hq.book.postgres import open_postgres
from hq.book.settings import settle
from hq.book.sqlite import make_data_dir, open_sqlite
from hq.config import HqConfig
from hq.control.channel import Channel, offered
from hq.control.desks import desks_of
from hq.coupons.issuing import Issuing
from hq.coupons.looking import Coupons
from hq.epochs.restored import settle_epoch
from hq.epochs.witness import WITNESS_FILE, Witness
from hq.errors import HqError, PortBusy
from hq.feed.chain import Segments
from hq.feed.reader import FeedReader
from hq.feed.segments import SegmentKeeper
from hq.feed.snapshot import Snapshots
from hq.ingest.epochs import Epochs
from hq.ingest.service import Ingest
from hq.jobs.service import Jobs
from hq.journaling.journal import HqJournal
from hq.leases.writing_off import WritingOff
from hq.leasing.mending import Mending
from hq.leasing.service import Leasing
from hq.members.erasing import Erasing
from hq.members.merging import Merging
from hq.overview.service import Overview
from hq.overview.values import HqTotals, MemberBalance
from hq.pairing.secrets import new_token
from hq.pairing.service import Pairing
from hq.pools.limits import Limits
from hq.pools.stock import Stock
from hq.ports import Clock, Randomness, system_clock, system_randomness
from hq.programmes.service import Programmes
from hq.reviewing.service import Reviewing
from hq.signin.service import SignIn
from hq.web.app import create_app
from hq.web.listening import PatientProtocol
from hq.web.refusals import Seldom
from hq.web.services import Services
from sync.protocol.values import MAX_FEED_ROWS

if TYPE_CHECKING:
    from fastapi import FastAPI

_BACKLOG = 128
_SERVER_LOG = "uvicorn.error"
_SELDOM = Seldom()
_START_WAIT_S = 30
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here


class Hq:
    """HQ, put together. Close it, or use it as a context, so that the next one can open the book."""

    def __init__(
        self,
        config: HqConfig,
        book: Book,
        *,
        clock: Clock,
        randomness: Randomness,
        restored: bool = False,
        page_rows: int = MAX_FEED_ROWS,
    ) -> None:
        self._witness = Witness(config.data_dir / WITNESS_FILE)
        settings = settle_epoch(
            book, settle(book, randomness), self._witness, clock=clock, randomness=randomness, declared=restored
        )
        book.stay_with(settings.hq_epoch)
        self.config = config
        self.hq_epoch = settings.hq_epoch
        self.book = book
        self.pairing = Pairing(
            book=book, settings=settings, clock=clock, randomness=randomness, merchant=config.merchant
        )
        self.backups = Backups(book=book, clock=clock)
        self.epochs = Epochs(book=book, clock=clock)
        self.journal = HqJournal(book=book, settings=settings, clock=clock, randomness=randomness)
        mending = Mending(journal=self.journal, clock=clock)
        self.ingest = Ingest(book=book, settings=settings, clock=clock, durable=config.durable, mend=mending.mend)
        self.leasing = Leasing(
            book=book, settings=settings, clock=clock, randomness=randomness, tell=self._witness.tell_leases
        )
        self.leases = WritingOff(
            book=book, clock=clock, after_days=config.write_off_after_days, ring=self.leasing.calls.ring
        )
        self.feed = FeedReader(
            book,
            hq_epoch=settings.hq_epoch,
            tell=self._witness.tell,
            everyone_up_to=config.everyone_up_to,
            page_rows=page_rows,
            snapshots=Snapshots(config.data_dir, settings.hq_epoch),
            segments=Segments(config.data_dir, settings.hq_epoch),
        )
        self.programmes = Programmes(book=book, clock=clock)
        self.segments = SegmentKeeper(book, config.data_dir, settings.hq_epoch)
        self.jobs = Jobs(book=book, journal=self.journal, clock=clock, leases=self.leases, segments=self.segments)
        self.adjusting = Adjusting(book=book, journal=self.journal, clock=clock)
        self.stock = Stock(book=book, journal=self.journal, clock=clock)
        self.limits = Limits(book=book, clock=clock)
        self.issuing = Issuing(book=book, journal=self.journal, clock=clock)
        self.coupons = Coupons(book=book, journal=self.journal, clock=clock, ring=self.leasing.calls.ring)
        self.reviewing = Reviewing(book=book, settings=settings, clock=clock)
        self.tills = Tills(book=book, clock=clock)
        self.merging = Merging(book=book, journal=self.journal, clock=clock)
        self.erasing = Erasing(book=book, settings=settings, clock=clock)
        self.sign_in = SignIn(book=book, clock=clock, randomness=randomness)
        self.overview = Overview(book=book, identifier_key=settings.identifier_key)
        self.desks = desks_of(self)
        self._control_token = new_token(randomness)

    @cached_property
    def app(self) -> "FastAPI":
        """The application for an ASGI server."""
        return create_app(
            Services(
                book=self.book,
                desks=self.desks,
                pairing=self.pairing,
                ingest=self.ingest,
                epochs=self.epochs,
                leasing=self.leasing,
                leases=self.leases,
                feed=self.feed,
                sign_in=self.sign_in,
                overview=self.overview,
                programmes=self.programmes,
                jobs=self.jobs,
                adjusting=self.adjusting,
                stock=self.stock,
                limits=self.limits,
                issuing=self.issuing,
                coupons=self.coupons,
                reviewing=self.reviewing,
                tills=self.tills,
                merchant=self.config.merchant,
                control_token=self._control_token,
                over_tls=(self.config.public_url or "").startswith("https://"),
            )
        )

    def make_pairing_code(self) -> str:
        """Make a one-time code that pairs one till within 15 minutes."""
        return self.pairing.make_code()

    def make_login_link(self, base_url: str | None = None) -> str:
        """Make a one-time link to the pages, good for 15 minutes.

        Args:
            base_url: Where HQ is reached, as `ServerThread.url`; by default the configured ``public_url``, else
                the configured host and port.
        """
        base = base_url or self.config.public_url or address(self.config.host, self.config.port)
        return link(base, self.sign_in.make_link())

    @contextmanager
    def offered_at(self, url: str) -> Iterator[None]:
        """Let commands on this machine ask the HQ served at ``url`` while the block runs."""
        with offered(self.config.data_dir, Channel(url=url, token=self._control_token)):
            yield

    def totals(self) -> HqTotals:
        """Add up everything in the book."""
        return self.overview.totals()

    def member_balance(self, who: str | bytes) -> MemberBalance | None:
        """Give what a member has, by card number (text) or member id (bytes); None for an unknown one."""
        return self.overview.member_balance(who)

    def close(self) -> None:
        """Close the book."""
        try:
            self._witness.close()
        finally:
            self.book.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_hq(
    config: HqConfig,
    *,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
    restored: bool = False,
) -> Hq:
    """Open HQ's book (made on first use, brought to this program's schema) and put HQ together.

    ``restored`` is a person's word that the whole directory was restored: see `declare_restored`.

    Raises:
        BookUnusable: the book cannot be opened; `BookInUse` and `BookNewer` are two of its kinds.
    """
    if config.database_url is None:
        store = open_sqlite(config.data_dir)
    else:
        make_data_dir(config.data_dir)
        store = open_postgres(config.database_url)
    book = Book(store)
    try:
        upgrade(book)
        return Hq(config, book, clock=clock, randomness=randomness, restored=restored)
    except BaseException:
        book.close()
        raise


def declare_restored(
    config: HqConfig, *, clock: Clock = system_clock, randomness: Randomness = system_randomness
) -> str:
    """Say that HQ was restored from a backup: tills fetch the feed anew. Gives the new epoch.

    HQ finds out by itself when only its book was restored. It cannot when the directory came back as a whole, the file
    that says what tills were told included.

    Raises:
        BookUnusable: the book cannot be opened; `BookInUse` while HQ runs.
    """
    with open_hq(config, clock=clock, randomness=randomness, restored=True) as hq:
        return hq.hq_epoch


def link(base: str, secret: str) -> str:
    """Write the address that signs a person in."""
    return f"{base}/sign-in?link={secret}"


def address(host: str, port: int) -> str:
    """Write an address as browsers and tills take it; one that means every address is written as this machine's."""
    host = _HERE.get(host, host)
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def bind(host: str, port: int) -> socket.socket:
    """Take an address to listen on; 0 lets the system choose the port.

    Raises:
        PortBusy: another program listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sets TCP_NODELAY by it
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: else two servers may share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as fault:
        listening.close()
        reason = fault.strerror or "the address cannot be used"
        raise PortBusy(f"HQ cannot listen on {host} port {port}: {reason}; set another [hq] port") from fault
    return listening


def serve(hq: Hq, *, on_start: Callable[[str], None] | None = None) -> None:
    """Serve until interrupted, on the configured address; ``on_start`` is told the address once it answers.

    Raises:
        PortBusy: the address is taken.
    """
    listening = bind(hq.config.host, hq.config.port)
    url = address(hq.config.host, listening.getsockname()[1])
    server = _Server(hq, on_start=lambda: on_start(url) if on_start else None)
    try:
        with hq.offered_at(url):
            server.run(sockets=[listening])
    finally:
        listening.close()


class ServerThread:
    """HQ served from a thread of this process, for a demo, a replay or a test; a context manager.

    Attributes:
        port: The port in use, known at once.
        url: ``http://host:port``.
    """

    def __init__(self, hq: Hq, *, host: str | None = None, port: int | None = None) -> None:
        """Take the address and start.

        Args:
            hq: Closed by its owner after `stop`.
            host: Instead of the configured host.
            port: Instead of the configured port; 0 lets the system choose.

        Raises:
            PortBusy: the address is taken.
        """
        self._socket = bind(host or hq.config.host, hq.config.port if port is None else port)
        self.port: int = self._socket.getsockname()[1]
        self.url = address(host or hq.config.host, self.port)
        self._hq = hq
        self._started = threading.Event()
        self._server = _Server(hq, on_start=self._started.set)
        self._thread = threading.Thread(target=self._run, name="loyaltill-hq", daemon=True)
        self._thread.start()
        self._started.wait(_START_WAIT_S)
        if not self._server.started:
            self.stop()
            raise HqError("HQ's server did not start")

    def stop(self) -> None:
        """Answer what is under way, then stop; may be called again."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            with self._hq.offered_at(self.url):
                asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._started.set()  # whoever waits for the start sees that there was none


class _Server(uvicorn.Server):
    """uvicorn, told to say when it has started and to log nothing of requests (addresses may hold links)."""

    def __init__(self, hq: Hq, *, on_start: Callable[[], None]) -> None:
        config = uvicorn.Config(
            hq.app,
            http=PatientProtocol,
            loop="asyncio",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=True,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=10,
            limit_concurrency=1_000,
            proxy_headers=False,
            ws="none",
        )
        super().__init__(config)
        logging.getLogger(_SERVER_LOG).addFilter(_SELDOM)
        self._on_start = on_start
        self._hang_up = hq.leasing.calls.close

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hang_up()
        await super().shutdown(sockets=sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_start()
