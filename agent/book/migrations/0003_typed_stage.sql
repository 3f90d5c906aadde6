-- What is staged of the feed has columns of its own, so that SQLite itself shows it. What an older agent had staged is
-- fetched again.
UPDATE sync_state SET feed_epoch = NULL, feed_cursor = 0 WHERE EXISTS (SELECT 1 FROM feed_stage);
DROP TABLE feed_stage;
ALTER TABLE sync_state ADD COLUMN feed_whole BIGINT DEFAULT 0 NOT NULL;
CREATE TABLE stage_member (
    member BLOB NOT NULL,
    canonical BLOB NOT NULL,
    nickname TEXT,
    tier TEXT,
    language TEXT,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
CREATE TABLE stage_card (
    card_key INTEGER NOT NULL,
    member BLOB,
    PRIMARY KEY (card_key)
);
CREATE TABLE stage_balance (
    account BLOB NOT NULL,
    unit TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account, unit)
)
 WITHOUT ROWID;
CREATE TABLE replaced_balance (
    account BLOB NOT NULL,
    unit TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (account, unit)
)
 WITHOUT ROWID;
