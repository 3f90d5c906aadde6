"""What each kind of rule and reward says in its terms, read from the keys of its table.

A new kind is one function and one line in `OF_KINDS`; it reads the keys that people write, so that it says the same as
the file whatever the engine makes of them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from loyalty.authoring.keys import keys_of_kind
from loyalty.authoring.terms.conditions import categories, items
from loyalty.authoring.terms.values import Item, Value, label, labels, sentence
from loyalty.explain import Argument, Money, Units, message
from loyalty.holding.units import POINTS, Unit
from loyalty.numbers.rates import Rate
from loyalty.numbers.scaled import parse_scaled
from loyalty.parts.policies import BaseOf, PaidWithUnits, TaxBasis
from loyalty.programme.model import Programme

_FINE = 4
_WHOLE = 100
_ACTIONS = frozenset({"sign_up", "feedback", "check_in", "hq"})
_ROUNDED = {"floor": "floor", "ceiling": "up", "half_up": "near", "half_down": "near", "half_even": "near"}


class Keys:
    """The keys of one rule or reward, defaults included."""

    def __init__(self, raw: Mapping[str, Any], programme: Programme) -> None:
        self.raw = raw
        self.programme = programme
        usual = {str(one.path[0]): one.default for one in keys_of_kind(str(raw["kind"])) if len(one.path) == 1}
        self._values = {**usual, **raw}

    def get(self, key: str) -> Any:
        """Give a key as it is written, or its default, or None."""
        return self._values.get(key)

    def texts(self, key: str) -> list[str]:
        """Give a list of texts, which may be absent."""
        return list(self._values.get(key) or ())

    def money(self, key: str) -> Money | None:
        """Give an amount of money."""
        currency = self.programme.currency
        value = self._values.get(key)
        return Money(amount_minor=parse_scaled(str(value), currency.scale), currency=currency) if value else None

    @property
    def unit(self) -> Unit:
        """The unit that the table names."""
        found = self.programme.unit(str(self._values.get("unit") or POINTS))
        return found if found is not None else self.programme.units[0]

    def units(self, key: str = "units") -> Units:
        """Give an amount of the unit."""
        return self.unit.amount(parse_scaled(str(self._values[key]), self.unit.scale))

    def rate(self, key: str) -> Rate:
        """Give a percentage or a multiplier."""
        return Rate.of(parse_scaled(str(self._values[key]), _FINE), 10**_FINE)

    def action(self) -> str:
        """Give the action of the conditions."""
        return str(self.raw.get("when", {}).get("action", ""))


def _say(message_id: str, **arguments: Argument | None) -> Item:
    return Item(said=message(message_id, **{name: one for name, one in arguments.items() if one is not None}))


def _per_amount(keys: Keys) -> list[Item]:
    carried = [sentence("terms.fractions_carried")] if keys.get("remainder") == "carry" else []
    return [_say("terms.per_amount", units=keys.units(), amount=keys.money("per")), *of_base(keys), *carried]


def _per_step(keys: Keys) -> list[Item]:
    said = [_say("terms.per_step", units=keys.units(), amount=keys.money("step")), *of_base(keys)]
    most = keys.get("most_steps")
    return [*said, label("terms.most_in_sale", message("terms.times", count=int(most)))] if most else said


def of_base(keys: Keys) -> list[Item]:
    """Say how money counts, where it is not as the policies say."""
    usual = keys.programme.policies
    found: list[Item] = []
    if "tax" in keys.raw and keys.raw["tax"] != usual.tax:
        found.append(sentence(tax_words(TaxBasis(keys.raw["tax"]))))
    if "base" in keys.raw and keys.raw["base"] != usual.base:
        found.append(sentence(base_words(BaseOf(keys.raw["base"]))))
    if "paid_with_units" in keys.raw and keys.raw["paid_with_units"] != usual.paid_with_units:
        found.append(sentence(paid_words(PaidWithUnits(keys.raw["paid_with_units"]))))
    if "rounding" in keys.raw and keys.raw["rounding"] != usual.rounding:
        found.append(sentence(rounding_words(str(keys.raw["rounding"]))))
    return found


def tax_words(tax: TaxBasis) -> str:
    """Name the sentence on the tax in what counts."""
    return "terms.counted_with_tax" if tax is TaxBasis.INCLUDED else "terms.counted_without_tax"


def base_words(base: BaseOf) -> str:
    """Name the sentence on discounts in what counts."""
    return "terms.counted_after_discounts" if base is BaseOf.AFTER else "terms.counted_before_discounts"


def paid_words(paid: PaidWithUnits) -> str:
    """Name the sentence on what units pay."""
    return "terms.paid_with_units_earns" if paid is PaidWithUnits.INCLUDED else "terms.paid_with_units_earns_not"


def rounding_words(rounding: str) -> str:
    """Name the sentence on fractions of a unit."""
    words = {
        "floor": "terms.fractions_floor",
        "up": "terms.fractions_up",
        "near": "terms.fractions_near",
    }
    return words[_ROUNDED[rounding]]


def _per_item(keys: Keys) -> list[Item]:
    exact = keys.get("pieces") == "exact"
    return [_say("terms.per_item_exact" if exact else "terms.per_item", units=keys.units())]


def _per_visit(keys: Keys) -> list[Item]:
    return [_say("terms.per_visit", units=keys.units())]


def _per_action(keys: Keys) -> list[Item]:
    action = keys.action()
    if action in _ACTIONS:
        return [Item(said=message(f"terms.per_action_{action}", units=keys.units()))]
    return [_say("terms.per_action_other", units=keys.units(), action=action)]


def _add(keys: Keys) -> list[Item]:
    return [_say("terms.add", units=keys.units())]


def _multiply(keys: Keys) -> list[Item]:
    rules = {rule.head.id: rule.head.names for rule in keys.programme.earn_rules}
    named: list[Value] = [rules.get(one) or one for one in keys.texts("of_rules")]
    return [_say("terms.multiply", multiplier=keys.rate("multiplier")), *labels("terms.of_rules", named)]


def _issue_coupon(keys: Keys) -> list[Item]:
    coupon = keys.programme.coupon(str(keys.get("coupon")))
    sale = "terms.issue_coupon_hq" if keys.action() == "hq" else "terms.issue_coupon"
    said = [label(sale, coupon.names if coupon is not None else str(keys.get("coupon")))]
    if keys.get("per") == "step":
        said.append(_say("terms.issue_coupon_step", amount=keys.money("step")))
    if keys.get("per") == "item":
        said.append(sentence("terms.issue_coupon_item"))
    return said


def _event(keys: Keys) -> Value:
    wanted = str(keys.get("event"))
    return next((event.names for event in keys.programme.events if event.id == wanted), wanted)


def _points_discount(keys: Keys) -> list[Item]:
    said = [_say("terms.points_discount", units=keys.units("cost"), discount=keys.money("discount"))]
    if keys.get("minimum"):
        said.append(label("terms.least_at_once", keys.units("minimum")))
    return [*said, *_most_percent(keys)]


def _most_percent(keys: Keys) -> list[Item]:
    most = keys.get("most_percent")
    if most in (None, _WHOLE, str(_WHOLE)):
        return []
    return [_say("terms.most_percent", percent=keys.rate("most_percent"))]


def _percent(keys: Keys) -> list[Item]:
    take = str(keys.get("take"))
    return [Item(said=message(f"terms.percent_{take}", percent=keys.rate("percent"))), *_pieces(keys)]


def _amount_off(keys: Keys) -> list[Item]:
    each = keys.get("each") == "item"
    said = _say("terms.amount_off_item" if each else "terms.amount_off", discount=keys.money("amount"))
    return [said, *(_pieces(keys) if each else ())]


def _pieces(keys: Keys) -> list[Item]:
    most = int(keys.raw.get("most_items") or 1)
    return [label("terms.most_items", message("terms.items", count=most))] if most > 1 else []


def _free_item(keys: Keys) -> list[Item]:
    buy, get, percent = keys.get("buy"), int(keys.get("get") or 1), keys.rate("percent")
    spend = keys.money("buy_spend")
    if spend is not None:
        said = _say("terms.free_item_spend", amount=spend, get=get)
    elif percent == Rate.of(_WHOLE, 1) and not buy:
        said = label("terms.free_pieces", message("terms.items", count=get))
    elif percent == Rate.of(_WHOLE, 1):
        said = _say("terms.free_item", buy=int(buy or 0), get=get)
    else:
        said = _say("terms.free_item_percent", buy=int(buy or 0), get=get, percent=percent)
    programme = keys.programme
    goods = [*categories(keys.texts("get_categories"), programme), *items(keys.texts("get_items"), programme)]
    where = "terms.free_on_top" if keys.get("counts") == "on_top" else "terms.free_inside"
    return [said, *labels("terms.free_goods", goods), sentence(where)]


def _bundle_price(keys: Keys) -> list[Item]:
    return [_say("terms.bundle_price", number=int(keys.get("count") or 0), price=keys.money("price"))]


def _gift(keys: Keys) -> list[Item]:
    given = items(keys.texts("items"), keys.programme)
    said = label("terms.gift_choice" if len(given) > 1 else "terms.gift", *given)
    return [said, *((sentence("terms.while_stock_lasts"),) if keys.get("stock") is True else ())]


def _invitation(keys: Keys) -> list[Item]:
    return [label("terms.invitation", _event(keys))]


def _tender(keys: Keys) -> list[Item]:
    unit = keys.unit
    said = [label("terms.tender", unit.names if unit.names is not None else message("terms.unit_points"))]
    if keys.get("minimum"):
        said.append(label("terms.least_at_once", keys.units("minimum")))
    return [*said, *_most_percent(keys)]


OF_KINDS: Mapping[str, Callable[[Keys], list[Item]]] = {
    "per_amount": _per_amount,
    "per_step": _per_step,
    "per_item": _per_item,
    "per_visit": _per_visit,
    "per_action": _per_action,
    "add": _add,
    "multiply": _multiply,
    "issue_coupon": _issue_coupon,
    "points_discount": _points_discount,
    "percent": _percent,
    "amount_off": _amount_off,
    "free_item": _free_item,
    "bundle_price": _bundle_price,
    "gift": _gift,
    "invitation": _invitation,
    "tender": _tender,
}
OWN_ITEMS = frozenset({"gift"})
"""Kinds whose ``items`` are what they hand out, not the goods that they are for."""
OWN_PRICE = frozenset({"points_discount"})
"""Kinds whose own sentence says what they cost."""
