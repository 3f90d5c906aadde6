"""What a host asks of the till, as values."""

from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from types import NoneType
from typing import Any

from loyalty.basket import BasketLine
from loyalty.journal.codec import canonical_json
from loyalty.quote import RedeemRequest


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
class QuoteRequest:
    """What would this basket earn, and what could be redeemed on it?"""

    currency: str
    lines: tuple[BasketLine, ...]
    card: str | None = None
    redeem: RedeemRequest | None = None
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRequest:
    """A paid sale.

    Attributes:
        key: The host's idempotency key.
        check_id: The host's number of the check; numbers may start again every business date.
        payment_set: Tells two payments of one check apart; part of the business key.
        host_guid: The host's own global id of the sale; replaces the business key's other parts.
        quote: The ``quote`` of the answer to a quote; the sale then keeps its programme version.
        sale: Basket, card and the rest.
    """

    key: str
    check_id: str
    sale: QuoteRequest
    quote: str | None = None
    host_guid: str | None = None
    payment_set: str | None = None
    fiscal_document_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolRequest:
    """A card becomes a member's."""

    key: str
    card: str
    nickname: str | None = None
    language: str | None = None
    consent_text_version: str | None = None
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
    return sha256(canonical_json([type(request).__name__, _plain(request)])).digest()[:16]


def field_names(kind: Any) -> tuple[str, ...]:
    """Give the names of a dataclass's fields, inherited ones included."""
    return tuple(name for name, _ in _fields_of(kind))


def _plain(value: Any) -> Any:
    if isinstance(value, (str, int)) or value is None:
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    given: dict[str, Any] = {}
    for name, default in _fields_of(value.__class__):
        item = getattr(value, name)
        if item is not default and item != default:
            given[name] = item if type(item) in _SCALARS else _plain(item)
    return given


@cache
def _fields_of(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, _default(one)) for one in fields(kind))


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


_SCALARS = frozenset({str, int, bool, NoneType})
