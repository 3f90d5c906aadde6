"""The tills that HQ knows, and whose token it is."""

from dataclasses import dataclass
from hmac import compare_digest

from sqlalchemy import Connection, bindparam, select

from hq.book.book import Book
from hq.book.dialects import put_rows
from hq.book.schema import terminal
from hq.pairing.secrets import Purpose, secret_hash
from hq.texts import plain_text
from loyalty.journal.chain import terminal_id
from sync.protocol.errors import SyncErrorCode, SyncRefused

FIRST_EPOCH = 1
MAX_NAME = 64
TILL_ROLE, HQ_ROLE = "till", "hq"
"""Whose journal it is: a till's that was paired, or the one that HQ writes itself."""
_OF_TOKEN = select(terminal).where(terminal.c.token_hash == bindparam("given"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A till that has proved who it is; ``epoch`` is the one whose journal HQ takes."""

    terminal_id: bytes
    public_key: bytes
    epoch: int


class TillRevoked(SyncRefused):
    """The token of a till that was shut out.

    Attributes:
        terminal_id: Whose it is.
    """

    def __init__(self, terminal_id: bytes) -> None:
        super().__init__(SyncErrorCode.REVOKED, "this till was shut out")
        self.terminal_id = terminal_id


def authenticate(book: Book, token: str) -> Terminal:
    """Give the till to which a bearer token belongs.

    Raises:
        SyncRefused: UNAUTHORIZED for an unknown token; `TillRevoked` for a till that was shut out.
    """
    given = secret_hash(Purpose.TILL_TOKEN, token)
    with book.read() as connection:
        row = connection.execute(_OF_TOKEN, {"given": given}).one_or_none()
    if row is None or not compare_digest(row.token_hash, given):
        raise SyncRefused(SyncErrorCode.UNAUTHORIZED, "the token is not known; pair the till again")
    if row.revoked_at_ms is not None:
        raise TillRevoked(row.terminal_id)
    return Terminal(terminal_id=row.terminal_id, public_key=row.public_key, epoch=row.epoch)


def is_revoked(connection: Connection, public_key: bytes) -> bool:
    """Tell whether the till with this key was shut out."""
    own = terminal.c.terminal_id == terminal_id(public_key)
    return connection.execute(select(terminal.c.revoked_at_ms).where(own)).scalar_one_or_none() is not None


def keep_terminal(connection: Connection, *, public_key: bytes, store: str, name: str, token: str, now_ms: int) -> None:
    """Note a paired till; pairing the same key again only changes its token, store and name."""
    row = {
        "terminal_id": terminal_id(public_key),
        "public_key": public_key,
        "epoch": FIRST_EPOCH,
        "store": plain_text(store, MAX_NAME) or "?",
        "name": plain_text(name, MAX_NAME) or "?",
        "token_hash": secret_hash(Purpose.TILL_TOKEN, token),
        "paired_at_ms": now_ms,
    }
    put_rows(connection, terminal, [row], change=("store", "name", "token_hash", "paired_at_ms"))
