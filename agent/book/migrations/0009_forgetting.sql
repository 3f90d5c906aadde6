-- Members who are forgotten, and how far the till's own journal was looked through for them.
CREATE TABLE forgetting (
    member BLOB NOT NULL,
    cards TEXT NOT NULL,
    looked BIGINT DEFAULT 0 NOT NULL,
    upto BIGINT,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
