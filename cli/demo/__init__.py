"""The demo: an HQ and one paired till on loopback, and a day of receipts from scan to ledger."""
