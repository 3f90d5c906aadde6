"""UIDs of contactless cards as card numbers: ``uid:`` and upper-case hexadecimal.

A UID says who a member is, and anybody who reads one can copy it; so it earns, and what is the member's is given only
for another card of theirs. Source: docs/SPEC-uids.md.
"""

from typing import Final

from drivers.scanners.gate import DeviceKind
from drivers.scanners.sources.pcsc.uids import uid_misreading
from drivers.scanners.symbols import Medium, Symbol
from loyalty.cards import UID_PREFIX, is_uid
from loyalty.refusals import Refusal, RefusalCode

UID: Final = "uid"
"""What is told as the symbology of a UID, which has none."""
_MADE_UP: Final = "a UID that is made up at every tap, or is all zeros, names nobody"


def uid_card(symbol: Symbol, device: DeviceKind = DeviceKind.HOST) -> str | None:
    """Give the card number of a card's UID: of one that a reader read, or that a host passes on as ``uid:04a2...``.

    From any other device such a text is text: whoever prints it in a QR code has tapped no card.
    """
    if symbol.medium is Medium.UID:
        return UID_PREFIX + symbol.text
    if device is DeviceKind.HOST and not symbol.aim and names_uid(symbol.text):
        card = UID_PREFIX + symbol.text[len(UID_PREFIX) :].upper()
        return card if is_uid(card) else None
    return None


def names_uid(text: str) -> bool:
    """Tell whether a text is of the name space of UIDs, well written or not."""
    return text[: len(UID_PREFIX)].lower() == UID_PREFIX


def refuse_made_up(card: str) -> Refusal | None:
    """Refuse a well-written UID that is no lasting one; a host's own reader may not know them."""
    if uid_misreading(bytes.fromhex(card[len(UID_PREFIX) :])) is None:
        return None
    return Refusal(code=RefusalCode.NOT_A_CARD, field="card", detail=_MADE_UP)
