-- What a sale that is not paid yet will give beyond the till's rights counts for the floor limits from its hold on, and how much of
-- what it sets aside are units that only this till knows of.
CREATE TABLE held_floor (
    hold_id BLOB NOT NULL REFERENCES hold (hold_id),
    account BLOB NOT NULL,
    worth_minor BIGINT NOT NULL,
    PRIMARY KEY (hold_id, account)
) WITHOUT ROWID;
ALTER TABLE held ADD COLUMN own BIGINT DEFAULT 0 NOT NULL;
