"""What a job wants written, and the ids that make it happen once."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from loyalty.journal.detail import DetailAward, DetailIssued, DetailTier, EntryDetail, Override
from loyalty.journal.entry import ENTRY_ID_BYTES, EntryKind, Opened, Posting, Reference
from loyalty.numbers.limits import require

_PERSON = b"loyaltill-job"


@dataclass(frozen=True, slots=True, kw_only=True)
class HqDraft:
    """An entry of HQ's own about to be written.

    Attributes:
        entry_id: See `job_entry_id`; one that HQ has is not written again.
        at: When it takes effect, aware, in the zone whose date is the business date.
        store: The store that it is about, or "" for none.
        currency, currency_scale: The programme's.
        programme: The version of the programme that it follows from, or None.
        member: The member whom the detail is about, or None.
        tier: Of a `tier` entry: where the member moves.
        awards: Units that rules give with it.
        issued: Coupons that it issues.
        override: Of what a person did: who, and why.
    """

    entry_id: bytes
    kind: EntryKind
    at: datetime
    currency: str
    currency_scale: int
    store: str = ""
    postings: tuple[Posting, ...] = ()
    opens: tuple[Opened, ...] = ()
    references: tuple[Reference, ...] = ()
    programme: str | None = None
    member: bytes | None = None
    tier: DetailTier | None = None
    awards: tuple[DetailAward, ...] = ()
    issued: tuple[DetailIssued, ...] = ()
    override: Override | None = None

    def __post_init__(self) -> None:
        require(len(self.entry_id) == ENTRY_ID_BYTES, "an entry id has 16 bytes")
        require(self.at.tzinfo is not None, "an instant must be aware")

    def detail(self, salt: bytes) -> EntryDetail:
        """Give the detail of the entry."""
        return EntryDetail(
            salt=salt,
            local_time=self.at.isoformat(timespec="seconds"),
            business_date=self.at.date().isoformat(),
            store=self.store,
            currency=self.currency,
            currency_scale=self.currency_scale,
            member=self.member,
            tier=self.tier,
            awards=self.awards,
            issued=self.issued,
            override=self.override,
        )


def job_entry_id(secret: bytes, job: str, subject: bytes, day: date) -> bytes:
    """Give the id of what ``job`` does to ``subject`` (an account, and what of it) on ``day``: always the same.

    ``secret`` is HQ's own, at most 64 bytes: a till that could name the entry would write one of that id first, and the job
    would take its work as done.
    """
    named = f"{job}\0{day.isoformat()}\0".encode() + subject
    return blake2b(named, digest_size=ENTRY_ID_BYTES, key=secret, person=_PERSON).digest()
