-- HQ forgets tombstones after a while: up to which position none is missing, and whether the next whole feed removes cards that
-- did not come with it.
ALTER TABLE sync_state ADD COLUMN feed_since BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE sync_state ADD COLUMN feed_purge BIGINT DEFAULT 0 NOT NULL;
