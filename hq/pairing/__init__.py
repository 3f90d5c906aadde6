"""How a till becomes known to HQ, and how HQ knows it again: one-time codes, proof of key, bearer tokens."""
