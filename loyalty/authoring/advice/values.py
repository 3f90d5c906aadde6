"""A piece of advice, and the programme that it is about: as it was read, and as it stands in its file."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from loyalty.holding.units import Holder
from loyalty.programme.model import Programme
from loyalty.reading.places import Path, Places
from loyalty.reading.tables import dotted
from loyalty.rules.stages import EarnRule, Head, Issuer, Multiplier, Reward
from loyalty.sale.basket import BasketLine


class AdviceCode(StrEnum):
    """What a piece of advice is about; stable, for programs that read the answer."""

    NEVER_AT_WORK = "never_at_work"
    WINDOW_OVER = "window_over"
    GOODS_EXCLUDE_THEMSELVES = "goods_exclude_themselves"
    UNIT_NEVER_EARNED = "unit_never_earned"
    TIER_UNREACHABLE = "tier_unreachable"
    SEGMENT_EMPTY = "segment_empty"
    COUPON_UNUSED = "coupon_unused"
    BUDGET_UNUSED = "budget_unused"
    EARN_LOOP = "earn_loop"
    REWARD_EXCEEDS_SPEND = "reward_exceeds_spend"
    REWARD_EXCEEDS_BASKET = "reward_exceeds_basket"
    PERCENTS_ADD_UP = "percents_add_up"
    NO_BUDGET = "no_budget"
    OFFLINE_OVERSPEND = "offline_overspend"
    NEVER_EXPIRES = "never_expires"
    COUPON_WITHOUT_END = "coupon_without_end"
    PENDING_LONGER_THAN_LIFE = "pending_longer_than_life"
    NO_VALUE = "no_value"
    CARD_BELOW_ZERO = "card_below_zero"
    NAME_MISSING = "name_missing"
    CATEGORY_UNKNOWN = "category_unknown"
    EXCLUDED_ONE_WAY = "excluded_one_way"
    PRIORITY_TIE = "priority_tie"
    NO_EFFECT = "no_effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing that may be unwise.

    Attributes:
        line: Counted from 1, or None where it belongs to no line.
        key: The dotted key, as ``rule[2].when``; empty for the programme as a whole.
        text: What is unwise and the way out, in English.
    """

    code: AdviceCode
    line: int | None
    key: str
    text: str


class Written:
    """A programme and the text it was read from.

    Attributes:
        programme: As read.
    """

    def __init__(self, programme: Programme, text: str) -> None:
        """Keep both; ``text`` is the one that ``programme`` was read from."""
        self.programme = programme
        self._raw: Mapping[str, Any] = tomllib.loads(text)
        self._places = Places(text)

    def say(self, code: AdviceCode, path: Path, text: str) -> Advice:
        """Make a piece of advice about ``path``."""
        return Advice(code=code, line=self._places.line(path), key=dotted(path), text=text)

    def about(self, code: AdviceCode, table: str, table_id: str, text: str, *more: str) -> Advice:
        """Make one about the table with an id, or about a key of it."""
        return self.say(code, (*self.path(table, table_id), *more), text)

    def path(self, table: str, table_id: str) -> Path:
        """Give where the table of an id stands; its kind alone where nobody wrote it (the unit of points, say)."""
        for place, one in enumerate(self._tables(table)):
            if one.get("id") == table_id:
                return table, place
        return (table,)

    def raw(self, table: str, table_id: str) -> Mapping[str, Any]:
        """Give a table as TOML has it, for what only its own kind understands."""
        return next((one for one in self._tables(table) if one.get("id") == table_id), {})

    def heads(self) -> Iterator[tuple[str, Head]]:
        """Give the heads of all rules and rewards, each with the name of its table."""
        programme = self.programme
        rules: tuple[EarnRule | Multiplier | Issuer, ...] = (
            *programme.earn_rules,
            *programme.multipliers,
            *programme.issuers,
        )
        for rule in rules:
            yield "rule", rule.head
        for reward in programme.rewards:
            yield "reward", reward.head

    def paid_rewards(self) -> Iterator[Reward]:
        """Give the rewards that members pay for with units of their own."""
        for reward in self.programme.rewards:
            if reward.terms.unit is not None and reward.terms.coupon is None:
                yield reward

    def is_loaded(self, line: BasketLine) -> bool:
        """Tell whether a rule loads gift cards that such a line sells; rules that do not name it pass it over."""
        loading = [rule.head.goods for rule in self.programme.earn_rules if rule.unit.holder is Holder.CARD]
        return any(goods.narrows and goods.select([line]) for goods in loading)

    def earned_units(self) -> frozenset[str]:
        """Give the units that a member can come by."""
        found = {rule.unit.id for rule in self.programme.earn_rules}
        return frozenset(found | ({self.programme.referral.unit.id} if self.programme.referral is not None else set()))

    def _tables(self, table: str) -> list[Mapping[str, Any]]:
        found = self._raw.get(table, [])
        return found if isinstance(found, list) else []
