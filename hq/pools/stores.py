"""The stores that HQ knows: those of its tills, and those that releases name."""

from sqlalchemy import Connection

from hq.programmes import tables


def known_stores(connection: Connection) -> list[str]:
    """Give the ids, sorted; tills that were shut out do not count."""
    tills = {row.store for row in tables.till_rows(connection)}
    named = {store for one in tables.releases(connection) if one.is_live for store in one.release.stores}
    return sorted(tills | named)
