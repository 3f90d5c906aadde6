"""One-time links and the sessions that they open; both kept only as hashes."""

from dataclasses import dataclass

from sqlalchemy import select, update

from hq.book.book import Book
from hq.book.dialects import insert_rows
from hq.book.schema import login_link, session
from hq.pairing.secrets import Purpose, new_token, secret_hash
from hq.ports import Clock, Randomness, epoch_ms

LINK_LIFE_MS = 15 * 60 * 1000
SESSION_LIFE_MS = 12 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Makes links, turns a link into a session once, and knows sessions again."""

    book: Book
    clock: Clock
    randomness: Randomness

    def make_link(self) -> str:
        """Make the secret of a one-time link; it is shown once."""
        secret = new_token(self.randomness)
        now_ms = epoch_ms(self.clock())
        row = {"link_hash": secret_hash(Purpose.LOGIN_LINK, secret), "expires_at_ms": now_ms + LINK_LIFE_MS}
        with self.book.write() as connection:
            connection.execute(login_link.delete().where(login_link.c.expires_at_ms <= now_ms))
            insert_rows(connection, login_link, [row])
        return secret

    def open_session(self, link: str) -> str | None:
        """Spend a link and give the secret of a new session; None for a link that is not (or no longer) good."""
        now_ms = epoch_ms(self.clock())
        good = (
            (login_link.c.link_hash == secret_hash(Purpose.LOGIN_LINK, link))
            & (login_link.c.expires_at_ms > now_ms)
            & login_link.c.used_at_ms.is_(None)
        )
        with self.book.read() as connection:  # guesses never make the writer wait
            if connection.execute(select(login_link.c.link_hash).where(good)).one_or_none() is None:
                return None
        secret = new_token(self.randomness)
        row = {"session_hash": secret_hash(Purpose.SESSION, secret), "expires_at_ms": now_ms + SESSION_LIFE_MS}
        with self.book.write() as connection:
            spent = connection.execute(update(login_link).where(good).values(used_at_ms=now_ms))
            if spent.rowcount != 1:
                return None
            connection.execute(session.delete().where(session.c.expires_at_ms <= now_ms))
            insert_rows(connection, session, [row])
        return secret

    def is_open(self, secret: str) -> bool:
        """Tell whether a session's secret is good."""
        live = (session.c.session_hash == secret_hash(Purpose.SESSION, secret)) & (
            session.c.expires_at_ms > epoch_ms(self.clock())
        )
        with self.book.read() as connection:
            return connection.execute(select(session.c.session_hash).where(live)).one_or_none() is not None

    def close_session(self, secret: str) -> None:
        """End a session."""
        with self.book.write() as connection:
            own = session.c.session_hash == secret_hash(Purpose.SESSION, secret)
            connection.execute(session.delete().where(own))
