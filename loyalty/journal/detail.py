"""What happened at the till, as kept beside the core of an entry: the erasable part.

Every field of DESIGN's detail has its place here; a field that nothing fills yet is None and is left out of
the bytes.
"""

from dataclasses import dataclass

from loyalty.journal.entry import ACCOUNT_ID_BYTES, SALT_BYTES
from loyalty.numbers.limits import require


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailLine:
    """One line of the basket as it was sold.

    Attributes:
        line: The host's line number, from 1, unique in the sale.
        item: The host's item code.
        name: What the receipt calls it.
        category: The host's category, or None.
        quantity_milli: Thousandths of the item's unit, > 0.
        amount_minor: What the customer pays for the line, discounts taken off, tax included.
        tax_minor: The tax contained in ``amount_minor``.
        discount_minor: What was taken off the line, >= 0; ``amount_minor`` is after it.
    """

    line: int
    item: str
    name: str
    category: str | None
    quantity_milli: int
    amount_minor: int
    tax_minor: int = 0
    discount_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailAward:
    """What one rule awarded at the sale, with what a later return needs to take it back.

    Attributes:
        rule: The rule's id in the programme version of the core.
        unit: The unit awarded.
        amount: Smallest steps of the unit.
        bases: (line, base) of each line that earned, by line. What a base counts is the rule's own: minor units of money,
            thousandths of pieces.
        base: The sum of the bases.
    """

    rule: str
    unit: str
    amount: int
    base: int
    bases: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailReversal:
    """What one return took back of one award of the original sale."""

    rule: str
    unit: str
    amount: int
    returned_base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """A returned quantity of one line.

    Attributes:
        line: The line of the original sale, or of the return's own ``lines`` where the original is unknown.
        quantity_milli: Thousandths that came back, > 0.
        reason: Why the line could not be matched to a sale; None for a matched one.
    """

    line: int
    quantity_milli: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder:
    """The fraction of a unit that a rule carried over, in ``1 / denominator`` of the unit's smallest step."""

    rule: str
    unit: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingUsed:
    """What the till knew of the member when it computed the entry."""

    tier: str | None
    balances: tuple[tuple[str, int], ...]
    as_of: str | None
    """ISO 8601 UTC instant up to which HQ's word was included, or None if HQ was never heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person let something pass that the rules refuse."""

    operator: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The text version that a member agreed to, and how."""

    text_version: str
    given_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetail:
    """The detail of one entry; see each field's type.

    Attributes:
        salt: 16 random bytes, so that a digest cannot be guessed from a small detail.
        local_time: ISO 8601 with offset, as the till's clock said in the store's zone.
        business_date: ISO date, as the host said, else the store's local date.
        identifier: The card as scanned.
        host: The POS program, and ``host_check_id`` its own number of the check.
        host_guid: The host's own global id of the sale, where it has one.
        payment_set: The host's id of the set of payments, part of the business key.
        receipt_number: The till's own running number.
        claimed_original: The sale that a return claims to undo, where this till does not know it.
    """

    salt: bytes
    local_time: str
    business_date: str
    store: str
    currency: str
    currency_scale: int
    receipt_number: int | None = None
    member: bytes | None = None
    identifier: str | None = None
    language: str | None = None
    nickname: str | None = None
    operator: str | None = None
    shift: str | None = None
    host: str | None = None
    host_check_id: str | None = None
    host_guid: str | None = None
    payment_set: str | None = None
    fiscal_document_id: str | None = None
    training: bool = False
    override: Override | None = None
    consent: Consent | None = None
    standing: StandingUsed | None = None
    lines: tuple[DetailLine, ...] = ()
    awards: tuple[DetailAward, ...] = ()
    returned: tuple[ReturnedLine, ...] = ()
    claimed_original: str | None = None
    reversals: tuple[DetailReversal, ...] = ()
    remainders: tuple[Remainder, ...] = ()

    def __post_init__(self) -> None:
        require(len(self.salt) == SALT_BYTES, "a salt has 16 bytes")
        require(self.member is None or len(self.member) == ACCOUNT_ID_BYTES, "a member id has 16 bytes")
