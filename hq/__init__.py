"""The central server: its book, pairing, ingest, the feed, the pages and past receipts.

This package knows all tills of one merchant; it refuses to know scanners and printers, and never imports
the agent.
"""
