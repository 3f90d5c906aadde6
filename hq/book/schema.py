"""The tables of HQ's book, the same on SQLite and PostgreSQL.

Ids and keys are bytes, amounts are 64-bit integers in smallest steps, instants are milliseconds since 1970 in
UTC (``_at_ms``). Nothing in ``journal`` is ever changed, but that a detail is erased. What follows from journals (accounts, ledger, balances,
feed) is written in the transaction that stores the entries. Keys of ``ledger`` and ``balance`` start with the
account, so that they can be distributed later.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

_BROUGHT = text("referrer IS NOT NULL")
_MERGED = text("canonical_id <> account_id")

setting = Table(
    "setting",
    metadata,
    Column("name", String(64), nullable=False),
    Column("value", LargeBinary, nullable=False),
    PrimaryKeyConstraint("name"),
)

terminal = Table(
    "terminal",
    metadata,
    Column("terminal_id", LargeBinary(16), nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("epoch", BigInteger, nullable=False),  # the epoch whose journal HQ takes
    Column("store", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("token_hash", LargeBinary(32), nullable=False),
    Column("paired_at_ms", BigInteger, nullable=False),
    Column("last_seen_at_ms", BigInteger),
    Column("revoked_at_ms", BigInteger),
    Column("clock_offset_ms", BigInteger),  # by so much the till's clock goes before HQ's, where that is too much
    Column("role", String(8), server_default="till", nullable=False),  # "hq" for the one that HQ itself is
    Column("lost_at_ms", BigInteger),  # a person said then that what it has not sent will never come
    PrimaryKeyConstraint("terminal_id"),
    UniqueConstraint("token_hash"),
)

journal = Table(
    "journal",
    metadata,
    Column("terminal_id", LargeBinary(16), ForeignKey("terminal.terminal_id"), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("core", LargeBinary, nullable=False),  # both parts verbatim, as the till wrote them
    Column("detail", LargeBinary, nullable=False),  # empty: erased
    Column("received_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("terminal_id", "epoch", "sequence"),
)

journal_head = Table(
    "journal_head",
    metadata,
    Column("terminal_id", LargeBinary(16), ForeignKey("terminal.terminal_id"), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("promised", BigInteger, server_default="0", nullable=False),  # the till said that so much is on its way
    PrimaryKeyConstraint("terminal_id", "epoch"),
)

# Every epoch after a till's first one: how it came to be.
epoch_opening = Table(
    "epoch_opening",
    metadata,
    Column("terminal_id", LargeBinary(16), ForeignKey("terminal.terminal_id"), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("from_epoch", BigInteger, nullable=False),  # whose journal both ends share,
    Column("common", BigInteger, nullable=False),  # up to this sequence
    Column("request_digest", LargeBinary(32), nullable=False),  # the same request again gets the same answer
    Column("opened_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("terminal_id", "epoch"),
)

# How much of each journal the newest verified backup holds: that much is durable.
backed_up = Table(
    "backed_up",
    metadata,
    Column("terminal_id", LargeBinary(16), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("terminal_id", "epoch"),
)

# Where each entry id was first seen. Apart from the journal, since a till that journals again in a new epoch
# brings the same ids once more, and HQ stores both and posts one.
entry = Table(
    "entry",
    metadata,
    Column("entry_id", LargeBinary(16), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("terminal_id", LargeBinary(16), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("claimed_at_ms", BigInteger),  # what the till's clock said, if readable
    Column("effective_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("entry_id"),
    sqlite_with_rowid=False,
)

member = Table(
    "member",
    metadata,
    Column("member_id", LargeBinary(16), nullable=False),
    Column("canonical_id", LargeBinary(16), nullable=False),  # differs after a merge
    Column("nickname", String(200)),
    Column("language", String(16)),
    Column("tier", String(64)),
    Column("joined_at_ms", BigInteger, nullable=False),
    Column("birthday", String(5)),  # MM-DD
    Column("joined_on", String(10)),  # business dates are ISO texts, which sort as they follow each other
    Column("last_visit_on", String(10)),
    Column("segments", Text),  # a JSON list of ids, sorted
    Column("tier_until_s", BigInteger),
    Column("referrer", LargeBinary(16)),
    Column("home", String(64)),  # the store where the member was last seen, or else enrolled
    Column("tier_at_ms", BigInteger),  # when the last move to a tier took effect
    PrimaryKeyConstraint("member_id"),
    Index("ix_member_joined", "joined_at_ms", "member_id"),
    Index("ix_member_home", "home", "member_id"),
    Index("ix_member_referrer", "referrer", sqlite_where=_BROUGHT, postgresql_where=_BROUGHT),
    sqlite_with_rowid=False,
)

card = Table(
    "card",
    metadata,
    Column("card_key", BigInteger, nullable=False, autoincrement=False),  # the keyed hash; the number is not here
    Column("member_id", LargeBinary(16), ForeignKey("member.member_id")),  # NULL: withdrawn
    Column("last_four", String(4), nullable=False),
    PrimaryKeyConstraint("card_key"),
    Index("ix_card_member", "member_id"),
)

account = Table(
    "account",
    metadata,
    Column("account_id", LargeBinary(16), nullable=False),
    Column("canonical_id", LargeBinary(16), nullable=False),  # postings to an alias go here
    Column("kind", String(32), server_default="member", nullable=False),  # else as the entry says that opened it
    PrimaryKeyConstraint("account_id"),
    Index("ix_account_alias", "canonical_id", sqlite_where=_MERGED, postgresql_where=_MERGED),
    sqlite_with_rowid=False,
)

ledger = Table(
    "ledger",
    metadata,
    Column("account_id", LargeBinary(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("entry_id", LargeBinary(16), nullable=False),
    Column("line", Integer, nullable=False),  # which posting of the entry, from 0
    Column("kind", String(32), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("lot_id", LargeBinary(16)),
    Column("usable_at_s", BigInteger),
    Column("expires_at_s", BigInteger),
    Column("effective_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "unit", "entry_id", "line"),
    sqlite_with_rowid=False,
)

balance = Table(
    "balance",
    metadata,
    Column("account_id", LargeBinary(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "unit"),
    sqlite_with_rowid=False,
)

# What is left of each lot; a lot of which nothing is left has no row. `balance` contains it too.
lot = Table(
    "lot",
    metadata,
    Column("account_id", LargeBinary(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("lot_id", LargeBinary(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("usable_at_s", BigInteger),
    Column("expires_at_s", BigInteger),
    PrimaryKeyConstraint("account_id", "unit", "lot_id"),
    Index("ix_lot_expires", "expires_at_s"),
    sqlite_with_rowid=False,
)

parked = Table(
    "parked",
    metadata,
    Column("terminal_id", LargeBinary(16), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("entry_id", LargeBinary(16)),  # NULL: not readable
    Column("reason", String(32), nullable=False),
    Column("waits_for", LargeBinary(16)),  # the account without which it cannot be posted
    Column("state", String(16), nullable=False),
    Column("parked_at_ms", BigInteger, nullable=False),
    Column("settled_at_ms", BigInteger),
    Column("settled_by", String(64)),  # NULL: it was posted
    Column("settled_note", Text),
    PrimaryKeyConstraint("terminal_id", "epoch", "sequence"),
    Index("ix_parked_state", "state", "waits_for"),
)

exception = Table(
    "exception",
    metadata,
    Column("terminal_id", LargeBinary(16), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("entry_id", LargeBinary(16)),
    Column("note", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("raised_at_ms", BigInteger, nullable=False),
    Column("settled_at_ms", BigInteger),
    Column("settled_by", String(64)),
    Column("settled_note", Text),
    PrimaryKeyConstraint("terminal_id", "epoch", "sequence", "reason"),
    Index("ix_exception_state", "state", "raised_at_ms"),
)

# The latest-value log: each thing that tills know stands here once, at the position of its last change. What it
# is now, the reader takes from its own table.
feed = Table(
    "feed",
    metadata,
    Column("entity", SmallInteger, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("position", BigInteger, nullable=False),
    PrimaryKeyConstraint("entity", "key"),
    UniqueConstraint("position"),
    sqlite_with_rowid=False,
)

feed_head = Table(
    "feed_head",
    metadata,
    Column("id", SmallInteger, nullable=False, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("horizon", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("id"),
)
# Tombstones up to ``horizon`` are forgotten.

# Where the log stood on past days, so that a tombstone's age is known.
feed_mark = Table(
    "feed_mark",
    metadata,
    Column("position", BigInteger, nullable=False, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("position"),
)

# Segment files; those that are not retired are the chain of their epoch: see `hq.feed.segments`.
feed_segment = Table(
    "feed_segment",
    metadata,
    Column("name", String(64), nullable=False),
    Column("hq_epoch", String(64), nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("upto", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("retired_at_ms", BigInteger),
    PrimaryKeyConstraint("name"),
)

# Of the balances of each unit, one checksum for each bucket of accounts, 8 bytes each: see `hq.feed.sums`.
feed_sum = Table(
    "feed_sum",
    metadata,
    Column("unit", String(64), nullable=False),
    Column("sums", LargeBinary, nullable=False),
    PrimaryKeyConstraint("unit"),
)

pairing_code = Table(
    "pairing_code",
    metadata,
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger),
    PrimaryKeyConstraint("code_hash"),
)

login_link = Table(
    "login_link",
    metadata,
    Column("link_hash", LargeBinary(32), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger),
    PrimaryKeyConstraint("link_hash"),
)

session = Table(
    "session",
    metadata,
    Column("session_hash", LargeBinary(32), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("session_hash"),
)

# Every version of a programme that was ever published, by content address; none is deleted, since entries name them.
# What must not change over versions (currency, units) stands here, so that no old source has to be read again.
programme = Table(
    "programme",
    metadata,
    Column("version", String(32), nullable=False),
    Column("programme_id", String(64), nullable=False),
    Column("label", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("currency_scale", SmallInteger, nullable=False),
    Column("units", Text, nullable=False),  # {"id": [scale, kind, holder]} in JSON
    Column("first_seen_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("version"),
)

programme_release = Table(
    "programme_release",
    metadata,
    Column("number", BigInteger, nullable=False, autoincrement=False),  # in the order of publication, from 1
    Column("programme_id", String(64), nullable=False),
    Column("version", String(32), ForeignKey("programme.version"), nullable=False),
    Column("effective", String(40), nullable=False),  # a date (each store's midnight) or an instant in UTC, ISO 8601
    Column("stores", Text, nullable=False),  # a list in JSON; empty: all
    Column("note", Text, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at_ms", BigInteger, nullable=False),
    Column("withdrawn_at_ms", BigInteger),
    PrimaryKeyConstraint("number"),
)

# What each till said of itself in its last hello; apart from `terminal`, which people decide.
till_facts = Table(
    "till_facts",
    metadata,
    Column("terminal_id", LargeBinary(16), ForeignKey("terminal.terminal_id"), nullable=False),
    Column("zone", String(64)),
    Column("programme", String(64)),
    Column("unreadable", String(64)),
    Column("told_at_ms", BigInteger, nullable=False),
    Column("rolled_back", SmallInteger, server_default="0", nullable=False),  # 1: it works on an old copy of its book
    Column("mismatch", String(64)),  # a bucket of balances that differs from HQ's
    PrimaryKeyConstraint("terminal_id"),
)

# A bounded right of one till to give of one pool without asking. What is left of it is what its slices have left.
lease = Table(
    "lease",
    metadata,
    Column("lease_id", LargeBinary(16), nullable=False),
    Column("terminal_id", LargeBinary(16), ForeignKey("terminal.terminal_id"), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("request_id", LargeBinary(16), nullable=False),
    Column("account_id", LargeBinary(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column(
        "counted", SmallInteger, nullable=False
    ),  # 1: of a pool that counts what was used, 0: of what an account has
    Column("state", String(16), nullable=False),
    Column("change", BigInteger, nullable=False),  # the number of its last change, for its holder
    Column("granted_at_ms", BigInteger, nullable=False),
    Column("expires_at_s", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
    PrimaryKeyConstraint("lease_id"),
    UniqueConstraint("terminal_id", "request_id"),
    Index("ix_lease_pool", "account_id", "unit", "state"),
    Index("ix_lease_change", "terminal_id", "change"),
    Index("ix_lease_end", "state", "expires_at_s"),
    sqlite_with_rowid=False,
)

lease_slice = Table(
    "lease_slice",
    metadata,
    Column("lease_id", LargeBinary(16), ForeignKey("lease.lease_id"), nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("lot_id", LargeBinary(16)),
    Column("usable_at_s", BigInteger),
    Column("lot_ends_at_s", BigInteger),
    Column("amount", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    PrimaryKeyConstraint("lease_id", "place"),
    sqlite_with_rowid=False,
)

lease_head = Table(
    "lease_head",
    metadata,
    Column("id", SmallInteger, nullable=False, autoincrement=False),
    Column("change", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
)

# What the entries of a till brought that has said that more of them are to come: it may have been spent already.
in_flight = Table(
    "in_flight",
    metadata,
    Column("terminal_id", LargeBinary(16), nullable=False),
    Column("account_id", LargeBinary(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("paid", BigInteger, server_default="0", nullable=False),  # of a debt, as it came
    PrimaryKeyConstraint("terminal_id", "account_id", "unit"),
    Index("ix_in_flight_pool", "account_id", "unit"),
    sqlite_with_rowid=False,
)

# By how much an entry took a pool below what was there or promised, and why.
shortfall = Table(
    "shortfall",
    metadata,
    Column("entry_id", LargeBinary(16), nullable=False),
    Column("account_id", LargeBinary(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("entry_id", "account_id", "unit", "reason"),
    Index("ix_shortfall_pool", "account_id", "unit"),
    sqlite_with_rowid=False,
)

# Under which of HQ's epochs a till last said which leases it holds.
rights_told = Table(
    "rights_told",
    metadata,
    Column("terminal_id", LargeBinary(16), ForeignKey("terminal.terminal_id"), nullable=False),
    Column("hq_epoch", String(64), nullable=False),
    PrimaryKeyConstraint("terminal_id"),
)

# Members who are to be forgotten, and up to which place of all journals their details are erased.
erasure = Table(
    "erasure",
    metadata,
    Column("member_id", LargeBinary(16), nullable=False),
    Column("asked_at_ms", BigInteger, nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("terminal_id", LargeBinary(16), nullable=False),  # the last place that was looked at
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),  # so many details were erased
    Column("done_at_ms", BigInteger),
    PrimaryKeyConstraint("member_id"),
)

# Under which ids and cards they come in entries: of those that arrive later the detail is erased at once.
erased_member = Table(
    "erased_member",
    metadata,
    Column("member_id", LargeBinary(16), nullable=False),
    Column("erasure_id", LargeBinary(16), ForeignKey("erasure.member_id"), nullable=False),
    PrimaryKeyConstraint("member_id"),
)

erased_card = Table(
    "erased_card",
    metadata,
    Column("card_key", BigInteger, nullable=False, autoincrement=False),
    Column("erasure_id", LargeBinary(16), ForeignKey("erasure.member_id"), nullable=False),
    Column("asked_at_ms", BigInteger, nullable=False),  # what the card did later is somebody else's
    PrimaryKeyConstraint("card_key"),
)
