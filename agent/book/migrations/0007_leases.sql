-- Leases: rights to redeem without HQ, and what is held for sales that are not finished.
ALTER TABLE pending ADD COLUMN leased BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE sync_state ADD COLUMN lease_epoch TEXT;
ALTER TABLE sync_state ADD COLUMN leases_known BIGINT DEFAULT 0 NOT NULL;
CREATE TABLE lease (
    lease_id BLOB NOT NULL,
    request_id BLOB NOT NULL,
    epoch BIGINT NOT NULL,
    account BLOB NOT NULL,
    unit TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    seal BLOB NOT NULL,
    PRIMARY KEY (lease_id)
)
 WITHOUT ROWID;
CREATE INDEX lease_account ON lease (account, unit);
CREATE INDEX lease_state ON lease (state, expires_at);
CREATE TABLE lease_slice (
    lease_id BLOB NOT NULL,
    place BIGINT NOT NULL,
    lot_id BLOB,
    usable_at BIGINT,
    expires_at BIGINT,
    amount BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    PRIMARY KEY (lease_id, place),
    FOREIGN KEY(lease_id) REFERENCES lease (lease_id),
    CHECK (spent >= 0 AND spent <= amount)
)
 WITHOUT ROWID;
CREATE TABLE hold (
    hold_id BLOB NOT NULL,
    request_digest BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    view TEXT NOT NULL,
    PRIMARY KEY (hold_id)
)
 WITHOUT ROWID;
CREATE TABLE held (
    hold_id BLOB NOT NULL,
    place BIGINT NOT NULL,
    account BLOB NOT NULL,
    unit TEXT NOT NULL,
    lot_id BLOB,
    lease_id BLOB,
    amount BIGINT NOT NULL,
    PRIMARY KEY (hold_id, place),
    FOREIGN KEY(hold_id) REFERENCES hold (hold_id)
)
 WITHOUT ROWID;
CREATE INDEX held_account ON held (account);
CREATE TABLE floor_use (
    sequence BIGINT NOT NULL,
    account BLOB NOT NULL,
    business_date TEXT NOT NULL,
    worth_minor BIGINT NOT NULL,
    PRIMARY KEY (sequence, account)
)
 WITHOUT ROWID;
CREATE INDEX floor_use_date ON floor_use (business_date);
CREATE TABLE visitor (
    member BLOB NOT NULL,
    visited_on TEXT NOT NULL,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
CREATE INDEX visitor_date ON visitor (visited_on);
