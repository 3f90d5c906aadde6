"""Programmes as short texts, for the tests of what reads them."""

from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme

HEAD = """
[programme]
id = "p"
label = "1"
names.en = "P"
[currency]
code = "KZT"
"""
EARN = '[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = 1\nper = "1.00"\n'


def written(tables: str = "") -> Programme:
    """A programme with these tables, counting in KZT."""
    return read_programme(HEAD + tables, "p.toml")
