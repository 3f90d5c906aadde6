"""Kinds of rules by which members earn, and by which earnings are multiplied."""
