"""Encoders: a laid out document to the bytes that one kind of printer understands. Pure."""
