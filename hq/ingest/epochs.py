"""The epochs of a till's journal at HQ: a hash for a till that looks for what both share, and opening the next one.

Nothing of an old epoch is changed or removed: both branches stay as they came. Entries that come again in the new epoch keep
their ids, and each id is posted once. Source: docs/SPEC-journal.md, section 6.
"""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, and_, bindparam, func, select, update

from hq.attention.parking import HQ_ITSELF, ExceptionReason, has_open_exception, last_raised_ms, raise_exception
from hq.book.book import Book
from hq.book.dialects import insert_rows
from hq.book.schema import epoch_opening, journal_head, setting, terminal
from hq.book.settings import EPOCH_SETTING
from hq.ingest.journals import JournalHead, hash_at, read_head
from hq.ingest.signatures import require_signature, require_terminal
from hq.leases.frozen import freeze_leases
from hq.pairing.terminals import Terminal
from hq.ports import Clock, epoch_ms
from loyalty.journal.chain import first_head, head_code
from sync.protocol.epochs import EpochOpened, EpochRequest, HashAnswer, HashAsked, epoch_signing_bytes
from sync.protocol.errors import SyncErrorCode, SyncRefused

_CHANCES = 1 << 20
_EPOCH = select(terminal.c.epoch).where(terminal.c.terminal_id == bindparam("terminal")).with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class Epochs:
    """Answers what a till asks when its journal and HQ's copy differ."""

    book: Book
    clock: Clock

    def hash_at(self, till: Terminal, asked: HashAsked) -> HashAnswer:
        """Say how much HQ holds of one of the till's own epochs, and the hash there.

        Raises:
            SyncRefused: TERMINAL_MISMATCH.
        """
        require_terminal(till, asked.terminal)
        with self.book.read() as connection:
            head = _head(connection, till, asked.epoch, lock=False)
            return HashAnswer(held=head.sequence, hash=hash_at(connection, head, min(head.sequence, asked.sequence)))

    def open_epoch(self, till: Terminal, request: EpochRequest) -> EpochOpened:
        """Open a till's next epoch behind the last entry that both ends share, and say so to a person.

        The same request again gets the same answer and does nothing: its answer may have been lost.

        Raises:
            SyncRefused: TERMINAL_MISMATCH; SIGNATURE_WRONG; EPOCH_UNKNOWN with the number that would do; CHAIN_MISMATCH
                when HQ does not hold what the till calls common.
        """
        require_terminal(till, request.terminal)
        signed = epoch_signing_bytes(request)
        require_signature(till, request.signature, signed)
        digest = sha256(signed).digest()
        with self.book.write() as connection:
            current = current_epoch(connection, till.terminal_id)
            if _opened_by(connection, till.terminal_id, request.next) == digest:
                return EpochOpened(epoch=request.next)
            common = _head(connection, till, request.common_epoch, lock=True)
            self._require_sound(connection, till, request, common)
            self._tell(connection, till, request, common, current)
            self._open(connection, till, request, digest)
            freeze_leases(connection, till.terminal_id, current, epoch_ms(self.clock()))
        return EpochOpened(epoch=request.next)

    def _require_sound(
        self, connection: Connection, till: Terminal, request: EpochRequest, common: JournalHead
    ) -> None:
        free = max(_greatest(connection, till.terminal_id), _forgotten_up_to(connection)) + 1
        if request.next < max(free, request.epoch + 1):
            raise SyncRefused(SyncErrorCode.EPOCH_UNKNOWN, f"epoch {request.next} is taken", need=free)
        if request.common > common.sequence or hash_at(connection, common, request.common) != request.common_hash:
            raise SyncRefused(SyncErrorCode.CHAIN_MISMATCH, "HQ does not hold what is called common")

    def _open(self, connection: Connection, till: Terminal, request: EpochRequest, digest: bytes) -> None:
        opening = {
            "terminal_id": till.terminal_id,
            "epoch": request.next,
            "from_epoch": request.common_epoch,
            "common": request.common,
            "request_digest": digest,
            "opened_at_ms": epoch_ms(self.clock()),
        }
        insert_rows(connection, epoch_opening, [opening])
        head = {
            "terminal_id": till.terminal_id,
            "epoch": request.next,
            "sequence": 0,
            "hash": first_head(till.public_key, request.next),
            "promised": request.through,
        }
        insert_rows(connection, journal_head, [head])
        own = terminal.c.terminal_id == till.terminal_id
        connection.execute(update(terminal).where(own).values(epoch=request.next))

    def _tell(
        self, connection: Connection, till: Terminal, request: EpochRequest, common: JournalHead, current: int
    ) -> None:
        """Raise what a person should know, at the end of the epoch that is left."""
        now_ms, place = epoch_ms(self.clock()), (till.terminal_id, current, 0)
        if request.missing:
            note = (
                f"{request.missing} entries behind sequence {request.common} of epoch {request.common_epoch} are gone"
            )
            raise_exception(connection, ExceptionReason.ENTRIES_MISSING, place=place, at_ms=now_ms, note=note)
        left = _head(connection, till, current, lock=False)
        if not request.rolled_back and not _is_news(connection, request, common, left):
            return
        note = (
            f"HQ holds {common.sequence} entries of epoch {common.epoch}, head {head_code(common.hash)}; the till came from"
            f" epoch {request.epoch} with head {head_code(request.head)}; {request.common} entries are common, and"
            f" {request.through} go on in epoch {request.next}"
        )
        if has_open_exception(connection, ExceptionReason.CLONE, till.terminal_id):
            return  # two disks that both live open an epoch at each contact; one word to a person is enough
        raise_exception(connection, ExceptionReason.FORK, place=place, at_ms=now_ms, note=note)
        if request.epoch < current:
            raise_exception(connection, ExceptionReason.CLONE, place=place, at_ms=now_ms, note=note)


def _forgotten_up_to(connection: Connection) -> int:
    """Give the number up to which an HQ that was restored may have opened epochs that it forgot; 0 where it never was.

    Two disks of one till would else be given the same number, one before and one after, and their journals taken for one.
    It is the second of the restore, and a part by chance from HQ's own epoch, so that two restores have not the same.
    """
    at_ms = last_raised_ms(connection, ExceptionReason.HQ_RESTORED, HQ_ITSELF)
    if at_ms is None:
        return 0
    own = connection.execute(select(setting.c.value).where(setting.c.name == EPOCH_SETTING)).scalar_one()
    return at_ms // 1_000 * _CHANCES + int.from_bytes(sha256(own).digest()) % _CHANCES


def current_epoch(connection: Connection, terminal_id: bytes) -> int:
    """Give the epoch whose journal HQ takes, and keep others from changing it until the transaction ends."""
    found: int = connection.execute(_EPOCH, {"terminal": terminal_id}).scalar_one()
    return found


def _head(connection: Connection, till: Terminal, epoch: int, *, lock: bool) -> JournalHead:
    return read_head(connection, terminal=till.terminal_id, public_key=till.public_key, epoch=epoch, lock=lock)


def _is_news(connection: Connection, request: EpochRequest, common: JournalHead, left: JournalHead) -> bool:
    """Tell whether HQ holds anything that the till does not: not after a lost answer, and not after HQ was restored."""
    if common.sequence == request.common and (left.epoch == common.epoch or left.sequence == 0):
        return False
    opening = select(epoch_opening.c.from_epoch, epoch_opening.c.common).where(
        and_(epoch_opening.c.terminal_id == left.terminal, epoch_opening.c.epoch == left.epoch)
    )
    before = connection.execute(opening).one_or_none()
    return left.sequence > 0 or before is None or tuple(before) != (request.common_epoch, request.common)


def _opened_by(connection: Connection, terminal_id: bytes, epoch: int) -> bytes | None:
    own = and_(epoch_opening.c.terminal_id == terminal_id, epoch_opening.c.epoch == epoch)
    digest: bytes | None = connection.execute(select(epoch_opening.c.request_digest).where(own)).scalar_one_or_none()
    return digest


def _greatest(connection: Connection, terminal_id: bytes) -> int:
    """Give the greatest epoch that HQ knows of a till."""
    known = [
        connection.execute(select(func.max(table.c.epoch)).where(table.c.terminal_id == terminal_id)).scalar_one() or 0
        for table in (terminal, journal_head, epoch_opening)
    ]
    return max(known)
