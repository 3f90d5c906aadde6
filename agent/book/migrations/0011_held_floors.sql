-- What a sale that is not paid yet will give beyond the till's rights counts for the floor limits from its hold on.
CREATE TABLE held_floor (
    hold_id BLOB NOT NULL REFERENCES hold (hold_id),
    account BLOB NOT NULL,
    business_date TEXT NOT NULL,
    worth_minor BIGINT NOT NULL,
    PRIMARY KEY (hold_id, account)
) WITHOUT ROWID;
CREATE INDEX held_floor_account ON held_floor (account);
