-- A member takes less room: dates are days since the year 1, and a member who was not merged does not name itself twice.
ALTER TABLE member RENAME TO old_member;
CREATE TABLE member (
    member BLOB NOT NULL,
    canonical BLOB,
    nickname TEXT,
    tier TEXT,
    language TEXT,
    birthday TEXT,
    joined_on BIGINT,
    last_visit_on BIGINT,
    segments TEXT,
    tier_until BIGINT,
    referrer BLOB,
    home TEXT,
    seen_on BIGINT,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
INSERT INTO member SELECT
    member,
    nullif(canonical, member),
    nickname,
    tier,
    language,
    birthday,
    CAST(julianday(joined_on) - 1721424.5 AS INTEGER),
    CAST(julianday(last_visit_on) - 1721424.5 AS INTEGER),
    segments,
    tier_until,
    referrer,
    home,
    CAST(julianday(seen_on) - 1721424.5 AS INTEGER)
FROM old_member;
DROP TABLE old_member;
ALTER TABLE stage_member RENAME TO old_stage_member;
CREATE TABLE stage_member (
    member BLOB NOT NULL,
    canonical BLOB,
    nickname TEXT,
    tier TEXT,
    language TEXT,
    birthday TEXT,
    joined_on BIGINT,
    last_visit_on BIGINT,
    segments TEXT,
    tier_until BIGINT,
    referrer BLOB,
    home TEXT,
    PRIMARY KEY (member)
)
 WITHOUT ROWID;
INSERT INTO stage_member SELECT
    member,
    nullif(canonical, member),
    nickname,
    tier,
    language,
    birthday,
    CAST(julianday(joined_on) - 1721424.5 AS INTEGER),
    CAST(julianday(last_visit_on) - 1721424.5 AS INTEGER),
    segments,
    tier_until,
    referrer,
    home
FROM old_stage_member;
DROP TABLE old_stage_member;
