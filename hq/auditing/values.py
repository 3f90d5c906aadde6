"""What an audit looks at, and what came of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MOST_EXAMPLES = 5
"""Examples that a check keeps, however much does not hold."""


class Check(StrEnum):
    """One thing that must hold."""

    CHAINS = "chains"
    EPOCHS = "epochs"
    HEADS = "heads"
    DETAILS = "details"
    ENTRIES = "entries"
    PARKED = "parked"
    POSTINGS = "postings"
    BALANCES = "balances"
    LOTS = "lots"
    CHECKSUMS = "checksums"
    MERGES = "merges"
    POOLS = "pools"
    DRAWS = "draws"
    CLOSES = "closes"


PROMISES: dict[Check, tuple[str, str]] = {
    Check.CHAINS: ("entries", "each stored core gives the hash beside it, without a gap"),
    Check.EPOCHS: ("journals", "each epoch was opened behind an entry that HQ holds, and a till's newest is its own"),
    Check.HEADS: ("heads", "each head is the last entry of its journal"),
    Check.DETAILS: ("details", "each detail is the one that its core vouches for, or erased"),
    Check.ENTRIES: ("entries", "each entry that can be read is known by its id once, where it is stored"),
    Check.PARKED: ("parked entries", "what is parked is stored, and not in the ledger"),
    Check.POSTINGS: ("postings", "the ledger holds what the journals' entries post, each posting once"),
    Check.BALANCES: ("balances", "each balance is the sum of its postings"),
    Check.LOTS: ("lots", "each lot is the sum of its postings"),
    Check.CHECKSUMS: ("units", "the checksums that tills compare are those of the balances"),
    Check.MERGES: (
        "merged accounts",
        "an account that became another has nothing left, and became one that is none itself",
    ),
    Check.POOLS: ("pools", "I1: no more is leased of a pool than is there, but for its debt"),
    Check.DRAWS: (
        "slices of leases",
        "I2: what is spent of a lease is what entries drew, and at most what was granted",
    ),
    Check.CLOSES: ("leases", "I3: a lease is closed by its holder's word, or spent"),
}
"""Of each check what it counts, and what must hold, in words."""


@dataclass(slots=True)
class Tally:
    """What one check looked at so far.

    Attributes:
        looked_at: How many things.
        wrong: How many of them do not hold.
        examples: The first of those, by ids.
        note: What else a person should know; empty for nothing.
        left_out: It cannot be asked now; ``note`` says why.
    """

    check: Check
    looked_at: int = 0
    wrong: int = 0
    examples: list[str] = field(default_factory=list)
    note: str = ""
    left_out: bool = False

    def fault(self, said: str) -> None:
        """Count something that does not hold."""
        self.wrong += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What came of an audit: every check, in the order of `Check`.

    Attributes:
        as_of: Aware instant at which pools were looked at.
    """

    as_of: datetime
    tallies: tuple[Tally, ...]

    @property
    def well(self) -> bool:
        """Whether everything holds that could be asked."""
        return not any(one.wrong for one in self.tallies)


def place_name(terminal: bytes, epoch: int, sequence: int) -> str:
    """Name a place as people write it: TILL/EPOCH/SEQUENCE."""
    return f"{terminal.hex()}/{epoch}/{sequence}"
