"""What a merchant may set about decoding."""

from dataclasses import dataclass
from typing import Final

from drivers.scanners.cards import CardRange
from drivers.scanners.decoding.fiscal import SHIPPED, ReceiptTemplate
from drivers.scanners.decoding.in_store import InStoreTemplate
from drivers.scanners.decoding.reading import Kind

ORDERABLE: Final = (Kind.MEMBER, Kind.PHONE, Kind.COUPON, Kind.ITEM, Kind.GS1, Kind.RECEIPT)
"""The kinds that an order may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingSettings:
    """What a merchant has set.

    Attributes:
        country: The store's country, two capital letters (ISO 3166-1), for phone numbers; empty for none.
        ranges: The merchant's own card numbers.
        templates: In-store numbers, in the order in which they are tried.
        receipts: Fiscal receipts, in the order in which they are tried.
        order: Which kind a number is that can mean several things: the first one listed. Kinds that are not listed are
            not settled by it.

    Raises:
        ValueError: The country is no two capital letters, or the order names a kind twice or one that is not ORDERABLE.
    """

    country: str = ""
    ranges: tuple[CardRange, ...] = ()
    templates: tuple[InStoreTemplate, ...] = ()
    receipts: tuple[ReceiptTemplate, ...] = SHIPPED
    order: tuple[Kind, ...] = ()

    def __post_init__(self) -> None:
        country = self.country
        if country and not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
            raise ValueError('a country is two capital letters, as "KZ"')
        if len(set(self.order)) != len(self.order) or not set(self.order) <= set(ORDERABLE):
            raise ValueError(f"an order names each kind once, of {', '.join(ORDERABLE)}")


NO_SETTINGS: Final = DecodingSettings()
