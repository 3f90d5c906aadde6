"""What the till may redeem without HQ."""

from sqlalchemy import Connection


def void_leases(connection: Connection) -> None:
    """Drop every right to redeem without HQ: this book may be an old copy. There are no leases yet."""
    del connection
