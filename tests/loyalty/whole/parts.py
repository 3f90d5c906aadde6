"""The parts of a programme that are not rules, by chance: policies, units, tiers, coupons, referral, goods."""

from __future__ import annotations

from tests.loyalty.whole.pen import CATEGORIES, ITEMS, PERIODS, POLICIES, ROUND_UPS, TAGS, Keys, Pen


class Parts(Pen):
    """Writes units before what refers to them."""

    def _policies(self) -> None:
        keys: Keys = {}
        for name, values in POLICIES.items():
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
