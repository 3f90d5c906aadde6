"""Receipts: an entry of the journal, as stored, becomes a document that a member can read.

Nothing of a receipt is stored; it is made again from the entry, so that a copy says what the first one said.
"""
