"""What waits for a person, as people deal with it: looking, settling, posting now."""
