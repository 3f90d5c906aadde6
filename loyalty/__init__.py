"""The rules of a programme: baskets, units, quotes, returns and journal entries.

Values in, values out. This package knows how points are counted and explained; it refuses to know where
anything is stored, what time it is, how a till talks to HQ, or which words a person reads. Time, ids and
randomness are arguments.
"""
