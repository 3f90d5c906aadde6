"""Rewards of every kind, by chance, and how they are set to work."""

from __future__ import annotations

from tests.loyalty.whole.pen import CATEGORIES, CODES, ITEMS, ROUNDINGS, Keys
from tests.loyalty.whole.rules import Rules


class Rewards(Rules):
    """Writes rewards of every kind."""

    def _gift_cards(self) -> None:
        load: Keys = {"kind": "per_amount", "id": "load", "unit": "giftcard", "categories": ["cards"]}
        load |= {"units": "1", "per": "1", "base": "before"}
        self.out.add("[[rule]]", load)
        pay: Keys = {"kind": "tender", "id": "card", "unit": "giftcard"}
        if self.chance(30):
            pay["exclude_categories"] = ["cards"]
        self.out.add("[[reward]]", pay)

    def _terms(self, keys: Keys, *, free: bool = True) -> None:
        """How a reward is set to work: by itself, for units, by a code or by a coupon."""
        rng = self.rng
        coupons = self.out.ids("[[coupon]]")
        way = rng.randrange(6)
        if way == 0:
            keys["code"] = rng.choice(CODES)
        elif way == 1 and coupons:
            keys["coupon"] = rng.choice(coupons)
        elif way in {2, 3} or not free:
            unit = self._member_unit()
            keys |= {"unit": unit, "cost": self.number(1, 20, self.units[unit])}
            if self.chance(20):
                keys["least_balance"] = self.number(1, 30, self.units[unit])
        elif way == 4:
            keys["trigger"] = "choice"
        if self.chance(10):
            keys["restores"] = False

    def _rounding(self) -> Keys:
        rng = self.rng
        keys: Keys = {}
        if self.chance(30):
            keys["rounding"] = rng.choice(ROUNDINGS)
        if self.chance(30):
            keys["rounds"] = rng.choice(("discount", "price"))
        if self.chance(30):
            keys["round_at"] = rng.choice(("sale", "line", "item"))
        return keys

    def _reward(self, own_id: str) -> None:
        rng = self.rng
        kinds = ["points_discount", "percent", "amount_off", "free_item", "bundle_price", "gift", "tender"]
        kinds += ["invitation"] if self.out.of("[[event]]") else []
        kind = rng.choice(kinds)
        keys = self._head(kind, own_id)
        if kind != "gift":
            keys |= self._goods()
        if kind not in {"gift", "invitation"} and self.chance(15):
            keys["most"] = self.money(1, 2000)
        getattr(self, f"_{kind}")(keys)
        self.out.add("[[reward]]", keys)

    def _points_discount(self, keys: Keys) -> None:
        unit = self._member_unit()
        keys |= {"unit": unit, "cost": self.number(1, 10, self.units[unit]), "discount": self.money(1, 200)}
        if self.chance(30):
            keys["minimum"] = self.number(1, 30, self.units[unit])
        if self.chance(30):
            keys["most_percent"] = self.rng.randint(1, 100)
        if self.chance(30):
            keys["settle"] = "tender"

    def _percent(self, keys: Keys) -> None:
        self._terms(keys)
        keys |= self._rounding() | {"percent": self.rng.choice(("10", "100", "33.3333", "50", "0.5"))}
        if self.chance(30):
            keys |= {"take": self.rng.choice(("cheapest", "dearest")), "most_items": self.rng.randint(1, 3)}

    def _amount_off(self, keys: Keys) -> None:
        self._terms(keys)
        keys["amount"] = self.money(1, 1500)
        if self.chance(40):
            keys["each"] = "item"
            if self.chance(40):
                keys |= {"take": self.rng.choice(("cheapest", "dearest")), "most_items": self.rng.randint(1, 3)}
        if self.chance(20):
            keys["tax"] = "excluded"

    def _free_item(self, keys: Keys) -> None:
        rng = self.rng
        self._terms(keys)
        keys |= self._rounding()
        keys["get"] = rng.randint(1, 2)
        if self.chance(20):
            keys["buy_spend"] = self.money(1, 2000)
            if self.chance(40):
                keys["most_times"] = rng.randint(1, 3)
            return
        keys["buy"] = rng.randint(1, 3)
        if self.chance(25):
            keys["counts"] = "on_top"
            if self.chance(50):
                keys["get_items"] = self.some(ITEMS)
            if self.chance(50):
                keys["value"] = self.money(0, 500)
            if self.chance(30):
                keys["mix"] = False
            return
        if self.chance(30):
            keys["get_categories"] = self.some(CATEGORIES)
        elif self.chance(30):
            keys["mix"] = False
        if self.chance(30):
            keys["percent"] = rng.choice(("50", "33.3333"))

    def _bundle_price(self, keys: Keys) -> None:
        self._terms(keys)
        keys |= self._rounding() | {"count": self.rng.randint(1, 4), "price": self.money(0, 1000)}

    def _gift(self, keys: Keys) -> None:
        self._terms(keys)
        keys |= {"items": self.some(ITEMS, 3), "value": self.money(0, 500)}
        if self.chance(40):
            keys["stock"] = True

    def _invitation(self, keys: Keys) -> None:
        rng = self.rng
        self._terms(keys)
        keys["event"] = rng.choice(self.out.ids("[[event]]"))
        if "cost" not in keys and "code" not in keys and "coupon" not in keys:
            keys["trigger"] = "choice"
        if self.chance(40):
            keys |= {"value": self.money(0, 300), "most_times": rng.randint(1, 3)}

    def _tender(self, keys: Keys) -> None:
        worth = [unit for unit in self.units if unit in {"wallet", "giftcard"}]
        worth += [str(one["id"]) for one in self.out.of("[[unit]]") if "value" in one]
        if not worth:
            keys["kind"] = "points_discount"
            self._points_discount(keys)
            return
        unit = self.rng.choice(worth)
        keys["unit"] = unit
        if self.chance(30):
            keys["minimum"] = self.number(1, 100, self.units[unit])
        if self.chance(30):
            keys["most_percent"] = self.rng.randint(1, 100)
        if self.chance(30):
            keys["rounding"] = self.rng.choice(("floor", "ceiling"))
