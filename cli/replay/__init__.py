"""Replay: a shop's past receipts through a real till and a real HQ, with the same result every time."""
