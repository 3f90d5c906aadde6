"""What accounts hold: units, lots, balances, and the ledger that adds them up."""
