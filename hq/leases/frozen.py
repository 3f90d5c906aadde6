"""Leases of an epoch that has ended: they are neither spent nor given back until a person or a policy settles them."""

from sqlalchemy import Connection


def freeze_leases(connection: Connection, terminal: bytes, epoch: int) -> None:
    """Freeze what the till holds in ``epoch``; in the transaction that opens its next one. There are no leases yet."""
    del connection, terminal, epoch
