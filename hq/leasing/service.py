"""The exchange: a till says what it wants, HQ grants or refuses, and tells what became of the till's leases."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from hq.book.book import Book
from hq.book.schema import lease, terminal
from hq.book.settings import Settings
from hq.ingest.epochs import current_epoch
from hq.ingest.journals import is_level
from hq.jobs.scenes import Scenes
from hq.leases.tables import Kept, leases_where
from hq.leases.unheard import unheard_tills
from hq.leasing.calls import Calls
from hq.leasing.granting import Grantor
from hq.leasing.recovering import note_heard, take_in
from hq.pairing.terminals import Terminal
from hq.ports import Clock, Randomness, epoch_ms
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.leases import MAX_TOLD, Change, LeaseAnswer, LeaseRequest, WantRefused, told_at_once

Refused = tuple[bytes, WantRefused]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leasing:
    """Answers tills about leases.

    Attributes:
        tell: Witnesses a change of leases before a till hears of it.
        calls: Tills that wait for news.
    """

    book: Book
    settings: Settings
    clock: Clock
    randomness: Randomness
    tell: Callable[[int], None]
    calls: Calls = field(default_factory=Calls)

    def _grantor(self) -> Grantor:
        return Grantor(seal_key=self.settings.own_key, randomness=self.randomness)

    def exchange(self, till: Terminal, request: LeaseRequest) -> LeaseAnswer:
        """Answer one exchange; asked again, nothing is granted twice.

        Raises:
            SyncRefused: the till names another terminal, or an epoch that HQ does not take.
            BookBusy: the book could not be written just now; nothing was.
        """
        if request.terminal != till.terminal_id:
            raise SyncRefused(SyncErrorCode.TERMINAL_MISMATCH, "the token belongs to another till")
        if not request.wants and request.held is None:
            _require_epoch(request, till.epoch)
            with self.book.read() as connection:
                return self._told(self._answer(connection, till, request, ()))
        grantor = self._grantor()
        with self.book.write() as connection:
            _require_epoch(request, current_epoch(connection, till.terminal_id))
            if request.held is not None and self._waits_for_rights(connection, request):
                take_in(
                    connection,
                    till,
                    request.held,
                    seal_key=grantor.seal_key,
                    now_ms=epoch_ms(self.clock()),
                )
                if not request.held_more and is_level(connection, till.terminal_id, till.epoch):
                    note_heard(connection, till, self.settings.hq_epoch)
            refused = self._grant(connection, till, request, grantor)
            answer = self._answer(connection, till, request, refused)
        self.calls.ring(grantor.recalled)
        return self._told(answer)

    def _waits_for_rights(self, connection: Connection, request: LeaseRequest) -> bool:
        """Tell whether HQ wants to hear what tills hold, and the till says it to this HQ and not to one before a restore."""
        return request.hq_epoch == self.settings.hq_epoch and bool(unheard_tills(connection, self.settings.hq_epoch))

    def _told(self, answer: LeaseAnswer) -> LeaseAnswer:
        """Witness what a till is about to hear: a book from a backup knows nothing of it."""
        if answer.changes:
            self.tell(answer.upto)
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
        found = leases_where(connection, *own, most=MAX_TOLD + 1)
        told = found[: told_at_once(kept.lease for kept in found)]
        grantor = self._grantor()
        return LeaseAnswer(
            hq_epoch=self.settings.hq_epoch,
            changes=tuple(Change(number=kept.change, lease=grantor.sealed(kept)) for kept in told),
            upto=max((kept.change for kept in told), default=known),
            more=len(found) > len(told),
            refused=refused,
            recovering=bool(unheard_tills(connection, self.settings.hq_epoch)),
        )


def _require_epoch(request: LeaseRequest, epoch: int) -> None:
    """Refuse a till whose epoch has ended, perhaps since it was asked who it is: its leases are frozen."""
    if request.epoch != epoch:
        raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"HQ takes epoch {epoch} of this till")
