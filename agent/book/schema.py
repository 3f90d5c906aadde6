"""The tables of the book, as SQLAlchemy Core knows them. Files are made by the migrations beside this module."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

terminal = Table(
    "terminal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("identifier_key_id", LargeBinary, nullable=False),
    CheckConstraint("id = 1"),
)
"""Whose journal this is; one row."""

journal = Table(
    "journal",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("entry_id", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("receipt_number", BigInteger),
    Column("business_key", LargeBinary),
    Column("answer_key", Text),
    Column("core", LargeBinary, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    UniqueConstraint("entry_id"),
)
"""The entries, both parts as written. ``business_key`` finds a sale that a host sends again under another key;
``answer_key`` is the idempotency key that the first sending was answered under."""
Index(
    "journal_business_key",
    journal.c.business_key,
    unique=True,
    sqlite_where=journal.c.business_key.is_not(None),
)

Index("journal_enrolments", journal.c.kind, sqlite_where=journal.c.kind == "enrol")

epoch = Table(
    "epoch",
    metadata,
    Column("epoch", Integer, primary_key=True),
    Column("base", BigInteger, nullable=False),
)
"""The epochs that this journal was in. ``journal.sequence`` is the till's own position and never changes; the sequence that
HQ and receipts know is the position less the epoch's base."""

past_hash = Table(
    "past_hash",
    metadata,
    Column("sequence", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("sequence", "epoch"),
    sqlite_with_rowid=False,
)
"""The hashes that entries had in earlier epochs: a receipt that is printed again carries the code that it had."""

pending = Table(
    "pending",
    metadata,
    Column("sequence", BigInteger, nullable=False),
    Column("account", LargeBinary, nullable=False),
    Column("unit", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("lot_id", LargeBinary),
    Column("usable_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("leased", BigInteger, nullable=False, server_default=text("0")),
)
"""Postings of own entries that HQ's balances do not show yet; a lot's instants are epoch seconds. ``leased`` is how much of
what a posting takes is under leases."""
Index(
    "pending_account",
    pending.c.account,
    pending.c.unit,
    pending.c.lot_id,
    pending.c.amount,
    pending.c.usable_at,
    pending.c.expires_at,
)  # everything that is summed: a pool of the programme may have thousands of postings while HQ is away
Index("pending_sequence", pending.c.sequence)


def _balances(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("account", LargeBinary, nullable=False),
        Column("unit", Text, nullable=False),
        Column("amount", BigInteger, nullable=False),
        PrimaryKeyConstraint("account", "unit"),
        sqlite_with_rowid=False,
    )


posted = _balances("posted")
"""Balances as HQ posted them."""


def _lots(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("account", LargeBinary, nullable=False),
        Column("unit", Text, nullable=False),
        Column("lot_id", LargeBinary, nullable=False),
        Column("amount", BigInteger, nullable=False),
        Column("usable_at", BigInteger),
        Column("expires_at", BigInteger),
        PrimaryKeyConstraint("account", "unit", "lot_id"),
        sqlite_with_rowid=False,
    )


posted_lot = _lots("posted_lot")
"""What is left of each lot, as HQ posted it; ``posted`` contains it too."""

member = Table(
    "member",
    metadata,
    Column("member", LargeBinary, primary_key=True),
    Column("canonical", LargeBinary),
    Column("nickname", Text),
    Column("tier", Text),
    Column("language", Text),
    Column("birthday", Text),
    Column("joined_on", BigInteger),
    Column("last_visit_on", BigInteger),
    Column("segments", Text),
    Column("tier_until", BigInteger),
    Column("referrer", LargeBinary),
    Column("home", Text),
    Column("seen_on", BigInteger),
    sqlite_with_rowid=False,
)
"""Members of whom this till holds everything; ``canonical`` is another member after a merge, else NULL. ``birthday`` is MM-DD,
dates are days as `date.toordinal` counts them, ``segments`` a list in JSON, ``tier_until`` epoch seconds. ``home`` is the store that HQ
says, no letters where it knows none, NULL while it has not said a word of the member; ``seen_on``, of a member of another store, the day since which the till has not seen it."""

card = Table(
    "card",
    metadata,
    Column("card_key", Integer, primary_key=True),
    Column("member", LargeBinary, nullable=False),
)
"""Keyed hashes of card numbers and whose they are."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What was answered to each idempotency key, byte for byte."""

returned = Table(
    "returned",
    metadata,
    Column("sale", BigInteger, ForeignKey("journal.sequence"), nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    PrimaryKeyConstraint("sale", "line"),
    sqlite_with_rowid=False,
)
"""How much of each line of a sale came back so far."""

voided = Table(
    "voided",
    metadata,
    Column("sale", Integer, ForeignKey("journal.sequence"), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
"""Sales that were undone as a whole, and by which entry."""

print_job = Table(
    "print_job",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sequence", BigInteger, ForeignKey("journal.sequence")),
    Column("state", Text, nullable=False),
    Column("copies", BigInteger, nullable=False, server_default=text("0")),
    Column("fault", Text),
    Column("queued_at", BigInteger, nullable=False, server_default=text("0")),
    Column("printer", Text),
    Column("paper", Text, nullable=False, server_default=text("'slip'")),
    Column("place", BigInteger, nullable=False, server_default=text("0")),
    Column("about", Text),
    Column("content", Text),
)
"""Papers that the agent prints: queued (since when, in seconds), sent, confirmed or unknown, and by which printer. ``paper`` names
its template, ``place`` which of the entry's papers of that kind it is, from 1, or 0. A report is about no entry, so
it has no ``sequence``: ``about`` says which one it is, and ``content``, in JSON, what it says."""
Index("print_job_state", print_job.c.state, print_job.c.id)
Index("print_job_sequence", print_job.c.sequence)

programme = Table(
    "programme",
    metadata,
    Column("version", Text, primary_key=True),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Every programme version that this till ever used; none is deleted, since entries name them."""

sync_state = Table(
    "sync_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hq_epoch", Text),
    Column("acked", BigInteger, nullable=False, server_default=text("0")),
    Column("durable", BigInteger, nullable=False, server_default=text("0")),
    Column("sent_through", BigInteger, nullable=False, server_default=text("0")),
    Column("feed_epoch", Text),
    Column("feed_cursor", BigInteger, nullable=False, server_default=text("0")),
    Column("as_of", Text),
    Column("feed_whole", BigInteger, nullable=False, server_default=text("0")),
    Column("pruned", BigInteger, nullable=False, server_default=text("0")),
    Column("pruned_hash", LargeBinary),
    Column("rolled_back", BigInteger, nullable=False, server_default=text("0")),
    Column("lease_epoch", Text),
    Column("leases_known", BigInteger, nullable=False, server_default=text("0")),
    Column("feed_since", BigInteger, nullable=False, server_default=text("0")),
    Column("feed_purge", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("id = 1"),
)
"""How far HQ is; one row. Of what is shown, or staged from the feed's beginning, no tombstone up to ``feed_since`` is missing;
``feed_purge`` is 1 while cards are shown that HQ may have withdrawn without a word left of it. ``as_of`` is the instant of the last complete feed, ISO 8601 UTC. ``feed_whole`` is 1 while what
is staged began at the feed's beginning, so that it is all that HQ has. Entries up to ``pruned`` were removed, and the hash after
them is ``pruned_hash``. ``rolled_back`` is 1 from when the book was found to be an old copy until HQ has opened an epoch."""

stage_member = Table(
    "stage_member",
    metadata,
    Column("member", LargeBinary, primary_key=True),
    Column("canonical", LargeBinary),
    Column("nickname", Text),
    Column("tier", Text),
    Column("language", Text),
    Column("birthday", Text),
    Column("joined_on", BigInteger),
    Column("last_visit_on", BigInteger),
    Column("segments", Text),
    Column("tier_until", BigInteger),
    Column("referrer", LargeBinary),
    Column("home", Text),
    sqlite_with_rowid=False,
)
"""Members of the feed that came but are not shown yet, since the feed is not complete."""

stage_card = Table(
    "stage_card",
    metadata,
    Column("card_key", Integer, primary_key=True),
    Column("member", LargeBinary),
)
"""Cards of the feed that are not shown yet; no member means withdrawn."""

stage_balance = _balances("stage_balance")
"""Balances of the feed that are not shown yet; takes the name ``posted`` when the feed is from its beginning."""

replaced_balance = _balances("replaced_balance")
"""Balances that a whole feed replaced, until they are removed; nothing reads them."""

stage_lot = _lots("stage_lot")
"""Lots of the feed that are not shown yet; nothing left of one means that it is gone."""

replaced_lot = _lots("replaced_lot")
"""Lots that a whole feed replaced, until they are removed; nothing reads them."""

programme_release = Table(
    "programme_release",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("programme", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("effective", Text, nullable=False),
    Column("stores", Text, nullable=False),
)
"""What HQ released, for every store, less what was withdrawn. ``effective`` is a date (the store's midnight) or an instant,
ISO 8601; ``stores`` is a list in JSON, and an empty one means all."""

stage_release = Table(
    "stage_release",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("programme", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("effective", Text, nullable=False),
    Column("stores", Text, nullable=False),
    Column("withdrawn", BigInteger, nullable=False),
)
"""Releases of the feed that do not count yet; a withdrawn one goes when the rest is shown."""

lease = Table(
    "lease",
    metadata,
    Column("lease_id", LargeBinary, primary_key=True),
    Column("request_id", LargeBinary, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("account", LargeBinary, nullable=False),
    Column("unit", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Leases that HQ granted to this till; one that ended stays as ``gone``. ``expires_at`` is in epoch seconds."""
Index("lease_account", lease.c.account, lease.c.unit)
Index("lease_state", lease.c.state, lease.c.expires_at)

lease_slice = Table(
    "lease_slice",
    metadata,
    Column("lease_id", LargeBinary, ForeignKey("lease.lease_id"), nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("lot_id", LargeBinary),
    Column("usable_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("amount", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    PrimaryKeyConstraint("lease_id", "place"),
    CheckConstraint("spent >= 0 AND spent <= amount"),
    sqlite_with_rowid=False,
)
"""What each lease covers of each lot, and what of it is spent: never more (I2)."""

hold = Table(
    "hold",
    metadata,
    Column("hold_id", LargeBinary, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("view", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Sales that are not paid yet: ``view`` is what each was computed from, in JSON."""

held = Table(
    "held",
    metadata,
    Column("hold_id", LargeBinary, ForeignKey("hold.hold_id"), nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("account", LargeBinary, nullable=False),
    Column("unit", Text, nullable=False),
    Column("lot_id", LargeBinary),
    Column("lease_id", LargeBinary),
    Column("amount", BigInteger, nullable=False),
    Column("own", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("hold_id", "place"),
    sqlite_with_rowid=False,
)
"""What each hold sets aside; ``own`` of it are units that were never sent, of which nobody else knows."""
Index("held_account", held.c.account)

floor_use = Table(
    "floor_use",
    metadata,
    Column("sequence", BigInteger, nullable=False),
    Column("account", LargeBinary, nullable=False),
    Column("business_date", Text, nullable=False),
    Column("worth_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("sequence", "account"),
    sqlite_with_rowid=False,
)
"""What entries gave beyond the till's rights, in minor units of money."""
Index("floor_use_date", floor_use.c.business_date)

held_floor = Table(
    "held_floor",
    metadata,
    Column("hold_id", LargeBinary, ForeignKey("hold.hold_id"), nullable=False),
    Column("account", LargeBinary, nullable=False),
    Column("worth_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("hold_id", "account"),
    sqlite_with_rowid=False,
)
"""What holds will give beyond the till's rights, in minor units of money."""

visitor = Table(
    "visitor",
    metadata,
    Column("member", LargeBinary, primary_key=True),
    Column("visited_on", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Members who bought at this till, and on which business date last: for them the till asks for leases."""
Index("visitor_date", visitor.c.visited_on)


def _base(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("member", LargeBinary, primary_key=True),
        Column("canonical", LargeBinary),
        Column("tier", Text),
        Column("amount", BigInteger),
        sqlite_with_rowid=False,
    )


def _base_card(name: str) -> Table:
    return Table(name, metadata, Column("card_key", Integer, primary_key=True), Column("member", LargeBinary))


base, stage_base = _base("base"), _base("stage_base")
"""What changed of other members since the file that ``reach`` names; what is NULL is as the file says. A tier of no letters
is none."""
base_card, stage_base_card = _base_card("base_card"), _base_card("stage_base_card")
"""Cards of other members that changed since the file; no member means withdrawn."""


def _names(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("member", LargeBinary, primary_key=True),
        Column("scanned", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


wanted, stage_told = _names("wanted"), _names("stage_told")
"""Members of whom the till asks HQ for everything, and those that HQ has told but that are not shown yet; ``scanned`` is 1
where a scan is why."""

reach = Table(
    "reach",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("everyone", BigInteger, nullable=False, server_default=text("1")),
    Column("unit", Text),
    Column("file", Text),
    Column("stage_unit", Text),
    Column("stage_file", Text),
    Column("swept_on", Text),
    Column("mismatch", BigInteger),
    Column("mismatched_on", Text),
    CheckConstraint("id = 1"),
)
"""How much this till holds of other members; one row. ``everyone``: all of everyone, so there are no others. ``unit`` is the
one whose balance ``base`` holds, ``file`` the file beside the book that it stands on, ``swept_on`` the day on which members
who stayed away were last given up. ``mismatch`` is a bucket of balances that differed from HQ's and has not agreed since;
``mismatched_on`` is the day on which everything was last fetched anew for one."""

refetch = Table(
    "refetch",
    metadata,
    Column("bucket", Integer, primary_key=True),
    Column("day", Text, nullable=False),
    Column("first", LargeBinary),
)
"""Buckets that were fetched alone since they differed from HQ's, on which day; one row goes on a later day on which the bucket agrees.
``first`` is the account to go on with, NULL once all have come; at most one is under way."""

forgetting = Table(
    "forgetting",
    metadata,
    Column("member", LargeBinary, primary_key=True),
    Column("cards", Text, nullable=False),
    Column("looked", BigInteger, nullable=False, server_default=text("0")),
    Column("upto", BigInteger),
    sqlite_with_rowid=False,
)
"""Members who are forgotten: own entries up to ``looked`` were seen to, and ``upto`` is the last that can be about them, NULL before
the first look. ``cards`` are hashes of their cards, a list in JSON."""
