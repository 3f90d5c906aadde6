"""The quote: what a basket would earn, without changing anything."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from agent.book import members
from agent.till import answers
from agent.till.checks import check
from agent.till.context import Context
from agent.till.requests import QuoteRequest
from loyalty.basket import make_basket
from loyalty.journal.codec import canonical_json
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.programme.model import Programme
from loyalty.quote import Ask, Quote, quote
from loyalty.refusals import Refusal, RefusalCode
from loyalty.standing import Standing

NOT_ENROLLED = bytes(16)
"""The member id of a card that becomes a member's when the sale is committed."""

_NO_LEASE = Refusal(
    code=RefusalCode.LEASE_REQUIRED,
    field="redeem",
    detail="redeeming needs a lease from HQ, and this till holds none",
)
"""What a redemption is answered with; leases bring the place where a till may say yes."""


def quote_basket(context: Context, request: QuoteRequest) -> dict[str, Any]:
    """Answer what a basket earns and what could be redeemed on it; a refusal is an answer too."""
    malformed = check(request)
    if malformed is not None:
        return answers.refusal(malformed, context.catalogue)
    request = replace(request, provenance=context.settled(request.provenance))
    with context.book.read() as connection:
        standing = find_standing(context, connection, request)
    programme = context.programme(request.provenance)
    quoted = standing if isinstance(standing, Refusal) else compute(context, programme, request, standing)
    if isinstance(quoted, Refusal):
        return answers.refusal(quoted, context.catalogue)
    answer = answers.quote(quoted, quote_id(quoted.programme, request), context.catalogue)
    for offer in answer["offers"]:
        offer |= {"available": False, "refused": _NO_LEASE.code.value}
    if isinstance(standing, Standing) and standing.member == NOT_ENROLLED:
        answer |= {"member": None, "may_enrol": True}
    elif isinstance(standing, Standing):
        answer["member"] = answers.member(standing)
    return answer


def quote_id(programme: str, request: QuoteRequest) -> str:
    """Name a quote by what it was computed from; no state is kept for it."""
    return f"{programme}.{basket_digest(request).hex()}"


def basket_digest(request: QuoteRequest) -> bytes:
    """Digest what a quote was computed from, 8 bytes."""
    lines = [
        [line.line, line.item, line.category, line.quantity_milli, line.amount_minor, line.tax_minor]
        for line in request.lines
    ]
    redeem = [request.redeem.reward, request.redeem.units] if request.redeem is not None else None
    return sha256(canonical_json([request.currency, request.card, lines, redeem])).digest()[:8]


def find_standing(context: Context, connection: Connection, request: QuoteRequest) -> Standing | Refusal | None:
    """Find who it is; an unknown card that may enrol is a member with nothing yet (`NOT_ENROLLED`)."""
    if request.card is None:
        return None
    refused = context.check_card(request.card)
    if refused is not None:
        return refused
    member = context.find_member(connection, request.card)
    if member is not None:
        return members.standing(connection, member) or Standing(member=member)
    if context.may_enrol(request.card):
        return Standing(member=NOT_ENROLLED)
    return Refusal(code=RefusalCode.CARD_UNKNOWN, field="card", detail="enrol the card first")


def compute(
    context: Context, programme: Programme, request: QuoteRequest, standing: Standing | None
) -> Quote | Refusal:
    """Quote a request under one programme version; a redemption is refused, since the till holds no lease."""
    basket = make_basket(currency_of(programme, request.currency), request.lines)
    if isinstance(basket, Refusal):
        return basket
    at, business_date = context.when(request.provenance)
    store = context.config.store
    moment = Moment(at=at.astimezone(store.zone), business_date=business_date, store=store.id)
    ask = Ask(redeem=(request.redeem,) if request.redeem is not None else ())
    quoted = quote(programme, basket, standing, moment, ask)
    return _NO_LEASE if isinstance(quoted, Quote) and request.redeem is not None else quoted


def currency_of(programme: Programme, code: str) -> Currency:
    """Give the programme's currency for its own code, and one that it does not count in for any other."""
    known = code == programme.currency.code
    return programme.currency if known else Currency(code="XXX", scale=programme.currency.scale)
