"""Past receipts: reading a shop's receipt lines from CSV, and planning the till operations that replay them.

This room knows CSV files, mappings and past sales. It refuses to know the till, HQ's book and points.
"""
