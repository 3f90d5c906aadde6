"""What one journal entry says, in values.

An entry has two parts. The *core* is chained, says who gained or lost which units, and carries no personal
data, so that it survives re-journaling and erasure. The *detail* is what happened at the till (basket,
identifier, operator ...); it is salted, and its digest in the core proves it until it is erased.

Source: docs/SPEC-journal.md, sections 2 and 3.
"""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.numbers.limits import MAX_UNIT, fits_int64, require

FORMAT_VERSION = 1
ENTRY_ID_BYTES = 16
ACCOUNT_ID_BYTES = 16
DIGEST_BYTES = 16
SALT_BYTES = 16
MAX_POSTINGS = 1_000
MAX_OPENS = MAX_POSTINGS
"""An entry opens only accounts that it posts to."""
MAX_REFERENCES = 2_000
MAX_LEASES = 1_000
"""Most draws on leases of one entry."""
MAX_CLOSES = 1_000
MAX_KIND = 32


class EntryKind(StrEnum):
    """What an entry records. HQ parks a kind that it does not know."""

    ENROL = "enrol"
    SALE = "sale"
    VOID = "void"
    RETURN = "return"
    ACTION = "action"
    """Something was earned without a sale: a sign-up, a feedback, a check-in."""
    EXPIRE = "expire"
    """Lots that are over, or units of somebody who stayed away, are taken off."""
    TIER = "tier"
    """A member moves to another tier; the detail says to which."""
    ISSUE = "issue"
    """Coupons or units are given without a sale."""
    ADJUST = "adjust"
    """A person corrects an account."""
    CLOSE = "close"
    """A holder gives leases back."""
    EVIDENCE = "evidence"
    """Bytes of an entry that changed on the till's disk before HQ had it; posts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Units that share one expiry.

    Attributes:
        lot_id: 16 bytes; the two dates, so that what shares them is one lot of its account (`loyalty.holding.lots.lot_of`).
        usable_at: Epoch seconds (UTC) from which the units may be spent, or None for at once.
        expires_at: Epoch seconds (UTC) from which they may not be spent any more, or None for never.
    """

    lot_id: bytes
    usable_at: int | None = None
    expires_at: int | None = None

    def __post_init__(self) -> None:
        require(len(self.lot_id) == ENTRY_ID_BYTES, "a lot id has 16 bytes")
        instants = (self.usable_at, self.expires_at)
        require(all(instant is None or fits_int64(instant) for instant in instants), "an instant must fit 64 bits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A change of one balance: ``amount`` smallest steps of ``unit`` come to (or leave) ``account``."""

    account: bytes
    unit: str
    amount: int
    lot: Lot | None = None

    def __post_init__(self) -> None:
        require(len(self.account) == ACCOUNT_ID_BYTES, "an account id has 16 bytes")
        require(1 <= len(self.unit) <= MAX_UNIT, f"a unit's id has 1 to {MAX_UNIT} characters")
        require(fits_int64(self.amount), "a posting must fit 64 bits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An account that is not a member's and that the writer had never seen: HQ makes it if it lacks it.

    Attributes:
        account: Its id, 16 bytes.
        kind: An `AccountKind`, as text since a newer till may know kinds that this program does not.
    """

    account: bytes
    kind: str

    def __post_init__(self) -> None:
        require(len(self.account) == ACCOUNT_ID_BYTES, "an account id has 16 bytes")
        require(1 <= len(self.kind) <= MAX_KIND, f"a kind has 1 to {MAX_KIND} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A pointer to an earlier entry and, for a return, to one line of it."""

    entry_id: bytes
    line: int | None = None

    def __post_init__(self) -> None:
        require(len(self.entry_id) == ENTRY_ID_BYTES, "an entry id has 16 bytes")
        require(self.line is None or (self.line >= 1 and fits_int64(self.line)), "lines count from 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseDraw:
    """What an entry takes under one lease: ``amount`` smallest steps (> 0) of the slice of ``lot_id``, or of no lot.

    Source: docs/SPEC-leases.md, section 6.
    """

    lease: bytes
    lot_id: bytes | None
    amount: int

    def __post_init__(self) -> None:
        require(len(self.lease) == ENTRY_ID_BYTES, "a lease id has 16 bytes")
        require(self.lot_id is None or len(self.lot_id) == ENTRY_ID_BYTES, "a lot id has 16 bytes")
        require(self.amount > 0 and fits_int64(self.amount), "a draw is more than nothing and fits 64 bits")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCore:
    """The chained part of an entry.

    Attributes:
        entry_id: Minted at the sale; stays the same when the entry is journaled again in a later epoch.
        kind: An `EntryKind`, as text since a newer till may write a kind that this program does not know.
        postings: What to post; empty for a sale without a member.
        references: The original entry and lines of a void or a return.
        leases: What it draws under leases.
        closes: Leases that the holder gives back, 16 bytes each.
        programme: The content address of the programme version that computed the postings, or None.
        detail_digest: `detail_digest` of the detail's bytes.
        opens: Accounts to be there before the postings are posted.
    """

    entry_id: bytes
    kind: str
    postings: tuple[Posting, ...]
    references: tuple[Reference, ...]
    programme: str | None
    detail_digest: bytes
    opens: tuple[Opened, ...] = ()
    leases: tuple[LeaseDraw, ...] = ()
    closes: tuple[bytes, ...] = ()
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        require(len(self.entry_id) == ENTRY_ID_BYTES, "an entry id has 16 bytes")
        require(1 <= len(self.kind) <= MAX_KIND, f"a kind has 1 to {MAX_KIND} characters")
        require(len(self.detail_digest) == DIGEST_BYTES, "a detail digest has 16 bytes")
        require(len(self.postings) <= MAX_POSTINGS, f"an entry has at most {MAX_POSTINGS} postings")
        require(len(self.opens) <= MAX_OPENS, f"an entry opens at most {MAX_OPENS} accounts")
        require(len(self.references) <= MAX_REFERENCES, f"an entry has at most {MAX_REFERENCES} references")
        require(len(self.leases) <= MAX_LEASES, f"an entry draws under at most {MAX_LEASES} leases")
        require(len(self.closes) <= MAX_CLOSES, f"an entry closes at most {MAX_CLOSES} leases")
        require(all(len(lease) == ENTRY_ID_BYTES for lease in self.closes), "a lease id has 16 bytes")
