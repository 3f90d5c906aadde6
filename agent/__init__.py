"""The terminal process: its book, the till's use cases, the local API, receipts and the sync worker.

This package knows one till; it refuses to know how HQ stores anything, and never imports it.
"""
