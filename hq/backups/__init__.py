"""Backups of HQ's book, and what they vouch for: entries that a verified backup holds are durable."""
