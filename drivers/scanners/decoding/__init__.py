"""Decoding: from an admitted symbol to what it says: a member, an item, a coupon, a phone number, a receipt.

Pure. ``classify`` is the way in; each kind of data has a module of its own; ``settings`` holds what a merchant may set.
What each kind is, and what wins where a number can mean two things: docs/SPEC-scans.md.
"""
