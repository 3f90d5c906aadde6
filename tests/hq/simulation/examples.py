"""The example programmes in the year of real receipts: amounts in each programme's currency, goods in its categories.

The receipts are a British gift shop's, and name no categories. So that every rule of every example meets goods it is
about, words of the descriptions stand for categories, and an exchange rate for the currency.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from hq.simulation.past import Past, PastSale
from loyalty.sale.basket import BasketLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One example's shop.

    Attributes:
        rate: Minor units of its currency for a penny.
        words: Word of a description to the category that it stands for; the first one found counts.
        tags: The same for tags.
        items: Word to the item code that it stands for.
    """

    rate: int
    words: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)


SHOPS = {
    "beauty": Shop(rate=500, words={"GIFT WRAP": "services"}, tags={"SOAP": "care-line", "BATH": "care-line"}),
    "coffee": Shop(rate=100, words={"MUG": "coffee", "CUP": "coffee", "CAKE": "cakes"}),
    "electronics": Shop(rate=650, words={"LIGHT": "phones", "CLOCK": "accessories", "BATTERY": "accessories"}),
    "family": Shop(rate=2, words={"CHILD": "nappies", "BABY": "nappies", "TOY": "nappies"}),
    "fashion": Shop(rate=100, words={"GIFT": "gift-cards"}),
    "fuel": Shop(rate=600, words={"LIGHT": "fuel", "LAMP": "premium", "WINE": "alcohol"}, items={"WASH": "WASH"}),
    "grocery": Shop(rate=650, words={"WINE": "alcohol", "CIGAR": "tobacco", "POSTAGE": "not-goods"}),
    "pharmacy": Shop(rate=2, words={"FIRST AID": "prescription", "SOAP": "care", "BATH": "care"}),
}


def in_shop(past: Iterator[Past], shop: Shop) -> Iterator[Past]:
    """Give a past as it would have been in another shop."""
    for one in past:
        if isinstance(one, PastSale):
            yield replace(one, store="s1", lines=tuple(_line(line, shop) for line in one.lines))
        else:
            yield one


def _line(line: BasketLine, shop: Shop) -> BasketLine:
    name = line.name.upper()
    tag = _found(shop.tags, name)
    return replace(
        line,
        item=_found(shop.items, name) or line.item,
        amount_minor=line.amount_minor * shop.rate,
        category=_found(shop.words, name),
        tags=(tag,) if tag is not None else (),
    )


def _found(words: Mapping[str, str], name: str) -> str | None:
    return next((stands_for for word, stands_for in words.items() if word in name), None)
