"""Scanners, cards, printers and displays.

This package knows bytes and paper; it refuses to know members, points and programmes. It imports no other
package of the project: the agent turns a scan into a card number and a receipt into a document.
"""
