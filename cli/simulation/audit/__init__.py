"""The auditor: what must hold, by arithmetic of its own from stored bytes and from what hosts were answered.

It reads the books' files with SQL of its own, recomputes chains and sums, and never asks the code under test for either.
"""
