"""Whole programmes by chance, as a person would write them: every kind of rule and reward, unit, ladder and switch.

Everything is drawn from a `random.Random`, so that the same writer serves hypothesis, which shrinks what it finds, and a
campaign of hours from one seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

Value: TypeAlias = "str | int | bool | list[str] | Raw"
Keys: TypeAlias = "dict[str, Value]"

CATEGORIES = ("food", "alcohol", "toys", "cards")
ITEMS = ("i1", "i2", "i3", "i4", "i5")
TAGS = ("fresh", "own")
STORES = ("s1", "s2")
CODES = ("SUMMER", "Қыс")
ACTIONS = ("feedback", "check_in", "wash")
SEGMENTS = ("big", "new")
ROUNDINGS = ("floor", "ceiling", "half_up", "half_down", "half_even")
PERIODS = ("P0D", "P1D", "P30D", "P1M", "P12M", "P1Y6M3D")
ROUND_UPS = ("none", "month", "quarter", "half_year", "year")
_POLICIES: dict[str, tuple[str | bool, ...]] = {
    "multipliers": ("compound", "additive"),
    "round_discounts": ("each", "once"),
    "spread": ("redistribute", "per_line"),
    "odd_minor": ("largest_remainder", "first", "last"),
    "divisible_lines": (False, True),
    "host_discounts": ("before_rewards", "after_rewards"),
    "earn_when_redeeming": (True, False),
    "cancelled_visits_count": (False, True),
    "rounding": ROUNDINGS,
    "base": ("after", "before"),
    "tax": ("included", "excluded"),
    "paid_with_units": ("excluded", "included"),
    "order_discounts": ("proportional", "ignored"),
    "tax_rounding": ("group", "line"),
    "return_reverses": ("both", "both", "earned", "none"),
    "return_restores_to": ("original_lot", "new_lot"),
    "coupon_on_return": ("keep", "restore"),
    "gift_on_return": ("keep", "charge"),
}


@dataclass(frozen=True)
class Raw:
    """A value as TOML has it: a date, a time."""

    text: str


@dataclass
class Written:
    """A programme as its tables: (header, keys), in the order of the file."""

    tables: list[tuple[str, Keys]] = field(default_factory=list)

    def add(self, header: str, keys: Keys) -> None:
        self.tables.append((header, keys))

    def of(self, header: str) -> list[Keys]:
        return [keys for name, keys in self.tables if name == header]

    def ids(self, header: str) -> list[str]:
        return [str(keys["id"]) for keys in self.of(header)]

    @property
    def text(self) -> str:
        return "\n".join(_table(header, keys) for header, keys in self.tables)

    def shuffled(self, rng: Random) -> str:
        """The same content with its tables, and the keys in them, in another order."""
        tables = [(header, _in_any_order(keys, rng)) for header, keys in self.tables]
        rng.shuffle(tables)
        return "\n".join(_table(header, keys) for header, keys in tables)


def _in_any_order(keys: Keys, rng: Random) -> Keys:
    pairs = list(keys.items())
    rng.shuffle(pairs)
    return dict(pairs)


def _table(header: str, keys: Keys) -> str:
    return "\n".join([header, *(f"{key} = {_toml(value)}" for key, value in keys.items())]) + "\n"


def _toml(value: Value) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f'"{value}"'


def write(rng: Random) -> Written:
    """Write a programme; nearly all are in order, and the reader says of the others why not."""
    return _Writer(rng).programme()


class _Writer:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.out = Written()
        self.scale = rng.choice((2, 2, 2, 0, 3))
        self.units: dict[str, int] = {}
        self.selling: list[str] = []

    def chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def some(self, of: tuple[str, ...], most: int = 2) -> list[str]:
        return self.rng.sample(of, self.rng.randint(1, min(most, len(of))))

    def number(self, least: int, most: int, scale: int) -> str:
        """A decimal of ``least`` to ``most`` smallest steps."""
        whole, rest = divmod(self.rng.randint(least, most), 10**scale)
        return f"{whole}.{rest:0{scale}}" if scale else str(whole)

    def money(self, least: int = 1, most: int = 5000) -> str:
        return self.number(least, most, self.scale)

    def programme(self) -> Written:
        out, rng = self.out, self.rng
        out.add("[programme]", {"id": "p", "label": "1", "names.en": "P", "names.kk": "П"})
        out.add("[currency]", {"code": "KZT", "scale": self.scale})
        self._policies()
        self._units()
        self._tiers()
        for segment in SEGMENTS:
            out.add("[[segment]]", {"id": segment, "names.en": segment, "external": True})
        for number in range(rng.randint(0, 2)):
            spans = {"per": rng.choice(("programme", "month", "day")), "scope": rng.choice(_SCOPES)}
            out.add("[[budget]]", {"id": f"b{number}", "most": self.money(1, 8000), **spans})
        for number in range(rng.randint(0, 2)):
            self._coupon(f"c{number}")
        for number in range(rng.randint(0, 1)):
            out.add("[[event]]", {"id": f"e{number}", "names.en": "Event", "seats": rng.randint(1, 5)})
        if self.chance(30):
            out.add("[[goods]]", {"id": "g0", **self._selection()})
        if self.chance(25):
            self._referral()
        for number in range(rng.randint(1, 5)):
            self._rule(f"r{number}")
        for number in range(rng.randint(0, 5)):
            self._reward(f"w{number}")
        if "giftcard" in self.units:
            self._gift_cards()
        return out

    def _policies(self) -> None:
        keys: Keys = {}
        for name, values in _POLICIES.items():
            if self.chance(20):
                keys[name] = self.rng.choice(values)
        if self.chance(20):
            keys["line_floor"] = self.money(0, 100)
        if keys:
            self.out.add("[policies]", keys)

    def _units(self) -> None:
        rng = self.rng
        self._unit("points", rng.choice((0, 0, 1, 2)), "points")
        if self.chance(40):
            self._unit("wallet", self.scale, "money")
        if self.chance(30):
            self._unit("stamps", 0, "stamps")
        if self.chance(30):
            self.out.add("[[unit]]", {"id": "giftcard", "names.en": "Card", "kind": "money", "holder": "card"})
            self.units["giftcard"] = self.scale

    def _unit(self, unit: str, scale: int, kind: str) -> None:
        rng = self.rng
        keys: Keys = {"id": unit, "kind": kind}
        if kind != "money":
            keys["scale"] = scale
            if self.chance(60):
                keys["value"] = self.money(1, 300)
        if unit != "points":
            keys["names.en"] = unit
        if self.chance(40):
            keys |= {"expires": rng.choice(PERIODS), "expires_round_up": rng.choice(ROUND_UPS)}
        if self.chance(20):
            keys["pending_days"] = rng.randint(0, 20)
        if self.chance(40):
            keys["negative"] = rng.choice(("allow", "floor", "debt", "refuse"))
        if self.chance(10):
            keys["most_negative"] = self.number(1, 50, scale)
        if self.chance(15):
            keys["spendable_in_same_sale"] = True
        if self.chance(10):
            keys["expires_when_idle"] = rng.choice(PERIODS)
        self.out.add("[[unit]]", keys)
        self.units[unit] = scale

    def _tiers(self) -> None:
        rng = self.rng
        if not self.chance(50):
            return
        by = rng.choice(("spend", "earned", "visits", "balance"))
        scale = self.scale if by == "spend" else self.units["points"] if by in {"earned", "balance"} else 0
        for number in range(rng.randint(1, 3)):
            keys: Keys = {"id": f"t{number}", "names.en": f"T{number}"}
            if number or self.chance(50):
                keys["from"] = self.number(number * 20, number * 20 + 10, scale) if by != "visits" else str(number)
            self.out.add("[[tier]]", keys)
        how: Keys = {"by": by, "downgrade": rng.choice(("one_step", "to_balance", "none"))}
        how["window"] = rng.choice(("lifetime", "calendar_year", "P12M", "P30D", "P1D"))
        if self.chance(30):
            how["grace"] = rng.choice(PERIODS)
        if self.chance(30):
            how["counts_current_sale"] = True
        if self.chance(15):
            how["reset_units"] = True
        self.out.add("[tiers]", how)

    def _coupon(self, coupon: str) -> None:
        rng = self.rng
        keys: Keys = {"id": coupon, "names.en": coupon, "uses": rng.randint(1, 3)}
        if self.chance(50):
            keys |= {"lasts": rng.choice(PERIODS), "lasts_round_up": rng.choice(ROUND_UPS)}
        if self.chance(30):
            keys["usable_after_days"] = rng.randint(0, 10)
        if self.chance(50):
            keys |= {"code.prefix": coupon.upper(), "code.digits": rng.randint(6, 12)}
            keys["code.check"] = rng.choice(("luhn", "mod97", "none"))
        if self.chance(20):
            keys["bearer"] = False
        self.out.add("[[coupon]]", keys)

    def _referral(self) -> None:
        unit = self._member_unit()
        keys: Keys = {"unit": unit, "referrer": self.number(0, 50, self.units[unit])}
        keys["friend"] = self.number(1, 50, self.units[unit])
        if self.chance(50):
            keys["least_spend"] = self.money()
        if self.chance(50):
            keys["most_per_member"] = self.rng.randint(1, 2)
        if self.chance(30):
            keys["within_days"] = self.rng.randint(1, 60)
        self.out.add("[referral]", keys)

    def _member_unit(self) -> str:
        return self.rng.choice([unit for unit in self.units if unit != "giftcard"])

    def _selection(self) -> Keys:
        keys: Keys = {}
        for key, of in (("categories", CATEGORIES[:3]), ("items", ITEMS), ("tags", TAGS)):
            if self.chance(20):
                keys[key] = self.some(of)
            if self.chance(10):
                keys[f"exclude_{key}"] = self.some(of)
        if self.chance(10):
            keys["least_price"] = self.money(0, 500)
        if self.chance(10):
            keys["reduced"] = self.rng.choice(("any", "skip", "only"))
        return keys

    def _goods(self) -> Keys:
        if not self.chance(50):
            return {}
        if self.out.of("[[goods]]") and self.chance(30):
            return {"goods": "g0"}
        return self._selection()

    def _when(self, *, action: bool = False) -> Keys:
        rng = self.rng
        keys: Keys = {}
        if action:
            keys["when.action"] = rng.choice(ACTIONS)
        for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
            keys |= self._condition()
        if "when.code" in keys and "when.action" in keys and not action:
            del keys["when.action"]
        return keys

    def _condition(self) -> Keys:
        rng = self.rng
        tiers = self.out.ids("[[tier]]")
        found: list[Keys] = [
            {"when.from": Raw("2026-01-15"), "when.until": Raw("2026-03-01")},
            {"when.until": Raw("2026-02-10T18:00:00")},
            {"when.weekdays": ["mon", "sat", "sun"]},
            {"when.hours": [rng.choice(("09:00-18:00", "22:00-06:00", "18:00-24:00"))]},
            {"when.stores": ["s1"]},
            {"when.exclude_stores": ["s2"]},
            {"when.segments": [rng.choice(SEGMENTS)]},
            {"when.exclude_segments": [rng.choice(SEGMENTS)]},
            {"when.members": rng.choice(("any", "only", "none"))},
            {"when.birthday_days_before": rng.randint(0, 30), "when.birthday_days_after": rng.randint(0, 400)},
            {"when.absent_days": rng.randint(1, 60)},
            {"when.joined_within_days": rng.randint(1, 100)},
            {"when.nth_visit": rng.randint(1, 4)},
            {"when.first_purchase": True},
            {"when.every_nth_visit": rng.randint(2, 3)},
            {"when.least_items": rng.randint(1, 4)},
            {"when.code": rng.choice(CODES)},
            {"when.action": rng.choice(ACTIONS)},
            self._spend(),
            self._spend(),
        ]
        if tiers:
            found.append({"when.tiers": [rng.choice(tiers)]})
        return rng.choice(found)

    def _spend(self) -> Keys:
        rng = self.rng
        keys: Keys = {"when.least_spend": self.money(1, 3000)}
        if self.chance(20):
            keys = {"when.most_spend": self.money(1, 9000)}
        if self.chance(30):
            keys["when.spend_tax"] = "excluded"
        if self.chance(30):
            keys["when.spend_base"] = "after"
        if self.chance(30):
            keys["when.goods.categories"] = [rng.choice(CATEGORIES)]
        return keys

    def _uses(self) -> Keys:
        rng = self.rng
        keys: Keys = {}
        for bound, percent in (("per_sale", 10), ("per_day", 12), ("per_member", 12), ("in_all", 12)):
            if self.chance(percent):
                keys[f"uses.{bound}"] = rng.randint(1, 4)
        if (budgets := self.out.ids("[[budget]]")) and self.chance(35):
            keys["uses.budget"] = rng.choice(budgets)
        if keys and self.chance(20):
            keys["uses.cancelled_count"] = True
        return keys

    def _head(self, kind: str, own_id: str, *, action: bool = False) -> Keys:
        rng = self.rng
        keys: Keys = {"kind": kind, "id": own_id, **self._when(action=action), **self._uses()}
        if self.chance(40):
            keys |= {"names.en": own_id, "names.ru": own_id}
        if self.chance(20):
            keys["priority"] = rng.randint(-2, 2)
        if self.chance(15):
            keys |= {"group": "g", "pick": rng.choice(("best", "first", "last"))}
        if self.chance(7):
            keys["exclusive"] = True
        if self.chance(10):
            keys["offline"] = rng.choice(("allow", "cap", "deny"))
        return keys

    def _base(self) -> Keys:
        return {
            name: self.rng.choice(_POLICIES[name])
            for name in ("base", "tax", "paid_with_units", "order_discounts")
            if self.chance(15)
        }

    def _earning(self, unit: str) -> Keys:
        rng, scale = self.rng, self.units[unit]
        keys: Keys = {"unit": unit}
        if self.chance(30):
            keys["rounding"] = rng.choice(ROUNDINGS)
        for cap in ("per_line", "per_sale", "per_day", "per_month", "per_member", "least_per_line", "least_per_sale"):
            if self.chance(8):
                keys[f"cap.{cap}"] = self.number(1, 100, scale)
        if self.chance(10):
            keys["pending_days"] = rng.randint(0, 5)
        if self.chance(10):
            keys |= {"expires": rng.choice(PERIODS), "expires_round_up": rng.choice(ROUND_UPS)}
        if self.chance(10):
            keys["multiplied"] = False
        return keys

    def _rule(self, own_id: str) -> None:
        rng = self.rng
        kinds = ["per_amount", "per_amount", "per_step", "per_item", "per_visit", "add", "per_action", "multiply"]
        kinds += ["issue_coupon"] if self.out.of("[[coupon]]") else []
        kind = rng.choice(kinds)
        unit = self._member_unit()
        scale = self.units[unit]
        keys = self._head(kind, own_id, action=kind == "per_action") | self._goods()
        if kind == "multiply":
            keys |= {"unit": unit, "multiplier": rng.choice(("1.5", "2", "0.5", "1.3333", "3"))}
            keys.pop("uses.budget", None)
            if self.chance(30):
                keys["combine"] = rng.choice(("compound", "additive"))
            self.out.add("[[rule]]", keys)
            return
        if kind == "issue_coupon":
            self._issuer(keys)
            return
        keys |= self._earning(unit) | {"units": self.number(1, 30, scale)}
        if kind == "per_amount":
            keys |= self._base() | {"per": self.money(1, 300)}
            if self.chance(30):
                keys |= {"remainder": "carry", "rounding": "floor"}
            elif self.chance(30):
                keys["round_at"] = "line"
        elif kind == "per_step":
            keys |= self._base() | {"step": self.money(1, 1000)}
            if self.chance(30):
                keys["most_steps"] = rng.randint(1, 4)
        elif kind == "per_item" and self.chance(50):
            keys["pieces"] = rng.choice(("whole", "exact"))
        if kind in {"add", "per_action"}:
            keys.pop("multiplied", None)
        self.out.add("[[rule]]", keys)

    def _issuer(self, keys: Keys) -> None:
        rng = self.rng
        keys |= {"coupon": rng.choice(self.out.ids("[[coupon]]")), "count": rng.randint(1, 2)}
        if self.chance(30):
            keys["per"] = rng.choice(("sale", "item"))
        elif self.chance(30):
            keys |= {"per": "step", "step": self.money(10, 2000)}
        if self.chance(20):
            keys["uses_per"] = rng.choice(("sale", "item"))
        self.out.add("[[rule]]", keys)

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


_SCOPES = ("all", "store", "till", "member")
