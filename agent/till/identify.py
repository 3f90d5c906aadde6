"""Who is it? From a raw scan, as a host or the agent's own scanner passes it on, to a member's standing."""

from typing import Any

from agent.book import members
from agent.till import answers
from agent.till.context import Context
from drivers.scanners.cards import card_number
from drivers.scanners.gate import DeviceKind, Gate, GateRefusal
from drivers.scanners.symbols import Misreading, Symbol, read_text
from loyalty.refusals import Refusal, RefusalCode


def identify(context: Context, scan: str) -> dict[str, Any]:
    """Say whose card a scan is, or why it is nobody's; from the till's own book, never waiting for HQ.

    The answer holds ``card`` whenever the scan is a card of the merchant's, so that a host can commit with it.
    """
    return _told(context, card_of(context, scan))


def identify_admitted(context: Context, symbol: Symbol) -> dict[str, Any]:
    """Say the same of a symbol that the gate of its own device has admitted: no other gate judges it again."""
    return _told(context, _card_in(context, symbol))


def _told(context: Context, card: str | Refusal) -> dict[str, Any]:
    if isinstance(card, Refusal):
        return answers.refusal(card, context.catalogue)
    with context.book.read() as connection:
        member = context.find_member(connection, card)
        standing = members.standing(connection, member) if member is not None else None
    if standing is not None:
        return {"card": card, **answers.member(standing, context.clock())}
    if context.may_enrol(card):
        return {"card": card, "member": None, "may_enrol": True}
    return answers.refusal(Refusal(code=RefusalCode.CARD_UNKNOWN, field="scan"), context.catalogue)


def card_of(context: Context, scan: str) -> str | Refusal:
    """Give the merchant's card number in a raw scan; a payment card is refused before anything looks at it."""
    symbol = read_text(scan)
    if isinstance(symbol, Misreading):
        return Refusal(code=RefusalCode.BAD_REQUEST, field="scan", detail=f"misread: {symbol.value}")
    ranges = context.config.cards.ranges
    admitted = Gate(device="host", kind=DeviceKind.HOST, ranges=ranges).admit(symbol)
    if isinstance(admitted, GateRefusal):
        return Refusal(code=RefusalCode.PAYMENT_CARD, field="scan")
    return _card_in(context, admitted)


def _card_in(context: Context, admitted: Symbol) -> str | Refusal:
    card = card_number(admitted, context.config.cards.ranges)
    if card is None:
        return Refusal(code=RefusalCode.CARD_UNKNOWN, field="scan", detail="not in the merchant's card ranges")
    return context.check_card(card) or card
