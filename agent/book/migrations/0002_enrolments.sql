-- Enrolments are looked up as a whole when the merchant's identifier key replaces the till's own.
CREATE INDEX journal_enrolments ON journal (kind) WHERE kind = 'enrol';
