"""What follows when a person says that a till will never send again what it has not sent."""

from sqlalchemy import Connection

from hq.leases.frozen import nothing_more_comes


def till_lost(connection: Connection, terminal: bytes) -> None:
    """Take note that nothing more will come from a till; called in the transaction that shuts it out, maybe again.

    What HQ holds of its journal stays posted, and nothing of it is in flight any more. Its leases stay as they are: what
    they cover may have been given, and only the policy or a person writes them off.
    """
    nothing_more_comes(connection, terminal)
