-- A print job says which paper it prints, and which of several of its kind. A shift report is about no entry: what it says is
-- kept with its job.
CREATE TABLE print_job_next (
    id INTEGER NOT NULL,
    sequence BIGINT,
    state TEXT NOT NULL,
    copies BIGINT DEFAULT 0 NOT NULL,
    fault TEXT,
    queued_at BIGINT DEFAULT 0 NOT NULL,
    printer TEXT,
    paper TEXT DEFAULT 'slip' NOT NULL,
    place BIGINT DEFAULT 0 NOT NULL,
    about TEXT,
    content TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(sequence) REFERENCES journal (sequence)
);
INSERT INTO print_job_next (id, sequence, state, copies, fault, queued_at, printer)
    SELECT id, sequence, state, copies, fault, queued_at, printer FROM print_job;
DROP TABLE print_job;
ALTER TABLE print_job_next RENAME TO print_job;
CREATE INDEX print_job_state ON print_job (state, id);
CREATE INDEX print_job_sequence ON print_job (sequence);
