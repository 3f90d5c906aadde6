"""Receipts: an entry of the journal, as stored, becomes a document that a member can read.

Nothing of a receipt is stored; it is made again from the entry and the programme version that the entry names, so a copy
shows the same goods, money and units. The shop's and the till's names, and the wording, are those of today.
"""
