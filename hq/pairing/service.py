"""Pairing: a person makes a code at HQ, the till sends it with its key and proves that the key is its own."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hq.book.book import Book
from hq.book.settings import Settings
from hq.pairing.codes import find_code, make_code, use_code
from hq.pairing.secrets import new_token
from hq.pairing.terminals import is_revoked, keep_terminal
from hq.ports import Clock, Randomness, epoch_ms
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.values import PairAnswer, PairRequest
from sync.protocol.wire import pairing_proof_bytes

_REFUSED = "the code is wrong, used or older than 15 minutes; make a new one at HQ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Makes codes and pairs tills."""

    book: Book
    settings: Settings
    clock: Clock
    randomness: Randomness
    merchant: str

    def make_code(self) -> str:
        """Make a one-time code for one till."""
        with self.book.write() as connection:
            return make_code(connection, self.randomness, epoch_ms(self.clock()))

    def pair(self, request: PairRequest) -> PairAnswer:
        """Make a till known and give it its token.

        Raises:
            SyncRefused: PAIRING_REFUSED for a code that is not live or a key that is not proved, REVOKED for the
                key of a till that was shut out.
        """
        token = new_token(self.randomness)
        now_ms = epoch_ms(self.clock())
        with self.book.write() as connection:
            code_hash = find_code(connection, request.code, now_ms)
            refused = _key_fault(request)
            if refused is None and code_hash is None:
                refused = SyncRefused(SyncErrorCode.PAIRING_REFUSED, _REFUSED)
            if refused is None and is_revoked(connection, request.public_key):
                refused = SyncRefused(SyncErrorCode.REVOKED, "this till was shut out; it needs a new key")
            if refused is None and code_hash is not None:
                use_code(connection, code_hash, now_ms)
                keep_terminal(
                    connection,
                    public_key=request.public_key,
                    store=request.store,
                    name=request.name,
                    token=token,
                    now_ms=now_ms,
                )
        if refused is not None:
            raise refused
        return PairAnswer(
            token=token,
            identifier_key=self.settings.identifier_key,
            hq_key=self.settings.public_key,
            hq_epoch=self.settings.hq_epoch,
            merchant=self.merchant,
        )


def _key_fault(request: PairRequest) -> SyncRefused | None:
    try:
        key = Ed25519PublicKey.from_public_bytes(request.public_key)
        key.verify(request.proof, pairing_proof_bytes(request.code, request.public_key))
    except (InvalidSignature, ValueError):
        return SyncRefused(SyncErrorCode.PAIRING_REFUSED, "the proof does not belong to the key")
    return None
