"""Numbers in EAN, UPC and ITF symbols: items, in-store numbers, coupons, and cards that are printed as such. Pure."""

from typing import Final

from drivers.scanners.cards import in_ranges
from drivers.scanners.decoding.gs1_data import read_elements
from drivers.scanners.decoding.in_store import InStoreNumber, StoreKind, read_in_store
from drivers.scanners.decoding.reading import Kind, Reading, error
from drivers.scanners.decoding.settings import DecodingSettings
from drivers.scanners.decoding.settling import Candidate, settle
from drivers.scanners.gs1.carriers import Carried, is_add_on, item_of
from drivers.scanners.gs1.elements import Element, parse_elements
from drivers.scanners.numbers.gtin import Circulation, Gtin, GtinFault, GtinReason
from drivers.scanners.symbols import is_digits

_OF_COUPONS: Final = frozenset({Circulation.COUPON, Circulation.REFUND})
_KINDS: Final = {StoreKind.ITEM: Kind.ITEM, StoreKind.MEMBER: Kind.MEMBER, StoreKind.COUPON: Kind.COUPON}


def read_ean(symbol: Carried, symbology: str, settings: DecodingSettings) -> Reading:
    """What an EAN or UPC symbol says, told by its identifier: never GS1 element strings, never a phone number."""
    gtin = item_of(symbol)
    if isinstance(gtin, GtinFault):
        return error(gtin.reason.value, symbology)
    fields = {"add_on": symbol.add_on} if symbol.add_on else {}
    if symbol.composite is not None:
        beside = (Element(ai="01", value=gtin.gtin14),)
        above = read_elements(parse_elements(symbol.composite, beside=beside), symbology, ())
        if above.kind is Kind.ERROR:
            return above
        fields |= above.fields
    candidates = card_candidates(symbol.text, symbology, settings)
    candidates.append(number_candidate(symbol.text, gtin, symbology, settings, fields))
    reading = settle(candidates, settings.order, symbology)
    assert reading is not None
    return reading


def read_add_on(text: str, symbology: str) -> Reading:
    """Two or five digits that a scanner sent by themselves: the issue of a magazine, the price of a book."""
    if not is_digits(text):
        return error(GtinReason.NOT_DIGITS.value, symbology)
    if not is_add_on(text):
        return error(GtinReason.LENGTH.value, symbology)
    return Reading(kind=Kind.UNKNOWN, symbology=symbology, value=text)


def card_candidates(number: str, symbology: str, settings: DecodingSettings) -> list[Candidate]:
    """The card that a number is by the merchant's ranges; 12 digits and 13 with a zero first are one UPC-A."""
    other = "0" + number if len(number) == 12 else number[1:] if len(number) == 13 and number[0] == "0" else ""
    for spelling in (number, other) if other else (number,):
        if in_ranges(spelling, settings.ranges):
            return [Candidate(reading=Reading(kind=Kind.MEMBER, symbology=symbology, value=spelling), configured=True)]
    return []


def number_candidate(
    number: str, gtin: Gtin, symbology: str, settings: DecodingSettings, fields: dict[str, str] | None = None
) -> Candidate:
    """What a number with a good check digit is: by a template if it is of one, else by its prefix.

    Args:
        number: As it stands in the symbol.
        gtin: The same, parsed.
        symbology: For the reading.
        settings: The merchant's.
        fields: What else the symbol said.
    """
    fields = fields or {}
    if gtin.is_restricted:
        read = read_in_store(number if len(number) in {8, 13} else gtin.value.zfill(13), settings.templates)
        if isinstance(read, str):
            return Candidate(reading=error(read, symbology), configured=True)
        if read is not None:
            return Candidate(reading=_in_store(read, symbology, fields), configured=True)
    kind = Kind.COUPON if gtin.circulation in _OF_COUPONS else Kind.ITEM
    said = fields if gtin.circulation is Circulation.GLOBAL else {**fields, "circulation": gtin.circulation.value}
    reading = Reading(kind=kind, symbology=symbology, value=gtin.gtin14, fields=said)
    return Candidate(reading=reading, weak=gtin.is_restricted)


def _in_store(read: InStoreNumber, symbology: str, fields: dict[str, str]) -> Reading:
    value = read.value.zfill(14) if read.kind is StoreKind.ITEM else read.value
    return Reading(kind=_KINDS[read.kind], symbology=symbology, value=value, fields={**fields, **read.fields})
