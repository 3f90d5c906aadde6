"""Why HQ does not publish, roll back or withdraw: what a person said cannot be done, and what can be done instead."""

from enum import StrEnum

from hq.errors import HqError


class RefusedCode(StrEnum):
    """The stable reason."""

    BAD_FILE = "bad_file"
    TOO_LARGE = "too_large"
    BAD_REQUEST = "bad_request"
    CURRENCY_CHANGED = "currency_changed"
    UNIT_CHANGED = "unit_changed"
    UNKNOWN_STORE = "unknown_store"
    OUT_OF_ORDER = "out_of_order"
    UNKNOWN_VERSION = "unknown_version"
    AMBIGUOUS = "ambiguous"
    NOTHING_EARLIER = "nothing_earlier"
    UNKNOWN_RELEASE = "unknown_release"
    BEGUN = "begun"


class ReleaseRefused(HqError):
    """Nothing was changed.

    Attributes:
        code: The reason, for programs.
    """

    def __init__(self, code: RefusedCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
