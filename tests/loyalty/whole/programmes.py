"""Whole programmes by chance, as a person would write them: every kind of rule and reward, unit, ladder and switch."""

from __future__ import annotations

from random import Random

from tests.loyalty.whole.pen import SEGMENTS, Written
from tests.loyalty.whole.rewards import Rewards

_SCOPES = ("all", "store", "till", "member")


def write(rng: Random) -> Written:
    """Write a programme; nearly all are in order, and the reader says of the others why not."""
    return _Writer(rng).programme()


class _Writer(Rewards):
    """Puts the parts together, each after what it refers to."""

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
