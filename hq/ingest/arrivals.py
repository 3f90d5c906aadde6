"""What arrived, read as far as it can be read. Pure.

An entry that cannot be read is still an entry: it has its place in the chain and its bytes are kept. So reading
never raises here; it says what is the matter.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from hq.attention.parking import Place
from hq.ports import date_at, epoch_ms
from loyalty.journal.chain import next_head
from loyalty.journal.codec import decode_core, decode_detail, detail_digest
from loyalty.journal.detail import EntryDetail
from loyalty.journal.entry import MAX_KIND, EntryCore, EntryKind
from loyalty.journal.shapes import MalformedEntry
from loyalty.numbers.limits import MAX_UNIT, is_storable
from sync.protocol.values import SentEntry

CLOCK_AHEAD_MS = 5 * 60 * 1000
"""An entry takes effect at most this much after HQ received it, whatever the till's clock says."""
_KINDS = frozenset(EntryKind)
_MEMBER, _MEMBER_DIGITS = b'"member":"', 32
_BUSINESS_DATE, _DATE_LETTERS = b'"business_date":"', 10
_TRAINING = b'"training":true'
_DAY_MS = 86_400_000
_LOCAL_TIME = re.compile(rb'"local_time":"([0-9TZ:.+-]{1,40})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One entry of a batch at its place in the journal.

    Attributes:
        received_ms: When HQ received it, milliseconds since 1970 in UTC.
        hash: The chain's hash after this entry, as HQ computed it.
        core: What the core says, or None where it is not readable.
        detail_proven: The detail is the one that the core vouches for.
        claimed_ms: When the till's clock said it happened, 1970 at the earliest, or None where that is not readable.
        business_date: As an ISO date, at most the day after HQ received the entry; None for an unreadable one.
        visitor: The member of a sale that is no exercise, or None.
        erased: The detail was erased; nobody reads it, and it is nobody's fault.
    """

    terminal: bytes
    epoch: int
    sequence: int
    received_ms: int
    sent: SentEntry
    hash: bytes
    core: EntryCore | None
    detail_proven: bool
    claimed_ms: int | None
    business_date: str | None
    visitor: bytes | None
    erased: bool = False

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.terminal, self.epoch, self.sequence

    @property
    def detail(self) -> EntryDetail | None:
        """What the detail says; None where it is not readable or not the one that the core vouches for."""
        try:
            return decode_detail(self.sent.detail) if self.detail_proven else None
        except MalformedEntry:
            return None

    @property
    def kind_known(self) -> bool:
        """Whether this program knows what such an entry means."""
        return self.core is not None and self.core.kind in _KINDS

    def effective_ms(self) -> int:
        """When it takes effect: as claimed, but not after `CLOCK_AHEAD_MS` past receiving it."""
        if self.claimed_ms is None:
            return self.received_ms
        return min(self.claimed_ms, self.received_ms + CLOCK_AHEAD_MS)


def chain(head: bytes, entries: tuple[SentEntry, ...]) -> list[bytes]:
    """Give the hash after each entry, going on from ``head``."""
    hashes = []
    for entry in entries:
        head = next_head(head, entry.core)
        hashes.append(head)
    return hashes


def read_arrived(place: Place, sent: SentEntry, *, hash_after: bytes, received_ms: int) -> Arrived:
    """Read one entry as far as it goes."""
    terminal, epoch, sequence = place
    core = _read_core(sent.core)
    proven = core is not None and core.detail_digest == detail_digest(sent.detail)
    return Arrived(
        terminal=terminal,
        epoch=epoch,
        sequence=sequence,
        received_ms=received_ms,
        sent=sent,
        hash=hash_after,
        core=core,
        detail_proven=proven,
        claimed_ms=_read_local_time(sent.detail) if proven else None,
        business_date=_read_business_date(sent.detail, received_ms) if proven else None,
        visitor=_read_visitor(sent.detail) if proven and core is not None and core.kind == EntryKind.SALE else None,
    )


def _read_core(data: bytes) -> EntryCore | None:
    try:
        core = decode_core(data)
    except MalformedEntry:
        return None
    storable = all(_storable(posting.unit, MAX_UNIT) for posting in core.postings)
    return core if storable and all(_storable(opened.kind, MAX_KIND) for opened in core.opens) else None


def _storable(text: str, most: int) -> bool:
    return is_storable(text, most) and text.isprintable()


def _read_business_date(detail: bytes, received_ms: int) -> str | None:
    said = _text_after(detail, _BUSINESS_DATE, _DATE_LETTERS)
    return None if said is None else _at_most(said, date_at(received_ms + _DAY_MS))


@lru_cache(maxsize=64)
def _at_most(said: bytes, latest: date) -> str | None:
    try:
        return min(date.fromisoformat(said.decode("ascii")), latest).isoformat()
    except ValueError:
        return None


def _read_visitor(detail: bytes) -> bytes | None:
    digits = _text_after(detail, _MEMBER, _MEMBER_DIGITS) if _TRAINING not in detail else None
    try:
        return None if digits is None else bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return None


def _text_after(detail: bytes, mark: bytes, letters: int) -> bytes | None:
    """Give the text that a field of the detail begins with; found, not read, as the local time is."""
    at = detail.find(mark)
    return None if at < 0 else detail[at + len(mark) : at + len(mark) + letters]


def _read_local_time(detail: bytes) -> int | None:
    """Find the till's time without reading all of a long basket: no other field of a detail has this name."""
    found = _LOCAL_TIME.search(detail)
    if found is None:
        return None
    try:
        return max(0, epoch_ms(datetime.fromisoformat(found.group(1).decode("ascii"))))
    except (ValueError, OverflowError):
        return None
