"""Whose a request is: the till of the token, and signed with its key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hq.pairing.terminals import Terminal
from sync.protocol.errors import SyncErrorCode, SyncRefused


def require_terminal(till: Terminal, terminal_id: bytes) -> None:
    """Refuse a request that names another till than the token's: TERMINAL_MISMATCH."""
    if terminal_id != till.terminal_id:
        raise SyncRefused(SyncErrorCode.TERMINAL_MISMATCH, "the token belongs to another till")


def require_signature(till: Terminal, signature: bytes, signed: bytes) -> None:
    """Refuse what the till's own key did not sign: SIGNATURE_WRONG."""
    try:
        Ed25519PublicKey.from_public_bytes(till.public_key).verify(signature, signed)
    except InvalidSignature as fault:
        raise SyncRefused(SyncErrorCode.SIGNATURE_WRONG, "this was not signed with the till's key") from fault
