"""What follows when a person says that a till will never send again what it has not sent."""

from sqlalchemy import Connection


def till_lost(connection: Connection, terminal: bytes) -> None:
    """Take note that nothing more will come from a till; called in the transaction that shuts it out, maybe again.

    Nothing follows from it yet: what HQ holds of the till's journal stays posted.
    """
    del connection, terminal
