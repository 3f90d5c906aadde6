-- A receipt that waited for too long is not printed by itself; and which printer had it is known.
ALTER TABLE print_job ADD COLUMN queued_at BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE print_job ADD COLUMN printer TEXT;
