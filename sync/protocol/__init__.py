"""What a till and HQ say to each other: values, bytes and decisions, without any I/O. See docs/SPEC-sync.md."""
