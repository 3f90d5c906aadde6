"""Which card a request means: the number that inquire answers, or a scan as the host's scanner sent it.

A till that has asked before passes on what it was answered; one that has not, what its scanner sent, with CR, STX and
ETX, an AIM identifier. What inquire answers always stands for itself, so that it never becomes another card.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from agent.till.context import Context
from agent.till.identify import card_of, read
from agent.till.requests import GiftCardPays, GiftCardSold
from drivers.scanners.cards import in_ranges
from drivers.scanners.decoding.reading import FORM, MEMBER_CODE, Kind
from drivers.scanners.symbols import Symbol, is_digits
from loyalty.cards import is_uid
from loyalty.refusals import Refusal, RefusalCode

_Request = TypeVar("_Request")
_CODE: Final = "a member code is good for minutes, so it is for inquire, which answers the card in it"


def understood(context: Context, request: _Request) -> _Request:
    """Give a request with the cards that its scans name; what names none stays as it is, for `refuse_card` to say why."""
    given: Any = request
    kind: Any = type(request)
    changed: dict[str, Any] = {}
    for name, read_as in _scans_in(kind):
        scanned = getattr(given, name)
        named = read_as(context, scanned) if scanned else scanned
        if named != scanned:
            changed[name] = named
    return replace(given, **changed) if changed else request


def refuse_card(context: Context, text: str) -> Refusal | None:
    """Refuse what names no card; a payment card before anything else looks at it."""
    named = card_named(context, text)
    return named if isinstance(named, Refusal) else None


def card_named(context: Context, text: str) -> str | Refusal:
    """Give the card that a text is, or that it names as a scan; where a scan can mean several things, it is meant as a card."""
    if _stands_for_itself(context, text):
        return context.check_card(text) or text
    symbol = context.admit(text)
    if isinstance(symbol, Refusal):
        return replace(symbol, field="card")
    reading = read(context, symbol, kind=Kind.MEMBER.value)
    is_bare = symbol == Symbol(text=text)
    if reading.fields.get(FORM) == MEMBER_CODE:
        return Refusal(code=RefusalCode.BAD_REQUEST, field="card", detail=_CODE)
    if is_bare and reading.kind not in {Kind.MEMBER, Kind.PHONE}:
        return context.check_card(text) or text
    card = card_of(context, reading)
    return replace(card, field="card") if isinstance(card, Refusal) else card


def _stands_for_itself(context: Context, text: str) -> bool:
    """Whether inquire may have answered this very text: a UID, a card of a range, the digits that a template cuts out."""
    config = context.config
    if is_uid(text) or in_ranges(text, config.cards.ranges):
        return True
    return is_digits(text) and len(text) in {template.pattern.count("M") for template in config.scan.templates}


def _card(context: Context, text: str) -> str:
    named = card_named(context, text)
    return named if isinstance(named, str) else text


def _texts(context: Context, texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(_unframed(context, text) for text in texts)


def _numbers(context: Context, cards: Iterable[GiftCardPays | GiftCardSold]) -> tuple[GiftCardPays | GiftCardSold, ...]:
    return tuple(replace(one, number=_unframed(context, one.number)) for one in cards)


def _unframed(context: Context, text: str) -> str:
    """A code of the shop's own without what its scanner put around it."""
    symbol = context.admit(text)
    return text if isinstance(symbol, Refusal) else symbol.text


_SCANS: Final[Mapping[str, Callable[[Context, Any], Any]]] = {
    **dict.fromkeys(("card", "second_card", "referrer"), _card),
    **dict.fromkeys(("codes", "coupons"), _texts),
    **dict.fromkeys(("gift_cards", "sold_cards"), _numbers),
}
"""The fields of requests that hold what was scanned, and how each is read."""


@lru_cache
def _scans_in(kind: Any) -> tuple[tuple[str, Callable[[Context, Any], Any]], ...]:
    return tuple((one.name, _SCANS[one.name]) for one in fields(kind) if one.name in _SCANS)
