"""Scanners: bytes from a device to an admitted symbol.

bytes -> frame -> symbol -> gate (payment cards stop here) -> whoever listens. ``framing``, ``symbols``, ``tracks``,
``cards`` and ``gate`` do no I/O and read no clock; sources do the I/O; ``reader`` owns one source in one thread.
"""
