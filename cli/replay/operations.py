"""One operation of the plan as the request that a host would have sent to the till."""

from hashlib import blake2b

from agent.till.requests import CommitRequest, Provenance, QuoteRequest, ReturnRequest, UnmatchedLine
from cli.replay.parts import card_of
from hq.history.operations import Parked, Return, Sale
from loyalty.sale.basket import BasketLine

HOST = "replay"


def key_of(index: int) -> str:
    """Give the idempotency key of an operation."""
    return f"replay:{index}"


def sale_request(sale: Sale, currency: str) -> CommitRequest:
    """Make the commit of a sale."""
    lines = tuple(
        BasketLine(
            line=line.line,
            item=line.item,
            name=line.description,
            category=line.category,
            quantity_milli=line.quantity_milli,
            amount_minor=line.amount_minor,
            tax_minor=line.tax_minor or 0,
        )
        for line in sale.lines
    )
    card = card_of(sale.customer) if sale.customer is not None else None
    basket = QuoteRequest(currency=currency, lines=lines, card=card, provenance=_provenance())
    return CommitRequest(key=key_of(sale.index), check_id=sale.invoice, sale=basket)


def return_request(back: Return, currency: str, entry: str) -> ReturnRequest:
    """Make the return of lines of one sale, whose entry id the till answered at its commit."""
    return ReturnRequest(
        key=key_of(back.index),
        check_id=back.cancellation,
        currency=currency,
        sale=entry,
        lines=tuple((line.line, line.quantity_milli) for line in back.lines),
        provenance=_provenance(),
    )


def parked_request(parked: Parked, currency: str) -> ReturnRequest:
    """Make the return of what matches no sale."""
    unmatched = tuple(
        UnmatchedLine(
            item=line.item,
            quantity_milli=line.quantity_milli,
            amount_minor=line.amount_minor,
            reason=line.reason.value,
        )
        for line in parked.lines
    )
    return ReturnRequest(
        key=key_of(parked.index),
        check_id=parked.cancellation,
        currency=currency,
        sale=_unknown(parked.original_index) if parked.original_index is not None else None,
        unmatched=unmatched,
        card=card_of(parked.customer),
        provenance=_provenance(),
    )


def _unknown(original_index: int) -> str:
    """Claim the refused sale by an id that no entry has, so that what comes back of two such sales stays two returns."""
    return blake2b(key_of(original_index).encode(), digest_size=16, person=b"replay refused").hexdigest()


def _provenance() -> Provenance:
    return Provenance(host=HOST)
