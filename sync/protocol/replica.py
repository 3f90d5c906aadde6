"""The file that says of every member what any till may know: what HQ writes and tills read. Pure; bytes are elsewhere.

One row for each member and one for each card, in order of their keys, so that ten million members and their cards take
less than half a gigabyte. A file is written once and never changed: what became of a member since is in the till's book.

Source: docs/SPEC-sync.md, section 3, "The snapshot".
"""

APPLICATION_ID = 0x4C6F794D
"""``LoyM``: what SQLite's header calls such a file."""
FORMAT = 1
PREFIX_BYTES = 4
"""A card names its member by the first bytes of the id; by all of it where another member's begins with the same."""
WORTH_BITS = 4
MAX_TIERS = (1 << WORTH_BITS) - 1
"""Most tiers that a file tells apart; a member in another one has none in it."""

DDL = (
    (
        "CREATE TABLE about (id INTEGER PRIMARY KEY CHECK (id = 1), hq_epoch TEXT NOT NULL, position INTEGER NOT NULL,"
        " unit TEXT, members INTEGER NOT NULL)"
    ),
    "CREATE TABLE tier (number INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE alias (member BLOB PRIMARY KEY, canonical BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE base (member BLOB PRIMARY KEY, worth INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE base_card (card_key INTEGER PRIMARY KEY, member BLOB NOT NULL)",
    "CREATE TABLE control (number INTEGER PRIMARY KEY, row TEXT NOT NULL)",
)
"""``worth`` is the balance of the unit that ``about`` names, shifted by `WORTH_BITS`, plus the number of the tier, 0 for none.
``members`` counts those who became no other. ``control`` holds rows of the feed as pages write them: of accounts that are no member's, of programmes and releases."""


def worth(amount: int, tier: int) -> int:
    """Pack a balance and the number of a tier (0 to `MAX_TIERS`) into one integer."""
    return (amount << WORTH_BITS) + tier


def unpacked(packed: int) -> tuple[int, int]:
    """Give the balance and the number of the tier."""
    return packed >> WORTH_BITS, packed & MAX_TIERS
