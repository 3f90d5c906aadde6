"""Issuing coupons with a sale: one for it, for each full step of money, or for each piece."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.explain import Names, message
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.parts.coupons import Coupon
from loyalty.reading.tables import Table
from loyalty.rules.earning.base import MoneyBase, read_base
from loyalty.rules.reading import read_head
from loyalty.rules.scope import Scope
from loyalty.rules.situation import Situation
from loyalty.rules.stages import Handout, Head

KIND = "issue_coupon"
MAX_COUPONS = 20
"""Most coupons of one rule with one sale: each is printed, and is an account of its own."""

_NO_COUPON = Coupon(id="", names=Names(by_language=(("en", "-"),)))
"""Stands in for one that the programme does not have, until its reading ends with that problem."""


class Per(StrEnum):
    """What is counted."""

    SALE = "sale"
    STEP = "step"
    """Each full step of money of the rule's goods."""
    ITEM = "item"
    """Each piece of the rule's goods; what is weighed is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCoupon:
    """``count`` coupons per sale, step or piece, each with the coupon's uses once, or per step or piece.

    Attributes:
        most: Most coupons with one sale.
        step_minor: The step, where anything is counted by it.
    """

    head: Head
    coupon: Coupon
    count: int
    per: Per
    uses_per: Per
    most: int
    step_minor: int
    base: MoneyBase

    def issue(self, situation: Situation) -> Handout | None:
        """Count what the coupons are for; nothing of it is no coupon."""
        count = min(self.count * self._times(self.per, situation), self.most)
        uses = min(self.coupon.uses * self._times(self.uses_per, situation), MAX_BALANCE)
        if not count or not uses:
            return None
        said = message("explain.coupon_issued", coupon=self.coupon.names)
        return Handout(coupon=self.coupon, count=count, uses=uses, because=(said,))

    def _times(self, per: Per, situation: Situation) -> int:
        lines = situation.select(self.head.goods)
        if per is Per.SALE:
            return 1 if lines or self.head.when.action is not None else 0
        if per is Per.ITEM:
            return sum(line.pieces for line in lines)
        return sum(base for _, base in self.base.of_lines(self.head.goods, situation)) // self.step_minor


def read(table: Table, scope: Scope) -> IssueCoupon:
    """Read a ``[[rule]]`` of this kind."""
    coupon = scope.coupons.get(table.text("coupon"))
    if coupon is None:
        table.note_unknown("coupon", "coupon", scope.coupons)
    per, uses_per = table.choice("per", Per, Per.SALE), table.choice("uses_per", Per, Per.SALE)
    steps = Per.STEP in (per, uses_per)
    if not steps and table.has("step"):
        table.note("step", 'counts only where per or uses_per is "step"')
    return IssueCoupon(
        head=read_head(table, scope),
        coupon=coupon or _NO_COUPON,
        count=table.integer("count", 1, least=1, most=MAX_COUPONS),
        per=per,
        uses_per=uses_per,
        most=table.integer("most", MAX_COUPONS, least=1, most=MAX_COUPONS),
        step_minor=table.scaled("step", scope.currency.scale, least=1) if steps else 1,
        base=read_base(table, scope),
    )
