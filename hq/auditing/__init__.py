"""The audit: what the book must keep by docs/SPEC-journal.md, SPEC-leases.md and SPEC-sync.md, computed again from what is stored."""
