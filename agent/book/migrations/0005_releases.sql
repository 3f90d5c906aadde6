-- HQ's releases of programmes: the till's schedule. What is staged shows with the rest of the feed.
CREATE TABLE programme_release (
    number INTEGER NOT NULL,
    programme TEXT NOT NULL,
    version TEXT NOT NULL,
    effective TEXT NOT NULL,
    stores TEXT NOT NULL,
    PRIMARY KEY (number)
);
CREATE TABLE stage_release (
    number INTEGER NOT NULL,
    programme TEXT NOT NULL,
    version TEXT NOT NULL,
    effective TEXT NOT NULL,
    stores TEXT NOT NULL,
    withdrawn BIGINT NOT NULL,
    PRIMARY KEY (number)
);
