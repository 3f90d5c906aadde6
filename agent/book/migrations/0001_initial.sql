-- The book as it first was. A file that landed is never changed; a new version is a new file.
CREATE TABLE card (
    card_key INTEGER NOT NULL,
    member BLOB NOT NULL,
    PRIMARY KEY (card_key)
);
CREATE TABLE feed_stage (
    entity TEXT NOT NULL,
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entity, "key")
)
 WITHOUT ROWID;
CREATE TABLE idempotency (
    "key" TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    answer BLOB NOT NULL,
    PRIMARY KEY ("key")
)
 WITHOUT ROWID;
CREATE TABLE journal (
    sequence INTEGER NOT NULL,
    entry_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    hash BLOB NOT NULL,
    receipt_number BIGINT,
    business_key BLOB,
    answer_key TEXT,
    core BLOB NOT NULL,
    detail BLOB NOT NULL,
    PRIMARY KEY (sequence),
    UNIQUE (entry_id)
);
CREATE UNIQUE INDEX journal_business_key ON journal (business_key) WHERE business_key IS NOT NULL;
CREATE TABLE member (
    member BLOB NOT NULL,
    canonical BLOB NOT NULL,
    nickname TEXT,
    tier TEXT,
    language TEXT,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
CREATE TABLE pending (
    sequence BIGINT NOT NULL,
    account BLOB NOT NULL,
    unit TEXT NOT NULL,
    amount BIGINT NOT NULL
);
CREATE INDEX pending_account ON pending (account);
CREATE INDEX pending_sequence ON pending (sequence);
CREATE TABLE posted (
    account BLOB NOT NULL,
    unit TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account, unit)
)
 WITHOUT ROWID;
CREATE TABLE programme (
    version TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (version)
)
 WITHOUT ROWID;
CREATE TABLE sync_state (
    id INTEGER NOT NULL,
    hq_epoch TEXT,
    acked BIGINT DEFAULT 0 NOT NULL,
    durable BIGINT DEFAULT 0 NOT NULL,
    sent_through BIGINT DEFAULT 0 NOT NULL,
    feed_epoch TEXT,
    feed_cursor BIGINT DEFAULT 0 NOT NULL,
    as_of TEXT,
    PRIMARY KEY (id),
    CHECK (id = 1)
);
CREATE TABLE terminal (
    id INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    epoch BIGINT NOT NULL,
    identifier_key_id BLOB NOT NULL,
    PRIMARY KEY (id),
    CHECK (id = 1)
);
CREATE TABLE print_job (
    id INTEGER NOT NULL,
    sequence BIGINT NOT NULL,
    state TEXT NOT NULL,
    copies BIGINT DEFAULT 0 NOT NULL,
    fault TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(sequence) REFERENCES journal (sequence)
);
CREATE INDEX print_job_state ON print_job (state, id);
CREATE TABLE returned (
    sale BIGINT NOT NULL,
    line BIGINT NOT NULL,
    quantity_milli BIGINT NOT NULL,
    PRIMARY KEY (sale, line),
    FOREIGN KEY(sale) REFERENCES journal (sequence)
)
 WITHOUT ROWID;
CREATE TABLE voided (
    sale INTEGER NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (sale),
    FOREIGN KEY(sale) REFERENCES journal (sequence)
);
INSERT INTO sync_state (id) VALUES (1);
