-- A bucket whose checksum differs from HQ's is fetched alone: on which day, and from which account on the rest is to come.
CREATE TABLE refetch (
    bucket INTEGER NOT NULL,
    day TEXT NOT NULL,
    first BLOB,
    PRIMARY KEY (bucket)
);
