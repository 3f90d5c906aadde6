"""The ``loyaltill`` command: it reads arguments, wires the other packages together and reports.

This package knows how a process is put together; it refuses to hold rules of its own.
"""
