"""Who may ask: a token for POS programs, made at the first start, and from it the key of the page's link."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from agent.errors import KeysUnusable

FILE = "api.token"
_LEAST = 32


def api_token(folder: Path) -> str:
    """Give the token that is kept in ``folder``, making one at the first start.

    Raises:
        KeysUnusable: it cannot be read or made, or is damaged.
    """
    path = folder / FILE
    try:
        if not path.exists():
            _make(path)
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise KeysUnusable(f"{path} cannot be used: {getattr(fault, 'strerror', None) or 'not ASCII'}") from fault
    if len(token) < _LEAST or not token.isprintable() or " " in token:
        raise KeysUnusable(f"{path} is damaged; delete it, and the next start makes a new token")
    return token


def page_key(token: str) -> str:
    """Give the key in the page's link and cookie: it shows the page, and cannot be turned into the token."""
    return hmac.new(token.encode(), b"loyaltill page 1", "sha256").hexdigest()[:40]


def same(given: str, expected: str) -> bool:
    """Compare in a time that does not tell where the difference is."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _make(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
