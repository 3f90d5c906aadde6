"""The till's book: one SQLite file with the journal, balances, cards and print jobs, and one writer.

All SQL of the agent is in this room. One question is asked from outside: `loyaltill doctor` (cli/doctor/book.py) reads a book by itself.
"""
