"""What a person asks about members, and what came of it."""

from dataclasses import dataclass

MAX_REASON = 500
MAX_BY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two members who are one.

    Attributes:
        card: A card of the one who becomes the other.
        into: A card of the one who stays.
        reason: Why; kept with the entry.
        by: Who says so.
        once: A key under which it is done once, or empty.
    """

    card: str
    into: str
    reason: str
    by: str = ""
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merge did.

    Attributes:
        gone: Who became the other; None where it had been done before.
        stays: Who both are now.
        cards: How many cards lead there that did not.
        leases: How many leases of tills moved along and were called back.
        entries: The entries that moved what there was.
        known: It had been done before under the same key.
    """

    gone: bytes | None
    stays: bytes
    cards: int = 0
    leases: int = 0
    entries: tuple[bytes, ...] = ()
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """A member who is to be forgotten.

    Attributes:
        card: One of their cards.
        reason: Why; kept with the request, so it must not name them.
        by: Who says so.
    """

    card: str
    reason: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What forgetting did.

    Attributes:
        member: The id that nobody is any more.
        entries: How many details were erased.
        known: It had been asked before.
    """

    member: bytes
    entries: int
    known: bool
