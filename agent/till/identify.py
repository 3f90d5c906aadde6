"""Who is it? From a raw scan, as a host or the agent's own scanner passes it on, to a member's standing.

Knows what each kind of scan means to the till; `drivers.scanners.decoding` knows how they look. What is no member's is
told as what it is, so that a POS program can use it.
"""

from dataclasses import replace
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent.book import members
from agent.till import answers
from agent.till.context import Context
from agent.till.uids import UID, uid_card
from drivers.scanners.decoding.classify import classify
from drivers.scanners.decoding.reading import FORM, MEMBER_CODE, Kind, Reading
from drivers.scanners.gate import DeviceKind
from drivers.scanners.symbols import Symbol
from loyalty.cards import is_uid
from loyalty.refusals import Refusal, RefusalCode
from sync.member_code import CodeFault, verify

NAMELESS: Final = frozenset({Kind.UNKNOWN, Kind.ERROR, Kind.PAYMENT_REFUSED})
"""Kinds whose text is not passed on: it may be anything."""
_CODE_FAULTS: Final = {
    CodeFault.UNREADABLE: RefusalCode.SCAN_UNREADABLE,
    CodeFault.WRONG_SIGNATURE: RefusalCode.MEMBER_CODE_INVALID,
    CodeFault.NOT_YET: RefusalCode.MEMBER_CODE_NOT_YET,
    CodeFault.EXPIRED: RefusalCode.MEMBER_CODE_EXPIRED,
}


def identify(context: Context, scan: str, kind: str | None = None) -> dict[str, Any]:
    """Say whose card a scan is, or what else it is; from the till's own book, never waiting for HQ.

    The answer holds ``card`` whenever the scan names a member's card, so that a host can commit with it
    (and ``may_redeem``, false, where it is a UID, which only identifies); else ``refused``,
    and ``read`` with what it is. A payment card is refused before anything looks at it.

    Args:
        context: The till.
        scan: As the scanner sent it, with its framing and AIM identifier or without, or as somebody keyed it.
        kind: What it is meant to be, where it can be several things.
    """
    admitted = context.admit(scan)
    if isinstance(admitted, Refusal):
        return answers.refusal(admitted, context.catalogue)
    return identify_admitted(context, admitted, kind=kind)


def identify_admitted(
    context: Context, symbol: Symbol, device: DeviceKind = DeviceKind.HOST, kind: str | None = None
) -> dict[str, Any]:
    """Say the same of a symbol that the gate of its own device has admitted: no other gate judges it again."""
    return identify_read(context, read(context, symbol, device, kind))


def read(context: Context, symbol: Symbol, device: DeviceKind = DeviceKind.HOST, kind: str | None = None) -> Reading:
    """Say what an admitted symbol is, by this till's settings; what ``kind`` does not settle is settled by their order."""
    uid = uid_card(symbol, device)
    if uid is not None:
        return Reading(kind=Kind.MEMBER, symbology=UID, value=uid)
    settings = context.config.decoding
    if kind is not None:
        settings = replace(settings, order=(Kind(kind), *(one for one in settings.order if one != kind)))
    return classify(symbol, settings, device)


def identify_read(context: Context, reading: Reading) -> dict[str, Any]:
    """Say whose card a reading is, or what else it is."""
    card = card_of(context, reading)
    if isinstance(card, Refusal):
        told = None if card.code is RefusalCode.PAYMENT_CARD or reading.symbology == UID else _told(reading)
        return {**answers.refusal(card, context.catalogue), **({"read": told} if told is not None else {})}
    with context.book.read() as connection:
        member = context.find_member(connection, card)
        standing = members.standing(connection, member) if member is not None else None
    limits = {"may_redeem": False} if is_uid(card) else {}
    if standing is not None:
        return {"card": card, **answers.member(standing, context.clock()), **limits}
    if context.may_enrol(card):
        return {"card": card, "member": None, "may_enrol": True, **limits}
    refused = answers.refusal(Refusal(code=RefusalCode.CARD_UNKNOWN, field="scan"), context.catalogue)
    return refused | {"card": card} if is_uid(card) else refused  # so that a person can have it enrolled on purpose


def card_of(context: Context, reading: Reading) -> str | Refusal:
    """Give the card that a reading names, or why it names none."""
    match reading.kind:
        case Kind.MEMBER if reading.fields.get(FORM) == MEMBER_CODE:
            card = _verified(context, reading.value)
            return card if isinstance(card, Refusal) else context.check_card(card) or card
        case Kind.MEMBER | Kind.PHONE:
            return context.check_card(reading.value) or reading.value
        case Kind.UNKNOWN:
            return _refused(RefusalCode.CARD_UNKNOWN, "not in the merchant's card ranges")
        case Kind.ERROR:
            return _refused(RefusalCode.SCAN_UNREADABLE, reading.reason)
        case Kind.PAYMENT_REFUSED:
            return _refused(RefusalCode.PAYMENT_CARD)
        case Kind.AMBIGUOUS if reading.may_be_member:
            return _refused(RefusalCode.SCAN_AMBIGUOUS)
    return _refused(RefusalCode.NOT_A_CARD)


def _verified(context: Context, code: str) -> str | Refusal:
    """The card of a member code that HQ signed and that is good now."""
    key = context.keys.hq_key
    if key is None:
        return _refused(RefusalCode.MEMBER_CODE_INVALID, "the till is not paired, so it has no key of HQ's")
    public = Ed25519PublicKey.from_public_bytes(key)

    def is_signed(signature: bytes, data: bytes) -> bool:
        try:
            public.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    found = verify(code, is_signed, context.clock())
    return _refused(_CODE_FAULTS[found]) if isinstance(found, CodeFault) else found.card


def _refused(code: RefusalCode, detail: str = "") -> Refusal:
    return Refusal(code=code, field="scan", detail=detail)


def _told(reading: Reading) -> dict[str, Any] | None:
    """What a POS program is told of a scan that is no member's; nothing where the refusal says it all."""
    if reading.kind in NAMELESS:
        return None
    if reading.kind is Kind.AMBIGUOUS:
        return {"kind": reading.kind.value, "readings": [_told(one) for one in reading.alternatives]}
    if reading.fields.get(FORM) == MEMBER_CODE:
        return {"kind": reading.kind.value, FORM: MEMBER_CODE}
    return {
        "kind": reading.kind.value,
        "value": reading.value,
        "symbology": reading.symbology,
        "fields": dict(reading.fields),
    }
