"""Leases as HQ keeps them: who may give how much of which pool without asking, and what the journals say became of it."""
