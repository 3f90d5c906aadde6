"""Whom a card leads to, and who they were before merges."""

from sqlalchemy import Connection, select

from hq.book.schema import account, card
from loyalty.cards import card_key, is_card


def key_of(number: str, identifier_key: bytes) -> int | None:
    """Give the hash of a card number; None for what is none."""
    return card_key(number, identifier_key) if is_card(number) else None


def member_of(connection: Connection, key: int | None) -> bytes | None:
    """Give the member whom a card leads to, after merges; None for a card that nobody has."""
    if key is None:
        return None
    query = select(account.c.canonical_id).join(card, card.c.member_id == account.c.account_id)
    found: bytes | None = connection.execute(query.where(card.c.card_key == key)).scalar_one_or_none()
    return found


def aliases_of(connection: Connection, member_id: bytes) -> list[bytes]:
    """Give the members who became this one by merges, by id."""
    merged = account.c.canonical_id != account.c.account_id  # as the index over aliases has it
    query = select(account.c.account_id).where(account.c.canonical_id == member_id, merged)
    return list(connection.execute(query.order_by(account.c.account_id)).scalars())
