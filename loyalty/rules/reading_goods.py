"""Reading a selection of goods in a programme file."""

from loyalty.reading.tables import Table
from loyalty.rules.goods import EVERYTHING, Goods, Reduced
from loyalty.rules.scope import Scope

_KEYS = ("categories", "exclude_categories", "items", "exclude_items", "tags", "exclude_tags")


def read_goods(table: Table, scope: Scope) -> Goods:
    """Read the keys of a selection, which stand among a rule's own."""
    texts = {key: frozenset(table.texts(key, ())) for key in _KEYS}
    currency = scope.currency
    least = table.scaled("least_price", currency.scale) if table.has("least_price") else None
    most = table.scaled("most_price", currency.scale) if table.has("most_price") else None
    if least is not None and most is not None and most < least:
        table.note("most_price", "is less than least_price")
    reduced = table.choice("reduced", Reduced, Reduced.ANY)
    mentioned = sorted(texts["categories"] | texts["exclude_categories"])
    written = Goods(
        **texts,
        least_price_minor=least,
        most_price_minor=most,
        reduced=reduced,
        names=tuple((category, scope.categories[category]) for category in mentioned if category in scope.categories),
    )
    goods = scope.share(written) if written != EVERYTHING else EVERYTHING
    if not table.has("goods"):
        return goods
    named = scope.goods.get(table.text("goods"))
    if named is None:
        table.note_unknown("goods", "goods", scope.goods)
        return goods
    if goods != EVERYTHING:
        table.note("goods", "stands beside keys of its own; give one or the other")
    return named
