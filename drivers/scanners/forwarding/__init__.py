"""Hands the scans of a shared scanner to another program, as if the scanner were plugged in there.

This room knows bytes and their way; it refuses to know what was scanned, and keeps none of it: a scan is overwritten as
soon as it has gone or is too old.
"""
