"""The till's secrets: are they there, whole, this user's alone, and those of the book. Shows none of them."""

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.keys import identifier_key_id, is_token
from cli.doctor.book import BookState
from cli.doctor.findings import Finding, fail, ok, warn

ABOUT = "keys"
_SECRET_BYTES = 32
_RESTORE = "restore the keys folder from the same copy as the book; without its key a till cannot go on with a journal"


def check_keys(folder: Path, book: BookState | None) -> list[Finding]:
    """Look at the keys in ``folder``; makes none."""
    if not folder.exists():
        if book is not None:
            return [fail(ABOUT, f"{folder} is missing although the book was begun with it", _RESTORE)]
        return [ok(ABOUT, f"there are no keys yet; the first start makes them in {folder}")]
    try:
        terminal, identifiers = (_secret(folder / name) for name in ("terminal.key", "identifiers.key"))
        staged = _secret(folder / "identifiers.staged") if (folder / "identifiers.staged").exists() else identifiers
    except OSError as fault:
        return [fail(ABOUT, f"{fault.filename or folder} cannot be read: {fault.strerror or fault}", _RESTORE)]
    except ValueError as fault:
        return [fail(ABOUT, str(fault), _RESTORE)]
    return [_belonging(folder, book, terminal, {identifiers, staged}), *check_modes(folder)]


def read_token(folder: Path) -> str | None:
    """Give HQ's token, or None for a till that was never paired.

    Raises:
        ValueError: the file is there and holds no token.
        OSError: it cannot be read.
    """
    path = folder / "hq.token"
    if not path.exists():
        return None
    token = path.read_text(encoding="ascii").strip()
    if not is_token(token):
        raise ValueError(f"{path} is damaged")
    return token


def is_paired(folder: Path) -> bool:
    """Tell whether HQ gave this till a token, be it whole or not."""
    return (folder / "hq.token").exists()


def check_modes(folder: Path) -> list[Finding]:
    """Find what other users may open; on Windows the folder's permissions are not looked at."""
    if os.name != "posix":
        return []
    paths = [folder, *sorted(folder.iterdir())]
    loose = [str(path) for path in paths if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)]
    if not loose:
        return []
    return [warn(ABOUT, f"other users may open {', '.join(loose)}", f"run chmod -R go= {folder}")]


def _secret(path: Path) -> bytes:
    secret = path.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise ValueError(f"{path} is damaged: it has {len(secret)} bytes, not {_SECRET_BYTES}")
    return secret


def _belonging(folder: Path, book: BookState | None, terminal: bytes, identifiers: set[bytes]) -> Finding:
    if book is None:
        return ok(ABOUT, f"the keys in {folder} are whole")
    if Ed25519PrivateKey.from_private_bytes(terminal).public_key().public_bytes_raw() != book.public_key:
        return fail(ABOUT, f"the book was begun with another key than the one in {folder}", _RESTORE)
    if book.identifier_key_id not in {identifier_key_id(key) for key in identifiers}:
        return fail(ABOUT, f"the cards in the book were hashed with another key than the one in {folder}", _RESTORE)
    return ok(ABOUT, f"the keys in {folder} are whole and the book's own")
