"""The journal's values: entries, their two parts as bytes, and the chain over them. See docs/SPEC-journal.md."""
