"""What helps people who write programmes: the keys of a file, advice, the terms in words, and what a change changes."""
