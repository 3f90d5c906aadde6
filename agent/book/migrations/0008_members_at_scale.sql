-- Every member of the merchant in a few bytes; more of those who come here. What HQ says of homes and of whose accounts
-- are nobody's is in its feed, which is fetched again from the beginning.
UPDATE sync_state SET feed_epoch = NULL, feed_cursor = 0, feed_whole = 0;
DELETE FROM stage_member;
DELETE FROM stage_card;
DELETE FROM stage_balance;
DELETE FROM stage_lot;
DELETE FROM stage_release;
ALTER TABLE member ADD COLUMN home TEXT;
ALTER TABLE member ADD COLUMN seen_on TEXT;
ALTER TABLE stage_member ADD COLUMN home TEXT;
CREATE TABLE base (
    member BLOB NOT NULL,
    canonical BLOB,
    tier TEXT,
    amount BIGINT,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
CREATE TABLE base_card (
    card_key INTEGER NOT NULL,
    member BLOB,
    PRIMARY KEY (card_key)
);
CREATE TABLE stage_base (
    member BLOB NOT NULL,
    canonical BLOB,
    tier TEXT,
    amount BIGINT,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
CREATE TABLE stage_base_card (
    card_key INTEGER NOT NULL,
    member BLOB,
    PRIMARY KEY (card_key)
);
CREATE TABLE stage_told (
    member BLOB NOT NULL,
    scanned BIGINT NOT NULL,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
CREATE TABLE wanted (
    member BLOB NOT NULL,
    scanned BIGINT NOT NULL,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
CREATE TABLE reach (
    id INTEGER NOT NULL,
    everyone BIGINT DEFAULT 1 NOT NULL,
    unit TEXT,
    file TEXT,
    stage_unit TEXT,
    stage_file TEXT,
    swept_on TEXT,
    mismatch BIGINT,
    mismatched_on TEXT,
    PRIMARY KEY (id),
    CHECK (id = 1)
);
INSERT INTO reach (id) VALUES (1);
