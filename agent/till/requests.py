"""What a host asks of the till, as values."""

from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from types import NoneType
from typing import Any

from loyalty.cards import is_uid
from loyalty.journal.codec import canonical_json
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a request comes from: what the journal keeps beside the effect.

    Attributes:
        host: The POS program's name.
        operator: The cashier's id at the host.
        shift: The host's shift id.
        business_date: The host's business date, or None for the store's local date.
        happened_at: When it happened, where the host reports later than that; aware, or None for now.
        training: The host is in training mode: journaled, and posts nothing.
    """

    host: str = "pos"
    operator: str | None = None
    shift: str | None = None
    business_date: date | None = None
    happened_at: datetime | None = None
    training: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardPays:
    """A gift card that pays.

    Attributes:
        number: As scanned.
        reward: The tender that it is spent through.
        units: Smallest steps to take, or None for as much as it can.
    """

    number: str
    reward: str
    units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardSold:
    """A gift card that a line sells or tops up; the programme's rules say what comes on it.

    Attributes:
        number: As scanned.
        line: The line that it is sold by; each piece of the line is a card, and its return takes back what came on it.
    """

    number: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InquireRequest:
    """Who is it?

    Attributes:
        scan: As the scanner sent it, or as somebody keyed it.
        kind: What it is meant to be, where it can be several things: a `Kind`.
    """

    scan: str
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """What would this basket earn, and what could be redeemed on it?

    Attributes:
        card: The member's card, or None.
        second_card: Another card of the same member, where the first one is a UID, which does not redeem by itself.
        credit_minor: What the host takes off the basket as a whole, >= 0.
        redeem: What the member chose.
        codes: Words that open offers, as typed.
        coupons: Codes of coupons that were shown.
        gift_cards: Gift cards that pay.
        sold_cards: Gift cards that the basket sells.
        declined: Rewards that apply by themselves and are not wanted.
        actions: What the member did besides buying.
    """

    currency: str
    lines: tuple[BasketLine, ...]
    card: str | None = None
    second_card: str | None = None
    credit_minor: int = 0
    redeem: tuple[RedeemRequest, ...] = ()
    codes: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    gift_cards: tuple[GiftCardPays, ...] = ()
    sold_cards: tuple[GiftCardSold, ...] = ()
    declined: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def named(self) -> str | None:
        """The card under which the sale is recorded: the one that says more than a UID, where there are two."""
        return self.second_card if self.card is not None and is_uid(self.card) and self.second_card else self.card

    @property
    def by_uid(self) -> bool:
        """Whether a UID is all that names the member."""
        return self.named is not None and is_uid(self.named)

    @property
    def asks(self) -> bool:
        """Whether anything is asked for besides what the goods earn."""
        return bool(self.redeem or self.codes or self.coupons or self.gift_cards or self.declined or self.actions)

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """Give (field, text) of everything that a scanner may have read, besides the card."""
        return (
            *((f"codes[{place}]", word) for place, word in enumerate(self.codes, start=1)),
            *((f"coupons[{place}]", code) for place, code in enumerate(self.coupons, start=1)),
            *((f"gift_cards[{place}].number", one.number) for place, one in enumerate(self.gift_cards, start=1)),
            *((f"sold_cards[{place}].number", one.number) for place, one in enumerate(self.sold_cards, start=1)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRequest:
    """A paid sale.

    Attributes:
        key: The host's idempotency key.
        check_id: The host's number of the check; numbers may start again every business date.
        payment_set: Tells two payments of one check apart; part of the business key.
        host_guid: The host's own global id of the sale; replaces the business key's other parts.
        hold: The ``hold`` of the answer to a hold: the sale takes what was set aside, and cannot be refused for it.
        quote: The ``quote`` of the answer to a quote; the sale then keeps its programme version. Without it and with nothing
            asked, no reward is at work: the customer has paid the lines as they are.
        sale: Basket, card and the rest.
        tenders: What it was paid with, as the host names it; nothing is kept of it.
    """

    key: str
    check_id: str
    sale: QuoteRequest
    quote: str | None = None
    hold: str | None = None
    host_guid: str | None = None
    payment_set: str | None = None
    fiscal_document_id: str | None = None
    tenders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequest:
    """Set aside what a basket will take, until it is paid."""

    key: str
    sale: QuoteRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """Give a hold back; ``hold`` is what its answer named."""

    key: str
    hold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolRequest:
    """A card becomes a member's.

    Attributes:
        birthday: ``MM-DD``, as the member told it.
        referrer: The card of the member who brought this one.
    """

    key: str
    card: str
    nickname: str | None = None
    language: str | None = None
    consent_text_version: str | None = None
    birthday: str | None = None
    referrer: str | None = None
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRequest:
    """A member did something that earns without a sale.

    Attributes:
        action: ``sign_up``, ``feedback``, ``check_in`` or the programme's own.
        about: What it is about, as the host names it: the sale that is rated, the event; part of what makes it one action.
    """

    key: str
    card: str
    action: str
    about: str | None = None
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRequest:
    """Undo a whole sale; ``sale`` is the entry id that its commit answered, in hex."""

    key: str
    sale: str
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedLine:
    """Something that came back without a known sale.

    Attributes:
        amount_minor: What was given back for it.
        reason: Why it could not be matched, as a stable word.
    """

    item: str
    quantity_milli: int
    amount_minor: int
    reason: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequest:
    """Goods come back.

    Attributes:
        sale: The entry id that the sale's commit answered, in hex; None when the sale is unknown.
        lines: (line of the sale, thousandths) that come back.
        unmatched: What comes back without a known sale; it is journaled and parked for a person.
        check_id: The host's number of the return.
    """

    key: str
    check_id: str
    currency: str
    sale: str | None = None
    lines: tuple[tuple[int, int], ...] = ()
    unmatched: tuple[UnmatchedLine, ...] = ()
    card: str | None = None
    provenance: Provenance = field(default_factory=Provenance)


def request_digest(request: object) -> bytes:
    """Digest a request for the comparison of idempotency: equal requests, equal digests.

    A field at its default does not count, so that a retry is still known after an update of the agent brought a
    new field.
    """
    return sha256(canonical_json([type(request).__name__, as_json(request)])).digest()[:16]


def field_names(kind: Any) -> tuple[str, ...]:
    """Give the names of a dataclass's fields, inherited ones included."""
    return tuple(name for name, _ in _fields_of(kind))


def as_json(value: Any) -> Any:
    """Give a request, or a part of one, as JSON values; fields at their defaults are left out."""
    if isinstance(value, (str, int)) or value is None:
        return value
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    given: dict[str, Any] = {}
    for name, default in _fields_of(value.__class__):
        item = getattr(value, name)
        if item is not default and item != default:
            given[name] = item if type(item) in _SCALARS else as_json(item)
    return given


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, _default(one)) for one in fields(kind))


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


_SCALARS = frozenset({str, int, bool, NoneType})
