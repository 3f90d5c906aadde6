"""The quote: what a basket would earn and what could be redeemed on it, without changing anything."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from agent.book import members
from agent.till import answers, telling
from agent.till.asking import Computed, asked_of, look
from agent.till.checks import check
from agent.till.context import Context
from agent.till.naming import refuse_card, understood
from agent.till.requests import QuoteRequest, as_json
from agent.till.seen import Seen
from loyalty.cards import is_uid
from loyalty.holding.accounts import gift_card_account
from loyalty.holding.standing import Standing
from loyalty.journal.codec import canonical_json
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.refusals import Refusal, RefusalCode
from loyalty.sale.basket import Basket, BasketLine, make_basket

NOT_ENROLLED = bytes(16)
"""The member id of a card that becomes a member's when the sale is committed."""

_SECOND_ALONE = Refusal(
    code=RefusalCode.BAD_REQUEST, field="second_card", detail="it goes with a card; alone it is the card"
)
_SECONDS = re.compile("[0-9a-f]{1,9}")


def quote_basket(context: Context, request: QuoteRequest) -> dict[str, Any]:
    """Answer what a basket earns and what could be redeemed on it; a refusal is an answer too."""
    malformed = check(request)
    if malformed is not None:
        return answers.refusal(malformed, context.catalogue)
    request = replace(understood(context, request), provenance=context.settled(request.provenance))
    programme = context.programme(request.provenance)
    at, _ = context.when(request.provenance)
    with context.book.read() as connection:
        standing = find_standing(context, connection, request)
        done = (
            standing
            if isinstance(standing, Refusal)
            else compute(context, connection, programme, request, standing, at)
        )
    if isinstance(standing, Refusal) or isinstance(done, Refusal):
        refused = standing if isinstance(standing, Refusal) else done
        assert isinstance(refused, Refusal)
        return answers.refusal(refused, context.catalogue)
    answer = {"quote": quote_id(programme.version, request, at), **telling.quote(done, standing, context)}
    return answer | told_member(request, standing, at)


def quote_id(programme: str, request: QuoteRequest, at: datetime) -> str:
    """Name a quote by what it was computed from; no state is kept for it."""
    seconds = f"{int(at.timestamp()):x}"
    return f"{programme}.{seconds}.{basket_digest(request, seconds).hex()}"


def quoted_at(name: str, request: QuoteRequest) -> tuple[str, datetime] | None:
    """Give the programme version and the instant of a quote's name, or None where it is not of this request."""
    version, _, rest = name.partition(".")
    seconds, _, digest = rest.partition(".")
    if digest != basket_digest(request, seconds).hex() or not _SECONDS.fullmatch(seconds):
        return None
    return version, datetime.fromtimestamp(int(seconds, 16), UTC)


def basket_digest(request: QuoteRequest, seconds: str) -> bytes:
    """Digest what a quote was computed from, 8 bytes."""
    said: list[Any] = [request.currency, request.named, seconds, [_line(line) for line in request.lines]]
    if request.asks or request.credit_minor or request.sold_cards:
        said += [
            request.credit_minor,
            as_json(request.redeem),
            request.codes,
            request.coupons,
            as_json(request.gift_cards),
            as_json(request.sold_cards),
            request.declined,
            request.actions,
        ]
    return sha256(canonical_json(said)).digest()[:8]


def find_standing(context: Context, connection: Connection, request: QuoteRequest) -> Standing | Refusal | None:
    """Find who it is; an unknown card that may enrol is a member with nothing yet (`NOT_ENROLLED`)."""
    refused = context.check_shown(request.shown)
    if refused is not None:
        return refused
    if request.card is None:
        return None if request.second_card is None else _SECOND_ALONE
    refused = refuse_card(context, request.card)
    if refused is not None:
        return refused
    member = context.find_member(connection, request.card)
    refused = _check_second(context, connection, request, member)
    if refused is not None:
        return refused
    if member is not None:
        return members.standing(connection, member) or Standing(member=member)
    if context.may_enrol(request.card):
        return Standing(member=NOT_ENROLLED)
    return Refusal(code=RefusalCode.CARD_UNKNOWN, field="card", detail="enrol the card first")


def _check_second(
    context: Context, connection: Connection, request: QuoteRequest, member: bytes | None
) -> Refusal | None:
    """Refuse a second card that is not one, or not of the same member."""
    second = request.second_card
    if second is None:
        return None
    refused = refuse_card(context, second)
    if refused is not None:
        return replace(refused, field="second_card")
    if is_uid(second):
        detail = "one UID does not vouch for another"
        return Refusal(code=RefusalCode.UID_NEEDS_CARD, field="second_card", detail=detail)
    if member is None or context.find_member(connection, second) != member:
        return Refusal(code=RefusalCode.CARDS_DIFFER, field="second_card")
    return None


def compute(
    context: Context,
    connection: Connection,
    programme: Programme,
    request: QuoteRequest,
    standing: Standing | None,
    at: datetime,
    seen: Seen | None = None,
) -> Computed | Refusal:
    """Quote a request under one programme version as it stood at an instant; ``seen`` is what a hold keeps."""
    currency = currency_of(programme, request.currency)
    basket = make_basket(currency, request.lines, request.credit_minor)
    refused = basket if isinstance(basket, Refusal) else _check_sold_cards(request)
    if refused is not None:
        return refused
    assert isinstance(basket, Basket)
    moment = _moment(context, request, at)
    known = seen or look(connection, programme, request, standing, moment, context.clock())
    asked = asked_of(request, known)
    quoted = quote(programme, basket, known.standing, moment, asked.ask, known.pools)
    if isinstance(quoted, Refusal):
        return quoted
    empty = _check_loaded(request, quoted)
    if empty is not None:
        return empty
    return Computed(programme=programme, basket=basket, moment=moment, asked=asked, quoted=quoted)


def quote_now(
    context: Context, connection: Connection, request: QuoteRequest, *, confirmed: bool = False, free: bool = False
) -> tuple[Standing | None, Computed, datetime] | Refusal:
    """Quote a basket by what is in force at its instant, in whole seconds.

    Args:
        context: The till.
        connection: To the book.
        request: The basket, its provenance settled.
        confirmed: HQ has answered for this very sale.
        free: As if the till had every right, to find out which it lacks.
    """
    programme = context.programme(request.provenance)
    at = context.when(request.provenance)[0].replace(microsecond=0)
    standing = find_standing(context, connection, request)
    if isinstance(standing, Refusal):
        return standing
    seen = look(connection, programme, request, standing, _moment(context, request, at), context.clock())
    if seen.rights is not None and free:
        seen = replace(seen, rights=None)
    elif seen.rights is not None and confirmed:
        seen = replace(seen, rights=replace(seen.rights, confirmed=True))
    done = compute(context, connection, programme, request, standing, at, seen)
    return done if isinstance(done, Refusal) else (standing, done, at)


def _moment(context: Context, request: QuoteRequest, at: datetime) -> Moment:
    store, (_, business_date) = context.config.store, context.when(request.provenance)
    till = context.book.head.terminal.hex()
    return Moment(at=at.astimezone(store.zone), business_date=business_date, store=store.id, till=till)


def told_member(request: QuoteRequest, standing: Standing | None, at: datetime) -> dict[str, Any]:
    """Say whose quote it is, and that a UID does not redeem; nothing without a card."""
    if standing is None:
        return {}
    limits = {"may_redeem": False} if request.by_uid else {}
    if standing.member == NOT_ENROLLED:
        return {"member": None, "may_enrol": True, **limits}
    return {"member": answers.member(standing, at), **limits}


def currency_of(programme: Programme, code: str) -> Currency:
    """Give the programme's currency for its own code, and one that it does not count in for any other."""
    known = code == programme.currency.code
    return programme.currency if known else Currency(code="XXX", scale=programme.currency.scale)


def _line(line: BasketLine) -> list[Any]:
    said = [line.line, line.item, line.category, line.quantity_milli, line.amount_minor, line.tax_minor]
    more = [line.discount_minor, line.tax_ppm, line.floor_minor, line.deposit_minor, line.tags, line.gift]
    return said + more if any(more) or line.tax_ppm is not None else said


def _check_sold_cards(request: QuoteRequest) -> Refusal | None:
    pieces = {line.line: line.pieces for line in request.lines}
    for place, sold in enumerate(request.sold_cards, start=1):
        if sold.line not in pieces:
            return Refusal(code=RefusalCode.LINE_UNKNOWN, field=f"sold_cards[{place}].line")
        pieces[sold.line] -= 1
        if pieces[sold.line] < 0:
            detail = "each piece of a line is one card"
            return Refusal(code=RefusalCode.BAD_REQUEST, field=f"sold_cards[{place}].line", detail=detail)
    return None


def _check_loaded(request: QuoteRequest, quoted: Quote) -> Refusal | None:
    """Refuse to sell a card on which nothing would come."""
    loaded = {grant.account for grant in quoted.grants if grant.amount}
    for place, sold in enumerate(request.sold_cards, start=1):
        if gift_card_account(sold.number) not in loaded:
            detail = "no rule of the programme brings anything on a gift card by this line"
            return Refusal(code=RefusalCode.BAD_REQUEST, field=f"sold_cards[{place}].line", detail=detail)
    return None
