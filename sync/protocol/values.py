"""The messages of the sync protocol as values.

Sequences count from 1; a *head* is (sequence, 32-byte hash), and an empty journal has sequence 0 and ``h_0``.
"""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.programme.schedule import Release
from sync.protocol.segments import SegmentRef

PROTOCOL_MIN = 1
PROTOCOL_MAX = 1
MAX_BATCH_ENTRIES = 500
MAX_BATCH_BYTES = 4 * 1024 * 1024
"""Most bytes of one batch before compression; a till cuts its batches below it."""
MAX_FEED_ROWS = 2_000
MAX_PAGE_BYTES = 8 * 1024 * 1024
"""Most bytes of a feed page, the largest rows and members that were asked for included."""
MAX_PARKED = 1_000
"""Most parked entries of a till that a feed page names."""
MAX_WANTED = 50
"""Most members that a till asks for by name with one page; a page tells as many as fit into `MAX_FEED_ROWS` more rows."""
LAST_SECOND = 253_402_300_799
"""The last instant that a calendar has, of the year 9999, in epoch seconds."""
MAX_SEGMENTS = 32
"""Most segments that a member is in; a page of as many members as it may hold stays below its bound."""
MAX_PROGRAMME_BYTES = 256 * 1024
"""Most bytes of a programme's source in UTF-8; a feed page holds few such rows, see `hq.feed.reader`."""
MAX_RELEASE_STORES = 1_000
"""Most stores that one release names; one for more is a release for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRequest:
    """A till asks to be known by HQ with a one-time code.

    Attributes:
        code: The code that a person made at HQ and typed at the till.
        public_key: The till's raw Ed25519 public key, 32 bytes; its id follows from it.
        proof: Ed25519 signature by that key over `pairing_proof_bytes`, so that nobody pairs another's key.
        store: The store's id from the till's configuration.
        name: What people call the till.
    """

    code: str
    public_key: bytes
    proof: bytes
    store: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAnswer:
    """HQ knows the till now.

    Attributes:
        token: Bearer token for this till's requests; shown once.
        identifier_key: The merchant's key for identifier hashes (32 bytes), the same at every till.
        hq_epoch: Changes whenever HQ was restored from a backup.
        merchant: The merchant's name, for people.
        hq_key: HQ's raw Ed25519 public key, 32 bytes, by which it signs snapshots.
    """

    token: str
    identifier_key: bytes
    hq_key: bytes
    hq_epoch: str
    merchant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TillFacts:
    """What a till says of itself for people at HQ; None where it does not say, as older tills do.

    Attributes:
        zone: The IANA name of its store's time zone.
        programme: The version that it counts by.
        unreadable: The version by which it should count now or soon, and that this program cannot read.
        rolled_back: It found its book to be an old copy, and has not begun a new epoch since.
        mismatch: A bucket of balances that differed from HQ's, and has not been seen to agree since.
        clock_ahead_s: By so many seconds its clock went before HQ's at the contact before this one (below zero: behind), where
            that is more than people need not hear of.
    """

    zone: str | None = None
    programme: str | None = None
    unreadable: str | None = None
    rolled_back: bool = False
    mismatch: str | None = None
    clock_ahead_s: int | None = None


NO_FACTS = TillFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """A till says where its journal stands."""

    protocol_min: int
    protocol_max: int
    terminal: bytes
    epoch: int
    sequence: int
    head: bytes
    hq_epoch_seen: str | None
    facts: TillFacts = NO_FACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloAnswer:
    """HQ says from where to resume.

    Attributes:
        epoch: The epoch of this till whose journal HQ takes; the three values below are of it.
        resume_from: The first sequence that HQ lacks; 1 for an unknown journal.
        held_head: The hash at ``resume_from - 1`` as HQ holds it.
        durable: Entries up to there would survive the loss of HQ's machine.
        hq_time: HQ's clock, epoch milliseconds UTC; the till only notes the difference.
    """

    protocol: int
    epoch: int
    resume_from: int
    held_head: bytes
    durable: int
    hq_epoch: str
    hq_time: int
    max_batch_entries: int
    max_batch_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEntry:
    """One entry as stored and as sent: both parts verbatim."""

    core: bytes
    detail: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A run of entries of one journal, without hashes.

    Attributes:
        first: Sequence of the first entry; the last is ``first + len(entries) - 1``.
        head: The sender's hash after the last entry.
        through: The sender's own sequence when it noted that it would send this: entries up to there may depend on
            one another. Never below the last entry's.
        signature: Ed25519 by the terminal's key over `batch_signing_bytes`, 64 bytes; empty only until it is made.
    """

    terminal: bytes
    epoch: int
    first: int
    head: bytes
    through: int
    entries: tuple[SentEntry, ...]
    signature: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """HQ holds every entry up to ``acked``; those up to ``durable`` would survive the loss of its machine."""

    acked: int
    durable: int


class FeedEntity(StrEnum):
    """What a feed row is about."""

    MEMBER = "member"
    CARD = "card"
    BALANCE = "balance"
    LOT = "lot"
    PROGRAMME = "programme"
    RELEASE = "release"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMember:
    """A member as tills know it: no more than a receipt and the rules need. ``canonical`` differs after a merge.

    Attributes:
        birthday: ``MM-DD``, or None where it was not told.
        joined_on: The business date of the enrolment, ISO, or None where it is not known.
        last_visit_on: The latest business date of the member's sales that HQ knows, ISO, or None.
        segments: Ids, sorted, at most `MAX_SEGMENTS`.
        tier_until: Epoch seconds (UTC) up to which the tier is kept at least, or None.
        referrer: The member who brought this one, or None.
        home: The store where the member was last seen or else enrolled, or None where that is not known.
    """

    member: bytes
    canonical: bytes
    nickname: str | None
    tier: str | None
    language: str | None
    birthday: str | None = None
    joined_on: str | None = None
    last_visit_on: str | None = None
    segments: tuple[str, ...] = ()
    tier_until: int | None = None
    referrer: bytes | None = None
    home: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCard:
    """An identifier's keyed hash (64-bit signed) and whose it is; ``member`` None means withdrawn."""

    card_key: int
    member: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBalance:
    """HQ's posted balance of one account and unit, in smallest steps.

    Attributes:
        common: The account is no member's (a pool, a coupon, a gift card), so every till holds it.
    """

    account: bytes
    unit: str
    amount: int
    common: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLot:
    """What HQ counts as left of one lot of an account, in smallest steps; 0 for a lot that is gone.

    The balance of the account contains it. The instants are epoch seconds (UTC) or None, as in `Lot`; ``common`` is that
    of `FeedBalance`.
    """

    account: bytes
    unit: str
    lot_id: bytes
    amount: int
    usable_at: int | None = None
    expires_at: int | None = None
    common: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedProgramme:
    """One programme version's source, at most `MAX_PROGRAMME_BYTES`; it never changes."""

    version: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRelease:
    """A release, or that it was withdrawn; every till hears of every one and heeds those for its store."""

    release: Release
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedForgotten:
    """A member id that nobody is any more, and the hashes of the cards that it had: details about it are to be erased."""

    member: bytes
    cards: tuple[int, ...] = ()


FeedRow = FeedMember | FeedCard | FeedBalance | FeedLot | FeedProgramme | FeedRelease | FeedForgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A part of the feed after a cursor.

    Attributes:
        upto: The cursor to ask with next time.
        complete: Nothing is left after this page; only then may the till show what it has staged.
        applied: How far this till's own journal is posted in what a complete page shows (0 when incomplete).
        parked: Sequences up to ``applied`` that HQ holds but has not posted, ascending, at most `MAX_PARKED`: no
            balance contains them, so the till goes on counting them itself. Empty when incomplete.
        everyone: The merchant is so small that every till holds all of every member.
        unit: Whose balance a till keeps of members who are not its own, or None while there is no programme.
        told: Members of whom this page says everything, and ids that were asked for and that HQ does not know; empty when
            incomplete, at most twice `MAX_WANTED`.
        snapshot: The position of the snapshot that HQ has, or None where it has none.
        check: A bucket and HQ's checksum of the balances in it that the till holds once it shows this page: of all units
            where it holds everyone, else of ``unit``; None when incomplete.
        horizon: Tombstones up to this position are forgotten.
        segments: Files to fetch instead of rows, each beginning where the one before ends; at most `MAX_LISTED`.
    """

    hq_epoch: str
    after: int
    upto: int
    complete: bool
    applied: int
    rows: tuple[FeedRow, ...]
    parked: tuple[int, ...] = ()
    everyone: bool = True
    unit: str | None = None
    told: tuple[bytes, ...] = ()
    snapshot: int | None = None
    check: tuple[int, int] | None = None
    horizon: int = 0
    segments: tuple[SegmentRef, ...] = ()
