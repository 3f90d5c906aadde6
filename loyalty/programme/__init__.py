"""A programme: the rules of a loyalty scheme as values, and how they are read. See docs/SPEC-programme.md."""
