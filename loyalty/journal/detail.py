"""What happened at the till, as kept beside the core of an entry: the erasable part.

Every field of DESIGN's detail has its place here; a field that nothing fills yet is None and is left out of
the bytes.
"""

from dataclasses import dataclass

from loyalty.journal.entry import ACCOUNT_ID_BYTES, SALT_BYTES
from loyalty.numbers.limits import require


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailLine:
    """One line of the basket as the host gave it, and what was charged for it in the end.

    Attributes:
        line: The host's line number, from 1, unique in the sale.
        item: The host's item code.
        name: What the receipt calls it.
        category: The host's category, or None.
        quantity_milli: Thousandths of the item's unit, > 0.
        amount_minor: What the host asks for the line, its own discounts taken off, tax included.
        tax_minor: The tax contained in ``amount_minor``.
        discount_minor: What the host took off the line, >= 0; ``amount_minor`` is after it.
        charged_minor: What the customer was charged after rewards, whatever paid for it; None where that is
            ``amount_minor``.
        tax_ppm: As in `loyalty.sale.basket.BasketLine`; so are ``floor_minor``, ``deposit_minor``, ``tags`` and ``gift``.
    """

    line: int
    item: str
    name: str
    category: str | None
    quantity_milli: int
    amount_minor: int
    tax_minor: int = 0
    discount_minor: int = 0
    charged_minor: int | None = None
    tax_ppm: int | None = None
    floor_minor: int = 0
    deposit_minor: int = 0
    tags: tuple[str, ...] = ()
    gift: str | None = None

    @property
    def paid_minor(self) -> int:
        """What the customer was charged for the line after rewards."""
        return self.amount_minor if self.charged_minor is None else self.charged_minor


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
    usable_at: int | None = None
    """Epoch seconds (UTC) from which the units may be spent; None for at once. The same as in the posting's lot."""
    expires_at: int | None = None
    """Epoch seconds (UTC) from which they may not be spent any more; None for never."""
    account: bytes | None = None
    """Whose they are, 16 bytes, where they are not the member's own: those of the member who brought a friend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailGift:
    """Something given away: thousandths of an item's unit, > 0."""

    item: str
    quantity_milli: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRedemption:
    """What one reward gave and took at the sale, with what a later return needs to undo it.

    Attributes:
        reward: The reward's id in the programme version of the core.
        settle: How the host was told of it: "line_discount" or "tender".
        account: The account that paid, 16 bytes; None where it cost nothing.
        unit: The unit that it cost, or None.
        units: What it cost, in smallest steps of `unit`.
        uses: (lot or None, smallest steps) of each lot that paid, in the order in which they paid; None: in no lot.
        amount_minor: What the customer paid less, the worth of free units included.
        by_line: (line, minor units) of `amount_minor` by line.
        free: (line, thousandths) that were free within the line's quantity.
        gifts: What was given on top.
        seats: (event, how many) to which it invites.
        worth_minor: What the gifts are worth, for a return that charges them.
    """

    reward: str
    settle: str
    account: bytes | None = None
    unit: str | None = None
    units: int = 0
    uses: tuple[tuple[bytes | None, int], ...] = ()
    amount_minor: int = 0
    by_line: tuple[tuple[int, int], ...] = ()
    free: tuple[tuple[int, int], ...] = ()
    gifts: tuple[DetailGift, ...] = ()
    seats: tuple[tuple[str, int], ...] = ()
    worth_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailIssued:
    """A coupon that was issued: its id in the programme, its printed code, its account (16 bytes), and the rule."""

    coupon: str
    code: str
    account: bytes
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailCardSold:
    """A gift card that a line of the sale sold: its account (16 bytes), and what came to it in smallest steps of a unit."""

    account: bytes
    unit: str
    units: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailAsked:
    """What was asked of the sale's quote besides the goods, and what pools held, so that it can be computed again.

    Attributes:
        at: Epoch seconds (UTC) of the quote that the sale keeps; None where it was computed with the sale.
        redeem: (reward, smallest steps or None, times, choice or None) of what the member chose.
        codes: Words, as typed; ``coupons`` are codes of coupons.
        cards: (account, reward, smallest steps or None) of gift cards that pay.
        declined: Rewards that were not wanted.
        actions: What the member did besides buying.
        held: (account, unit, smallest steps that could be used) of coupons, gift cards and pools.
        refused: (field, `RefusalCode`) of what was shown and could not be used.
    """

    at: int | None = None
    redeem: tuple[tuple[str, int | None, int, str | None], ...] = ()
    codes: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    cards: tuple[tuple[bytes, str, int | None], ...] = ()
    declined: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    held: tuple[tuple[bytes, str, int], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def rewards(self) -> bool:
        """Whether rewards were asked at all: a sale without a quote and without a wish was paid as it was."""
        wishes = (self.redeem, self.codes, self.coupons, self.cards, self.declined, self.actions)
        return self.at is not None or any(wishes)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailTier:
    """A move to another tier.

    Attributes:
        before: The tier until now, or None.
        after: The tier from now on, or None.
        until: Epoch seconds (UTC) up to which it is kept at least; None where nothing ends it.
    """

    before: str | None = None
    after: str | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailReversal:
    """What one return took back of one award of the original sale.

    Attributes:
        amount: Smallest steps that were posted.
        returned_base: The base that came back, rounded down as a sum over returns.
        lost: The goods that are kept no longer reach what the rule needs.
    """

    rule: str
    unit: str
    amount: int
    returned_base: int
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRestored:
    """What one return gave back of one redemption of the original sale.

    Attributes:
        account: Who had paid, 16 bytes.
        units: Smallest steps of ``unit``.
        amount_minor: What they had paid as a tender of the goods that came back; 0 for a discount.
    """

    reward: str
    account: bytes
    unit: str
    units: int
    amount_minor: int = 0


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
    """What the till knew of the member when it computed the entry, as far as the programme's rules look at it.

    Attributes:
        balances: (unit, smallest steps), hidden units included but for counters of other days.
        unusable: (unit, smallest steps) of the balances that could not be spent: pending, or past their end.
        segments: Ids, sorted.
        birthday: ``MM-DD``.
        referrer: The id of the member who brought this one, where that may still count.
        joined_on: ISO date; so is ``last_visit_on``.
        as_of: ISO 8601 UTC instant up to which HQ's word was included, or None if HQ was never heard.
    """

    tier: str | None
    balances: tuple[tuple[str, int], ...]
    as_of: str | None
    unusable: tuple[tuple[str, int], ...] = ()
    segments: tuple[str, ...] = ()
    birthday: str | None = None
    joined_on: str | None = None
    last_visit_on: str | None = None
    referrer: bytes | None = None


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
class DetailEvidence:
    """What is left of an entry whose bytes changed on the till's disk.

    Attributes:
        hash: The chain's hash after it, as it was written.
        core, detail: Its parts as they are now, from the beginning, as far as an entry can hold them.
        postings: (account, unit, amount) that the till had noted of it beside its bytes; they are not posted.
    """

    hash: bytes
    core: bytes
    detail: bytes
    postings: tuple[tuple[bytes, str, int], ...] = ()


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
        credit_minor: What the host took off the basket as a whole.
        stays: Hidden units that a return of this sale leaves as they are.
        charged_minor: Of a return: what gifts cost that the kept goods no longer earn; below zero where it is given back.
        withdrawn: Of a return: codes of the sale's coupons that are good no more.
        claimed_original: The sale that a return claims to undo, where this till does not know it.
        birthday: Of an enrolment: ``MM-DD``, as the member told it.
        referrer: Of an enrolment: the id of the member who brought this one.
        tier: Of an entry of kind `tier`: where `member` moves.
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
    birthday: str | None = None
    referrer: bytes | None = None
    tier: DetailTier | None = None
    standing: StandingUsed | None = None
    asked: DetailAsked | None = None
    credit_minor: int = 0
    lines: tuple[DetailLine, ...] = ()
    awards: tuple[DetailAward, ...] = ()
    redemptions: tuple[DetailRedemption, ...] = ()
    issued: tuple[DetailIssued, ...] = ()
    sold_cards: tuple[DetailCardSold, ...] = ()
    returned: tuple[ReturnedLine, ...] = ()
    claimed_original: str | None = None
    reversals: tuple[DetailReversal, ...] = ()
    restored: tuple[DetailRestored, ...] = ()
    charged_minor: int = 0
    withdrawn: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    remainders: tuple[Remainder, ...] = ()
    evidence: DetailEvidence | None = None

    def __post_init__(self) -> None:
        require(len(self.salt) == SALT_BYTES, "a salt has 16 bytes")
        members = (self.member, self.referrer)
        require(all(one is None or len(one) == ACCOUNT_ID_BYTES for one in members), "a member id has 16 bytes")
