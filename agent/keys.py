"""The till's secrets, kept beside the book and never in it: its own key, the identifier key and HQ's token.

The terminal's id is the fingerprint of its key, made at the first start; so a till has an identity before HQ
knows it. Files are written whole and readable by the owner only (on Windows the folder's permissions decide).
"""

import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.errors import KeysUnusable
from loyalty.cards import IDENTIFIER_KEY_BYTES
from loyalty.journal.chain import terminal_id

_TERMINAL, _IDENTIFIERS, _STAGED, _TOKEN = "terminal.key", "identifiers.key", "identifiers.staged", "hq.token"
_SEED_BYTES = 32


class TillKeys:
    """The secrets of one till. Its text form shows none of them."""

    def __init__(
        self, folder: Path, *, terminal_seed: bytes | None = None, identifier_key: bytes | None = None
    ) -> None:
        """Open the keys in ``folder``, making those that are missing.

        Args:
            folder: Where they are kept; made when missing.
            terminal_seed: 32 bytes to make the terminal's key from; random unless a replay must be repeatable.
            identifier_key: 32 bytes for identifier hashes, likewise.

        Raises:
            KeysUnusable: the folder or a file in it cannot be used.
        """
        self.folder = folder
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
            if identifier_key_id(self._read(_STAGED)) == key_id:
                staged.replace(self.folder / _IDENTIFIERS)
                self._identifier_key = self._read(_IDENTIFIERS)
            else:
                staged.unlink()
        if identifier_key_id(self._identifier_key) != key_id:
            raise KeysUnusable(f"the identifier key in {self.folder} is not the one that the book was hashed with")

    def keep_token(self, token: str) -> None:
        """Keep HQ's token: the last step of pairing."""
        self._write(_TOKEN, token.encode("ascii"))

    def _make_missing(self, name: str, secret: bytes) -> None:
        if not (self.folder / name).exists():
            self._write(name, secret)

    def _write(self, name: str, secret: bytes) -> None:
        path, draft = self.folder / name, self.folder / f"{name}.new"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as fault:
            raise KeysUnusable(f"{path} cannot be written: {fault.strerror}") from fault

    def _read(self, name: str) -> bytes:
        try:
            secret = (self.folder / name).read_bytes()
        except OSError as fault:
            raise KeysUnusable(f"{self.folder / name} cannot be read: {fault.strerror}") from fault
        if len(secret) != _SEED_BYTES:
            raise KeysUnusable(f"{self.folder / name} is damaged: it has {len(secret)} bytes, not {_SEED_BYTES}")
        return secret


def identifier_key_id(key: bytes) -> bytes:
    """Name an identifier key without giving it away, 8 bytes."""
    return sha256(b"loyaltill identifier key\0" + key).digest()[:8]
