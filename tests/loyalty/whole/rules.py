"""Rules that earn, multiply and issue, by chance, with the conditions and uses that rewards share."""

from __future__ import annotations

from tests.loyalty.whole.parts import Parts
from tests.loyalty.whole.pen import (
    ACTIONS,
    CATEGORIES,
    CODES,
    PERIODS,
    POLICIES,
    ROUND_UPS,
    ROUNDINGS,
    SEGMENTS,
    Keys,
    Raw,
)


class Rules(Parts):
    """Writes rules of every kind."""

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
            name: self.rng.choice(POLICIES[name])
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
        self.out.add("[[rule]]", self._of_kind(kind, keys))

    def _of_kind(self, kind: str, keys: Keys) -> Keys:
        rng = self.rng
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
        return keys

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
