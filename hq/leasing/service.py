"""The exchange: a till says what it wants, HQ grants or refuses, and tells what became of the till's leases."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from hq.book.book import Book
from hq.book.schema import lease, terminal
from hq.book.settings import Settings
from hq.jobs.scenes import Scenes
from hq.leases.tables import Kept, leases_where
from hq.leases.unheard import unheard_tills
from hq.leasing.calls import Calls
from hq.leasing.granting import Grantor
from hq.leasing.recovering import take_in
from hq.pairing.terminals import Terminal
from hq.ports import Clock, Randomness, epoch_ms
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.leases import MAX_CHANGES, Change, LeaseAnswer, LeaseRequest, WantRefused

Refused = tuple[bytes, WantRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leasing:
    """Answers tills about leases."""

    book: Book
    settings: Settings
    clock: Clock
    randomness: Randomness
    calls: Calls = field(default_factory=Calls)

    def _grantor(self) -> Grantor:
        return Grantor(seal_key=self.settings.identifier_key, randomness=self.randomness)

    def exchange(self, till: Terminal, request: LeaseRequest) -> LeaseAnswer:
        """Answer one exchange; asked again, nothing is granted twice.

        Raises:
            SyncRefused: the till names another terminal, or an epoch that HQ does not take.
            BookBusy: the book could not be written just now; nothing was.
        """
        if request.terminal != till.terminal_id:
            raise SyncRefused(SyncErrorCode.TERMINAL_MISMATCH, "the token belongs to another till")
        if request.epoch != till.epoch:
            raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"HQ takes epoch {till.epoch} of this till")
        if not request.wants and request.held is None:
            with self.book.read() as connection:
                return self._answer(connection, till, request, ())
        grantor = self._grantor()
        with self.book.write() as connection:
            if request.held is not None:
                take_in(
                    connection,
                    till,
                    request.held,
                    hq_epoch=self.settings.hq_epoch,
                    seal_key=grantor.seal_key,
                    now_ms=epoch_ms(self.clock()),
                )
            refused = self._grant(connection, till, request, grantor)
            answer = self._answer(connection, till, request, refused)
        self.calls.ring(grantor.recalled)
        return answer

    def _grant(
        self, connection: Connection, till: Terminal, request: LeaseRequest, grantor: Grantor
    ) -> tuple[Refused, ...]:
        if not request.wants:
            return ()
        if unheard_tills(connection, self.settings.hq_epoch):
            return tuple((want.request_id, WantRefused.RECOVERING) for want in request.wants)
        at = self.clock()
        own = terminal.c.terminal_id == till.terminal_id
        store = connection.execute(select(terminal.c.store).where(own)).scalar_one()
        scene = Scenes.read(connection, at).of(store)
        given = [(want, grantor.grant(connection, till, want, scene, at)) for want in request.wants]
        return tuple((want.request_id, one) for want, one in given if not isinstance(one, Kept))

    def _answer(
        self, connection: Connection, till: Terminal, request: LeaseRequest, refused: tuple[Refused, ...]
    ) -> LeaseAnswer:
        known = request.known if request.hq_epoch == self.settings.hq_epoch else 0
        own = (lease.c.terminal_id == till.terminal_id, lease.c.epoch == till.epoch, lease.c.change > known)
        found = leases_where(connection, *own, most=MAX_CHANGES + 1)
        told = found[:MAX_CHANGES]
        grantor = self._grantor()
        return LeaseAnswer(
            hq_epoch=self.settings.hq_epoch,
            changes=tuple(Change(number=kept.change, lease=grantor.sealed(kept)) for kept in told),
            upto=max((kept.change for kept in told), default=known),
            more=len(found) > len(told),
            refused=refused,
            recovering=bool(unheard_tills(connection, self.settings.hq_epoch)),
        )
