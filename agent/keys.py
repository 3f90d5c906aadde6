"""The till's secrets, kept beside the book and never in it: its own key, the identifier key and HQ's token.

The terminal's id is the fingerprint of its key, made at the first start; so a till has an identity before HQ
knows it. Files are written whole and readable by the owner only (on Windows the folder's permissions decide).
"""

import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.errors import KeysUnusable
from loyalty.cards import IDENTIFIER_KEY_BYTES
from loyalty.journal.chain import terminal_id
from loyalty.numbers.limits import require

_TERMINAL, _IDENTIFIERS, _STAGED, _TOKEN = "terminal.key", "identifiers.key", "identifiers.staged", "hq.token"
_HQ = "hq.key"
_SEED_BYTES = 32


class TillKeys:
    """The secrets of one till. Its text form shows none of them."""

    def __init__(
        self,
        folder: Path,
        *,
        terminal_seed: bytes | None = None,
        identifier_key: bytes | None = None,
        book: Path | None = None,
    ) -> None:
        """Open the keys in ``folder``, making those that are missing.

        Args:
            folder: Where they are kept; made when missing.
            terminal_seed: 32 bytes to make the terminal's key from; random unless a replay must be repeatable.
            identifier_key: 32 bytes for identifier hashes, likewise.
            book: The book that goes with them: where it exists already, no key is made.

        Raises:
            KeysUnusable: the folder or a file in it cannot be used, or a key is missing beside its book.
        """
        self.folder = folder
        if book is not None and book.exists():
            self._require_all(book)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as fault:
            raise KeysUnusable(f"the till's keys cannot be kept in {folder}: {fault.strerror}") from fault
        self._make_missing(_TERMINAL, terminal_seed or secrets.token_bytes(_SEED_BYTES))
        self._make_missing(_IDENTIFIERS, identifier_key or secrets.token_bytes(IDENTIFIER_KEY_BYTES))
        self._private = Ed25519PrivateKey.from_private_bytes(self._read(_TERMINAL))
        self._identifier_key = self._read(_IDENTIFIERS)

    @property
    def public_key(self) -> bytes:
        """The terminal's raw Ed25519 public key, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    @property
    def terminal(self) -> bytes:
        """The terminal's id, 16 bytes."""
        return terminal_id(self.public_key)

    @property
    def identifier_key(self) -> bytes:
        """The key that hashes identifiers: the till's own until pairing gives the merchant's."""
        return self._identifier_key

    @property
    def token(self) -> str | None:
        """What HQ gave at pairing, or None."""
        try:
            return (self.folder / _TOKEN).read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as fault:
            raise KeysUnusable(f"HQ's token in {self.folder} cannot be read") from fault

    @property
    def hq_key(self) -> bytes | None:
        """HQ's public key, by which it signs snapshots, or None before pairing."""
        return self._read(_HQ) if (self.folder / _HQ).exists() else None

    def sign(self, data: bytes) -> bytes:
        """Sign with the terminal's key; 64 bytes."""
        return self._private.sign(data)

    def stage_identifier_key(self, key: bytes) -> None:
        """Write down the merchant's identifier key, to be used once the book is hashed with it."""
        self._write(_STAGED, key)

    def settle_identifier_key(self, key_id: bytes) -> None:
        """Use the key that the book is hashed with: the staged one or the present one, by its id.

        Raises:
            KeysUnusable: neither is the book's.
        """
        staged = self.folder / _STAGED
        if staged.exists():
            key = self._read(_STAGED)
            try:
                if identifier_key_id(key) == key_id:
                    self._identifier_key = key  # first, so that this process goes with the book whatever the disk does
                    staged.replace(self.folder / _IDENTIFIERS)
                else:
                    staged.unlink()
            except OSError as fault:
                raise KeysUnusable(f"{staged} cannot be settled: {fault.strerror}") from fault
        if identifier_key_id(self._identifier_key) != key_id:
            raise KeysUnusable(f"the identifier key in {self.folder} is not the one that the book was hashed with")

    def keep_token(self, token: str) -> None:
        """Keep HQ's token: the last step of pairing.

        Raises:
            KeysUnusable: it cannot be written.
            ValueError: it is not what may stand in a request's header.
        """
        require(is_token(token), "a token is printable ASCII without spaces")
        self._write(_TOKEN, token.encode("ascii"))

    def keep_hq_key(self, key: bytes) -> None:
        """Keep HQ's public key, 32 bytes.

        Raises:
            KeysUnusable: it cannot be written.
        """
        self._write(_HQ, key)

    def _require_all(self, book: Path) -> None:
        for name in (_TERMINAL, _IDENTIFIERS):
            if not (self.folder / name).exists():
                raise KeysUnusable(f"{self.folder / name} is missing; {book} was begun with it: restore it from a copy")

    def _make_missing(self, name: str, secret: bytes) -> None:
        if not (self.folder / name).exists():
            self._write(name, secret, over=False)

    def _write(self, name: str, secret: bytes, *, over: bool = True) -> None:
        """Write a file whole or not at all; without ``over``, one that another process made meanwhile stays."""
        path, draft = self.folder / name, self.folder / f"{name}.{secrets.token_hex(8)}.new"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            if over:
                draft.replace(path)
            else:
                _link(draft, path)
        except OSError as fault:
            raise KeysUnusable(f"{path} cannot be written: {fault.strerror}") from fault
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(self.folder)

    def _read(self, name: str) -> bytes:
        try:
            secret = (self.folder / name).read_bytes()
        except OSError as fault:
            raise KeysUnusable(f"{self.folder / name} cannot be read: {fault.strerror}") from fault
        if len(secret) != _SEED_BYTES:
            raise KeysUnusable(f"{self.folder / name} is damaged: it has {len(secret)} bytes, not {_SEED_BYTES}")
        return secret


def is_token(token: str) -> bool:
    """Tell whether HQ's token can stand in the header of a request."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _link(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links, as FAT
        draft.replace(path)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; where a folder cannot be opened (Windows), the system does it by itself."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def identifier_key_id(key: bytes) -> bytes:
    """Name an identifier key without giving it away, 8 bytes."""
    return sha256(b"loyaltill identifier key\0" + key).digest()[:8]
