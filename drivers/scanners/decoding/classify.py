"""From an admitted symbol to what it says.

Knows the order in which things are tried: the AIM identifier settles what it can, then the shape of the text, then the
merchant's configuration. Refuses to guess. Pure, and total: every text has a reading.

Source: docs/SPEC-scans.md.
"""

import re
from typing import Final, NamedTuple

from drivers.scanners.cards import in_ranges, is_shaped
from drivers.scanners.decoding.fiscal import read_receipt
from drivers.scanners.decoding.gs1_data import GS, bare_elements, is_internal, lacks_companions, read_elements
from drivers.scanners.decoding.phones import is_international, parse_phone
from drivers.scanners.decoding.reading import FORM, MEMBER_CODE, Kind, Reading, error
from drivers.scanners.decoding.settings import NO_SETTINGS, DecodingSettings
from drivers.scanners.decoding.settling import Candidate, settle
from drivers.scanners.decoding.swipes import is_swipe, read_swipe
from drivers.scanners.decoding.trade_numbers import card_candidates, number_candidate, read_add_on, read_ean
from drivers.scanners.gate import DeviceKind, GateReason, holds_payment_number, looks_like_payment_number
from drivers.scanners.gs1.carriers import Content, Symbology, carried
from drivers.scanners.gs1.elements import ElementString, Gs1Fault, parse_bracketed, parse_elements
from drivers.scanners.gs1.links import parse_link
from drivers.scanners.numbers.gtin import LENGTHS, Gtin, parse_gtin, parse_upc_e
from drivers.scanners.symbols import Medium, Symbol, is_digits
from drivers.scanners.tracks import track_accounts

MEMBER_CODE_SHAPE: Final = re.compile(r"LTM1[A-Z2-7]{112,213}")
"""The outline of a signed member code; who verifies it is the agent (docs/SPEC-scans.md, section 5)."""
_BRACKETED: Final = re.compile(r"\([0-9]{2,4}\)")
_LINK: Final = re.compile(r"https?://", re.IGNORECASE)
_SPACED: Final = re.compile(r"[0-9][0-9 \-]*[0-9]")
_SPACES: Final = re.compile(r"[ \-]")
_FNC1: Final = f"^{GS}"
"""How FNC1 may be written inside data that nothing announces: some scanners send a caret."""
_ITF: Final = ("]I0", "]I1")


class _Scan(NamedTuple):
    """What is being read, and with what."""

    aim: str
    text: str
    name: str
    settings: DecodingSettings
    keyed: bool
    """A person may have keyed it, so that it may be a national phone number."""


def classify(symbol: Symbol, settings: DecodingSettings = NO_SETTINGS, device: DeviceKind = DeviceKind.HOST) -> Reading:
    """What a symbol says.

    Args:
        symbol: One that the gate has admitted.
        settings: The merchant's.
        device: What it came from: from a barcode scanner only what says itself that it is a phone number is one.

    Returns:
        A reading; never raises, whatever the text.
    """
    if symbol.medium is Medium.UID:
        return Reading(kind=Kind.MEMBER, symbology="uid", value=symbol.text)
    if symbol.medium is Medium.SWIPE or (not symbol.aim and is_swipe(symbol.text)):
        return read_swipe(symbol.text, settings.ranges)
    keyed = not symbol.aim and device is not DeviceKind.BARCODE
    if not symbol.aim and symbol.text[:1] != GS:  # as most scans come: nothing says what they hold
        return _told_by_shape(_Scan(aim="", text=symbol.text, name="", settings=settings, keyed=keyed), device)
    data = carried(symbol)
    name = _NAMES[data.symbology, data.content]
    if data.content in _EAN:
        return read_ean(data, name, settings)
    if data.content is Content.ADD_ON:
        return read_add_on(data.text, name)
    scan = _Scan(aim=symbol.aim, text=data.text, name=name, settings=settings, keyed=keyed)
    return _element_strings(scan) if data.content is Content.ELEMENTS else _told_by_shape(scan, device)


def _told_by_shape(scan: _Scan, device: DeviceKind) -> Reading:
    """Text that no identifier says the meaning of."""
    if device is DeviceKind.BARCODE and holds_payment_number(scan.text, scan.settings.ranges):
        return _with_payment_number(scan)
    return _text(scan)


def _with_payment_number(scan: _Scan) -> Reading:
    """Text of a barcode with what looks like a payment card's number, which no gate of other devices lets in.

    It is an item where it has the digits of one, or is a good Digital Link; anything else is not repeated.
    """
    if is_digits(scan.text):
        goods = settle(_goods(scan), scan.settings.order, scan.name)
        if goods is not None:
            return goods
    link = parse_link(scan.text)
    if isinstance(link, ElementString):
        return read_elements(link, scan.name, scan.settings.ranges)
    return Reading(kind=Kind.UNKNOWN, symbology=scan.name)


def _name(symbology: Symbology, content: Content) -> str:
    """The name of a symbology, with what its modifier says; empty where nothing tells it."""
    if symbology is Symbology.UNTOLD:
        return ""
    if content in _EAN:
        return content.value
    is_gs1 = content is Content.ELEMENTS and symbology is not Symbology.DATABAR
    return f"gs1_{symbology.value}" if is_gs1 else symbology.value


_EAN: Final = frozenset({Content.EAN_13, Content.EAN_8})
_NAMES: Final = {(symbology, content): _name(symbology, content) for symbology in Symbology for content in Content}


def _element_strings(scan: _Scan) -> Reading:
    """A symbol that says that it holds element strings; only the merchant's own ranges say otherwise."""
    if in_ranges(scan.text, scan.settings.ranges):
        return Reading(kind=Kind.MEMBER, symbology=scan.name, value=scan.text)
    return read_elements(parse_elements(scan.text), scan.name, scan.settings.ranges)


def _text(scan: _Scan) -> Reading:
    text = scan.text
    if is_digits(text):
        return _digits(scan)
    if not text:
        return Reading(kind=Kind.UNKNOWN, symbology=scan.name)
    if MEMBER_CODE_SHAPE.fullmatch(text):
        return Reading(kind=Kind.MEMBER, symbology=scan.name, value=text, fields={FORM: MEMBER_CODE})
    if in_ranges(text, scan.settings.ranges):
        return _settled(scan, _phones(scan) + card_candidates(text, scan.name, scan.settings))
    if _LINK.match(text):
        return _link(scan)
    if _BRACKETED.match(text):
        return _bracketed(scan)
    if not scan.aim and text[0] == "^":
        elements = parse_elements(text[1:], separator=_FNC1)
        return read_elements(elements, scan.name, scan.settings.ranges)
    return _other(scan)


def _digits(scan: _Scan) -> Reading:
    """Nothing but ASCII digits: a card, an item, a phone number, or element strings without their FNC1."""
    text, settings = scan.text, scan.settings
    candidates = card_candidates(text, scan.name, settings)
    is_card = bool(candidates)
    candidates += _phones(scan)
    goods = _goods(scan, is_card=is_card)
    if not scan.aim or not candidates or scan.aim in _ITF:
        candidates += goods
    bare = None if scan.aim or is_card else bare_elements(text, scan.name, settings.ranges)
    if bare is not None and (goods or not is_internal(bare)):
        candidates.append(Candidate(reading=bare, weak=True))
    return _settled(scan, candidates) if candidates else _no_number(scan, may_be_elements=bare is not None)


def _goods(scan: _Scan, *, is_card: bool = False) -> list[Candidate]:
    """What digits are as trade item numbers; eight of them can be an EAN-8 and a UPC-E."""
    text, settings = scan.text, scan.settings
    if len(text) not in LENGTHS:
        return []
    parsed = [parse_gtin(text)]
    if len(text) == 8 and not scan.aim:
        parsed.append(parse_upc_e(text))
    return [
        number_candidate(text, gtin, scan.name, settings)
        for gtin in parsed
        if isinstance(gtin, Gtin) and not (is_card and gtin.is_restricted and not settings.templates)
    ]


def _phones(scan: _Scan) -> list[Candidate]:
    if not (scan.keyed or is_international(scan.text)):
        return []
    number = parse_phone(scan.text, scan.settings.country)
    if number is None:
        return []
    return [Candidate(reading=Reading(kind=Kind.PHONE, symbology=scan.name, value=number))]


def _settled(scan: _Scan, candidates: list[Candidate]) -> Reading:
    left = [one for one in candidates if not _is_dialled_payment(one.reading)]
    if candidates and not left:
        return Reading(kind=Kind.PAYMENT_REFUSED, symbology=scan.name, reason=GateReason.PAYMENT_NUMBER.value)
    reading = settle(left, scan.settings.order, scan.name)
    return _unknown(scan) if reading is None else reading


def _is_dialled_payment(reading: Reading) -> bool:
    """True for a phone number that without the digits for calling abroad, which the gate saw too, is a payment card's."""
    return reading.kind is Kind.PHONE and looks_like_payment_number(reading.value[1:])


def _no_number(scan: _Scan, *, may_be_elements: bool) -> Reading:
    """Digits that are nothing: an error where they could only have been one thing, and are not."""
    text = scan.text
    if is_shaped(text, scan.settings.ranges):
        return error("card_check_digit", scan.name)
    if may_be_elements or len(text) not in LENGTHS or scan.aim not in {"", "]I1"}:
        return _unknown(scan)
    return _unknown(scan) if lacks_companions(text) else error("check_digit", scan.name)


def _link(scan: _Scan) -> Reading:
    receipt = _receipt(scan)
    if receipt is not None:
        return receipt
    elements = parse_link(scan.text)
    return _unknown(scan) if elements is None else read_elements(elements, scan.name, scan.settings.ranges)


def _receipt(scan: _Scan) -> Reading | None:
    read = read_receipt(scan.text, scan.settings.receipts)
    if read is None:
        return None
    if isinstance(read, str):
        return error(read, scan.name)
    return Reading(kind=Kind.RECEIPT, symbology=scan.name, value=read.value, fields=read.fields)


def _bracketed(scan: _Scan) -> Reading:
    elements = parse_bracketed(scan.text)
    if isinstance(elements, Gs1Fault):
        phones = _phones(scan)
        if phones:
            return _settled(scan, phones)
    return read_elements(elements, scan.name, scan.settings.ranges)


def _other(scan: _Scan) -> Reading:
    """Text that is more than digits and claims nothing."""
    text, settings = scan.text, scan.settings
    receipt = _receipt(scan)
    if receipt is not None:
        return receipt
    if text.isdigit():
        return error("not_ascii_digits", scan.name)
    if track_accounts(text):
        return read_swipe(text, settings.ranges)
    candidates = _phones(scan)
    if not scan.aim and _SPACED.fullmatch(text):
        text = _SPACES.sub("", text)  # a card keyed in groups
        candidates += card_candidates(text, scan.name, settings)
    elif not scan.aim:
        candidates += _bare(scan)
    if not candidates and is_shaped(text, settings.ranges):
        return error("card_check_digit", scan.name)
    return _settled(scan, candidates)


def _bare(scan: _Scan) -> list[Candidate]:
    """Element strings that have lost what says so; internal ones alone are only believed if they have an FNC1 inside."""
    text = scan.text.replace("^", GS)
    bare = bare_elements(text, scan.name, scan.settings.ranges) if is_digits(text[:2]) else None
    if bare is None or (GS not in text and is_internal(bare)):
        return []
    return [Candidate(reading=bare, weak=True)]


def _unknown(scan: _Scan) -> Reading:
    return Reading(kind=Kind.UNKNOWN, symbology=scan.name, value=scan.text)
