"""What a host may send, field by field, and the request value that becomes of it."""

from collections.abc import Callable, Iterator
from typing import Any

from agent.api.fields import AMOUNT, COUNT, BadField, Day, Field, Flag, Instant, Integer, Listed, Shape, Text
from agent.book.print_jobs import REPORT, SLIP
from agent.config.receipts import OwnPaper
from agent.till.requests import (
    ActionRequest,
    CommitRequest,
    EnrolRequest,
    GiftCardPays,
    GiftCardSold,
    HoldRequest,
    InquireRequest,
    Provenance,
    QuoteRequest,
    ReleaseRequest,
    ReturnRequest,
    UnmatchedLine,
    VoidRequest,
)
from drivers.scanners.decoding.settings import ORDERABLE
from loyalty.cards import MAX_CARD
from loyalty.numbers.limits import MAX_BASKET_LINES, MAX_TEXT
from loyalty.quote import RedeemRequest
from loyalty.sale.ask import MAX_ASKED
from loyalty.sale.basket import MAX_TAGS, BasketLine
from messages.languages import PAPER_LANGUAGES

MAX_SCAN = 4_096
MAX_TENDERS = 16
_NAME = Text(most=64)
_PAPERS = (SLIP, *(kind.value for kind in OwnPaper))
_ENTRY = Text(least=32, most=32)
_CARD = Text(most=MAX_CARD)
_SCANNED = Text(most=MAX_TEXT)
_BUSINESS_DATE = (
    "Send it always, the same in every retry: it is part of what identifies a check. Without it the till takes the "
    "store's local date, and knows a retry that comes after midnight by its basket and for four hours only."
)

_QUOTED = (
    "The quote that was answered; the sale keeps its programme version. Without it, and with nothing asked, no reward is "
    "at work: the customer has paid the lines as they are."
)
_AS_SENT = "As the scanner sent it: with or without CR, LF, TAB, STX and ETX, GS for FNC1, and its AIM identifier."
_AS_CARD = (
    "As inquire answered it, or as the scanner sent it. A member code, which lasts minutes, is for inquire alone."
)
_MEANT = "What it is meant to be, where scan_ambiguous was answered; one of the kinds that were named then."
_SECOND = (
    "Another card of the same member, as inquire answered it: a `card` that is a UID (`uid:...`) earns and does not redeem "
    "without one."
)
_PROVENANCE = (
    Field(name="host", kind=_NAME, note="The POS program's name; part of what identifies a sale."),
    Field(name="operator", kind=_NAME, note="The cashier, as the receipt calls them."),
    Field(name="shift", kind=_NAME),
    Field(name="business_date", kind=Day(), note=_BUSINESS_DATE),
    Field(name="happened_at", kind=Instant(), note="When it happened, where it is reported later than that."),
    Field(name="training", kind=Flag(), note="Journaled, and posts nothing."),
)
_ORIGIN = tuple(field.name for field in _PROVENANCE)

LINE = Shape(
    name="Line",
    make=BasketLine,
    fields=(
        Field(name="line", kind=Integer(), note="The host's number of the line, from 1.", required=True),
        Field(name="item", kind=Text(least=0), note="The host's item code.", required=True),
        Field(name="name", kind=Text(least=0), note="What the receipt calls it."),
        Field(name="category", kind=Text()),
        Field(name="quantity_milli", kind=Integer(), note="Thousandths: 1.5 kg is 1500.", required=True),
        Field(name="amount_minor", kind=Integer(), note="Paid for the line, discounts off, tax in.", required=True),
        Field(name="tax_minor", kind=Integer(), note="The tax in amount_minor."),
        Field(name="discount_minor", kind=Integer(), note="What the host took off already."),
        Field(name="tax_ppm", kind=Integer(), note="The tax rate in millionths of the net price: 12 % is 120000."),
        Field(name="floor_minor", kind=Integer(), note="The least that the whole line may be sold for."),
        Field(name="deposit_minor", kind=Integer(), note="The part of amount_minor that no reward touches."),
        Field(name="tags", kind=Listed(of=Text(), most=MAX_TAGS), note="Further groups that the item is in."),
        Field(name="gift", kind=_NAME, note="The reward that this line is handed out for; it costs nothing."),
    ),
)
REDEEM = Shape(
    name="Redeem",
    make=RedeemRequest,
    fields=(
        Field(name="reward", kind=_NAME, required=True),
        Field(name="units", kind=COUNT, note="Smallest steps of the reward's unit, where the member chooses how many."),
        Field(name="times", kind=COUNT, note="How often, where the reward has a price of its own; once by default."),
        Field(name="choice", kind=Text(), note="The item, where the reward is a choice of gifts."),
    ),
)
GIFT_CARD = Shape(
    name="GiftCard",
    make=GiftCardPays,
    fields=(
        Field(name="number", kind=_CARD, required=True),
        Field(name="reward", kind=_NAME, note="The tender that it is spent through.", required=True),
        Field(name="units", kind=COUNT, note="Smallest steps to take; as much as it can where absent."),
    ),
)
SOLD_CARD = Shape(
    name="SoldCard",
    make=GiftCardSold,
    fields=(
        Field(name="number", kind=_CARD, required=True),
        Field(name="line", kind=COUNT, note="The line that sells it, of which each piece is a card.", required=True),
    ),
)
_ASKED = (
    Field(name="redeem", kind=Listed(of=REDEEM, most=MAX_ASKED), note="What the member chose."),
    Field(name="codes", kind=Listed(of=_NAME, most=MAX_ASKED), note="Words that open offers, as typed."),
    Field(name="coupons", kind=Listed(of=_NAME, most=MAX_ASKED), note="Codes of coupons that were shown."),
    Field(name="gift_cards", kind=Listed(of=GIFT_CARD, most=MAX_ASKED), note="Gift cards that pay."),
    Field(name="sold_cards", kind=Listed(of=SOLD_CARD, most=MAX_ASKED), note="Gift cards that the basket sells."),
    Field(name="declined", kind=Listed(of=_NAME, most=MAX_ASKED), note="Rewards by themselves that are not wanted."),
    Field(name="actions", kind=Listed(of=_NAME, most=MAX_ASKED), note="What the member did besides buying."),
)
_BASKET = (
    Field(name="currency", kind=Text(least=3, most=3), note="ISO 4217.", required=True),
    Field(name="lines", kind=Listed(of=LINE, most=MAX_BASKET_LINES), required=True),
    Field(name="card", kind=_SCANNED, note=_AS_CARD),
    Field(name="second_card", kind=_SCANNED, note=_SECOND),
    Field(name="credit_minor", kind=Integer(), note="What the host takes off the basket as a whole."),
    *_ASKED,
    *_PROVENANCE,
)
INQUIRE = Shape(
    name="Inquire",
    make=InquireRequest,
    fields=(
        Field(name="scan", kind=Text(most=MAX_SCAN), note=_AS_SENT, required=True),
        Field(name="kind", kind=Text(choices=tuple(ORDERABLE)), note=_MEANT),
    ),
)
PAIR = Shape(
    name="Pair",
    make=lambda code: code,
    fields=(Field(name="code", kind=_NAME, note="What `loyaltill hq pair-code` printed at HQ.", required=True),),
)
REPRINT = Shape(
    name="Reprint",
    make=lambda entry, width=48, paper=None: (entry, width, paper),
    fields=(
        Field(name="entry", kind=_ENTRY, note="The entry that the commit, void or return answered.", required=True),
        Field(name="width", kind=Integer(least=16, most=96), note="Columns, where the host prints itself."),
        Field(name="paper", kind=Text(choices=_PAPERS), note="One of what was printed; without it all of that."),
    ),
)
SHIFT = Shape(
    name="Shift",
    make=lambda date=None, shift="": (date, shift),
    fields=(
        Field(name="date", kind=Day(), note="The business date; today's without it."),
        Field(name="shift", kind=_NAME, note="The host's name of the shift; the whole day without it."),
    ),
)


def _seen_to(entry: str | None = None, paper: str | None = None) -> str | None:
    if (entry is None) is (paper is None):
        raise BadField("entry", f"expected an entry, or {REPORT} as paper, and not both")
    return entry


PRINTED = Shape(
    name="Printed",
    make=_seen_to,
    fields=(
        Field(name="entry", kind=_ENTRY, note="Whose papers a person has seen to."),
        Field(
            name="paper", kind=Text(choices=(REPORT,)), note="Instead of an entry: the shift reports, which have none."
        ),
    ),
)


def _provenance(given: dict[str, Any]) -> Provenance:
    return Provenance(**{name: given.pop(name) for name in _ORIGIN if name in given})


def _quote(**given: Any) -> QuoteRequest:
    provenance = _provenance(given)
    return QuoteRequest(provenance=provenance, **given)


def _commit(key: str, **given: Any) -> CommitRequest:
    names = tuple(field.name for field in _BASKET)
    sale = _quote(**{name: given.pop(name) for name in names if name in given})
    return CommitRequest(key=key, sale=sale, **given)


def _hold(key: str, **given: Any) -> HoldRequest:
    return HoldRequest(key=key, sale=_quote(**given))


def _keyed(kind: Callable[..., Any]) -> Callable[..., Any]:
    def make(key: str, **given: Any) -> Any:
        provenance = _provenance(given)
        return kind(key=key, provenance=provenance, **given)

    return make


def _returned_line(line: int, quantity_milli: int) -> tuple[int, int]:
    return line, quantity_milli


QUOTE = Shape(name="Quote", make=_quote, fields=_BASKET)
HOLD = Shape(name="Hold", make=_hold, fields=_BASKET)
RELEASE = Shape(
    name="Release",
    make=ReleaseRequest,
    fields=(Field(name="hold", kind=_ENTRY, note="What the hold answered.", required=True),),
)
COMMIT = Shape(
    name="Commit",
    make=_commit,
    fields=(
        *_BASKET,
        Field(name="check_id", kind=Text(), note="The host's number of the check.", required=True),
        Field(name="quote", kind=Text(), note=_QUOTED),
        Field(name="hold", kind=_ENTRY, note="What the hold answered: what was set aside is taken."),
        Field(name="host_guid", kind=Text(), note="The host's own global id of the sale."),
        Field(name="payment_set", kind=Text(), note="Tells two payments of one check apart."),
        Field(name="fiscal_document_id", kind=Text()),
        Field(
            name="tenders", kind=Listed(of=_NAME, most=MAX_TENDERS), note="What it is paid with; may open the drawer."
        ),
    ),
)
DRAWER = Shape(
    name="Drawer",
    make=lambda printer=None: printer,
    fields=(Field(name="printer", kind=_NAME, note="Whose drawer, where several have one."),),
)
VOID = Shape(
    name="Void",
    make=_keyed(VoidRequest),
    fields=(Field(name="sale", kind=_ENTRY, note="The entry that the commit answered.", required=True), *_PROVENANCE),
)
RETURNED_LINE = Shape(
    name="ReturnedLine",
    make=_returned_line,
    fields=(
        Field(name="line", kind=COUNT, note="A line of the sale.", required=True),
        Field(name="quantity_milli", kind=Integer(), required=True),
    ),
)
UNMATCHED = Shape(
    name="UnmatchedLine",
    make=UnmatchedLine,
    fields=(
        Field(name="item", kind=Text(least=0), required=True),
        Field(name="name", kind=Text(least=0)),
        Field(name="quantity_milli", kind=COUNT, required=True),
        Field(name="amount_minor", kind=AMOUNT, note="What was given back for it.", required=True),
        Field(name="reason", kind=_NAME, note="Why no sale is known, as a stable word.", required=True),
    ),
)
RETURN = Shape(
    name="Return",
    make=_keyed(ReturnRequest),
    fields=(
        Field(name="check_id", kind=Text(), note="The host's number of the return.", required=True),
        Field(name="currency", kind=Text(least=3, most=3), required=True),
        Field(name="sale", kind=_ENTRY, note="The entry that the commit answered, where it is known."),
        Field(name="lines", kind=Listed(of=RETURNED_LINE, most=MAX_BASKET_LINES)),
        Field(name="unmatched", kind=Listed(of=UNMATCHED, most=MAX_BASKET_LINES), note="What no sale is known for."),
        Field(name="card", kind=_SCANNED, note=_AS_CARD),
        *_PROVENANCE,
    ),
)
ENROL = Shape(
    name="Enrol",
    make=_keyed(EnrolRequest),
    fields=(
        Field(name="card", kind=_SCANNED, note=_AS_CARD, required=True),
        Field(name="nickname", kind=_NAME),
        Field(name="language", kind=Text(choices=PAPER_LANGUAGES)),
        Field(name="consent_text_version", kind=_NAME),
        Field(name="birthday", kind=Text(least=5, most=5), note="MM-DD, as the member told it."),
        Field(name="referrer", kind=_SCANNED, note="The card of the member who brought this one."),
        *_PROVENANCE,
    ),
)
ACTION = Shape(
    name="Action",
    make=_keyed(ActionRequest),
    fields=(
        Field(name="card", kind=_SCANNED, note=_AS_CARD, required=True),
        Field(name="action", kind=_NAME, note="sign_up, feedback, check_in or the programme's own.", required=True),
        Field(name="about", kind=Text(), note="What it is about: the sale that is rated, the event."),
        *_PROVENANCE,
    ),
)


def shapes_in(shape: Shape) -> Iterator[Shape]:
    """Give a shape and every shape that its fields hold."""
    yield shape
    for field in shape.fields:
        inner = field.kind.of if isinstance(field.kind, Listed) else field.kind
        if isinstance(inner, Shape):
            yield from shapes_in(inner)
