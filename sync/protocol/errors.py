"""The codes with which HQ refuses a request, and what a till may do about each."""

from enum import StrEnum


class SyncErrorCode(StrEnum):
    """Why HQ refused; stable on the wire. ``HTTP_STATUS`` gives each its status."""

    UNAUTHORIZED = "unauthorized"
    REVOKED = "revoked"
    TERMINAL_MISMATCH = "terminal_mismatch"
    SIGNATURE_WRONG = "signature_wrong"
    PROTOCOL_UNSUPPORTED = "protocol_unsupported"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    GAP = "gap"
    CHAIN_MISMATCH = "chain_mismatch"
    HEAD_MISMATCH = "head_mismatch"
    EPOCH_UNKNOWN = "epoch_unknown"
    PAIRING_REFUSED = "pairing_refused"
    CURSOR_AHEAD = "cursor_ahead"
    CURSOR_TOO_OLD = "cursor_too_old"
    NO_SEGMENT = "no_segment"
    NO_SNAPSHOT = "no_snapshot"
    BUSY = "busy"


HTTP_STATUS: dict[SyncErrorCode, int] = {
    SyncErrorCode.UNAUTHORIZED: 401,
    SyncErrorCode.REVOKED: 403,
    SyncErrorCode.TERMINAL_MISMATCH: 403,
    SyncErrorCode.SIGNATURE_WRONG: 403,
    SyncErrorCode.PROTOCOL_UNSUPPORTED: 426,
    SyncErrorCode.MALFORMED: 400,
    SyncErrorCode.TOO_LARGE: 413,
    SyncErrorCode.GAP: 409,
    SyncErrorCode.CHAIN_MISMATCH: 409,
    SyncErrorCode.HEAD_MISMATCH: 409,
    SyncErrorCode.EPOCH_UNKNOWN: 409,
    SyncErrorCode.PAIRING_REFUSED: 403,
    SyncErrorCode.CURSOR_AHEAD: 409,
    SyncErrorCode.CURSOR_TOO_OLD: 409,
    SyncErrorCode.NO_SEGMENT: 404,
    SyncErrorCode.NO_SNAPSHOT: 404,
    SyncErrorCode.BUSY: 503,
}

TRANSIENT = frozenset({SyncErrorCode.BUSY, SyncErrorCode.GAP})
"""Codes after which the same till may simply say hello and try again."""


class SyncRefused(Exception):
    """HQ refused a request, or one end received something that the protocol does not allow.

    Attributes:
        code: The stable reason.
        need: With ``GAP``, the sequence from which HQ needs entries.
        retry_after_s: Seconds that whoever answered asks to stay away; 0 where it did not.
    """

    def __init__(
        self, code: SyncErrorCode, detail: str = "", *, need: int | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(f"{code.value}: {detail}" if detail else code.value)
        self.code = code
        self.detail = detail
        self.need = need
        self.retry_after_s = retry_after_s


class LinkDown(Exception):
    """HQ could not be reached or did not answer as HQ does; always worth another try later.

    Attributes:
        retry_after_s: Seconds that whoever answered asks to stay away; 0 where it did not, or nobody answered.
    """

    def __init__(self, detail: str, *, retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class NoSuchAddress(LinkDown):
    """Whoever answered knows no such address: an HQ that is older than the till, or a proxy that lets only some through."""
