"""Everything that HQ's book holds, as one digest: equal before and after means that nothing changed."""

from __future__ import annotations

from hashlib import sha256

from hq.book.schema import metadata
from tests.hq.houses import House


def digest(house: House) -> str:
    """Digest every row of every table."""
    whole = sha256()
    for table in sorted(metadata.tables):
        rows = sorted(repr(row) for row in house.rows(f'SELECT * FROM "{table}"'))
        whole.update(f"{table} {len(rows)}\n".encode())
        whole.update("\n".join(rows).encode())
    return whole.hexdigest()
