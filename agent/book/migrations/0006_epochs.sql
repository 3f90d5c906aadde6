-- Epochs: a journal that goes on after its disk was restored or cloned. journal.sequence is the till's own position and never
-- changes; in an epoch, entries count from 1 behind its base.
CREATE TABLE epoch (
    epoch INTEGER NOT NULL,
    base BIGINT NOT NULL,
    PRIMARY KEY (epoch)
);
INSERT INTO epoch (epoch, base) SELECT epoch, 0 FROM terminal;
CREATE TABLE past_hash (
    sequence BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (sequence, epoch)
)
 WITHOUT ROWID;
CREATE INDEX print_job_sequence ON print_job (sequence);
ALTER TABLE sync_state ADD COLUMN pruned BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE sync_state ADD COLUMN pruned_hash BLOB;
ALTER TABLE sync_state ADD COLUMN rolled_back BIGINT DEFAULT 0 NOT NULL;
