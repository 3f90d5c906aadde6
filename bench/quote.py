"""A quote of 40 lines under 50 rules, and how it grows with lines and rules.

    python -m bench.quote [--quotes 300] [--rounds 5] [--json]

The programme is mixed, as shops have them: earning per amount, step, item and visit with exclusions and caps, multipliers,
conditions, budgets and counters, coupons, and rewards that apply by themselves or are offered. Against it, in turns: the
basket alone, checked as the till checks it, which no rule makes slower. A quote does nothing but compute, so the budget is
held against the processor's time of its thread; what the clock on the wall said, with whatever else ran, is recorded.
What stands at the start is kept out of garbage collections, as a till keeps it.
"""

import argparse
import gc
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from time import thread_time_ns
from typing import NamedTuple

from bench.measuring import Benchmark, Ratio, Report, Series, timed
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import LotBalance, Standing
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.quote import Quote, quote
from loyalty.sale.basket import Basket, BasketLine, make_basket

LINES, RULES = 40, 50
BUDGET_MS = 2.0
GROWTH = 1.25
"""Most by which doubling may cost more than double."""
_ABOUT = f"quote of {LINES} lines under {RULES} rules and rewards, against checking the basket alone"
_KZT = Currency(code="KZT", scale=2)
_CATEGORIES = ("bread", "milk", "fruit", "meat", "fish", "tea", "sweets", "alcohol", "tobacco", "care", "toys", "cards")
MOMENT = Moment(at=datetime(2026, 3, 2, 12, 30, tzinfo=UTC), business_date=date(2026, 3, 2), store="s1", till="t1")
_MEMBER = b"\x07" * 16

_HEAD = """
[programme]
id = "bench"
label = "1"
names.en = "Bench"
[currency]
code = "KZT"
[[unit]]
id = "points"
value = "1.00"
expires = "P12M"
expires_round_up = "month"
[[unit]]
id = "stamps"
kind = "stamps"
names.en = "stamps"
[[unit]]
id = "cashback"
kind = "money"
pending_days = 14
names.en = "cashback"
[tiers]
by = "spend"
window = "P12M"
[[tier]]
id = "basic"
names.en = "Basic"
[[tier]]
id = "gold"
names.en = "Gold"
from = "100000.00"
[[segment]]
id = "young"
external = true
names.en = "Young"
[[budget]]
id = "spring"
most = "100000.00"
per = "month"
[[coupon]]
id = "next"
names.en = "Next time"
lasts = "P30D"
""" + "".join(f'[[category]]\nid = "{category}"\nnames.en = "{category.title()}"\n' for category in _CATEGORIES)

_NO_VICE = 'exclude_categories = ["alcohol", "tobacco", "cards"]'
_TABLES = (
    f'[[rule]]\nkind = "per_amount"\nunits = 1\nper = "100.00"\nremainder = "carry"\n{_NO_VICE}',
    f'[[rule]]\nkind = "per_amount"\nunit = "cashback"\nunits = "0.03"\nper = "1.00"\nrounding = "half_up"\n{_NO_VICE}',
    '[[reward]]\nkind = "percent"\npercent = "5"\ncategories = ["toys"]\nwhen.least_items = 2\nwhen.goods.categories = ["toys"]',
    '[[rule]]\nkind = "multiply"\nmultiplier = 2\ncategories = ["bread", "milk"]\nwhen.weekdays = ["mon", "tue"]',
    '[[rule]]\nkind = "multiply"\nmultiplier = "1.5"\nwhen.tiers = ["gold"]\ngroup = "best"',
    '[[reward]]\nkind = "points_discount"\ncost = 100\ndiscount = "100.00"\nexclude_categories = ["alcohol", "tobacco"]',
    '[[rule]]\nkind = "per_item"\nunit = "stamps"\nunits = 1\ncategories = ["tea"]\ncap.per_sale = 6\ncap.per_day = 10',
    '[[rule]]\nkind = "per_amount"\nunits = 5\nper = "50.00"\ncategories = ["fruit"]\nwhen.least_spend = "30.00"',
    '[[reward]]\nkind = "free_item"\nbuy = 4\nget = 1\ncategories = ["sweets"]\nuses.per_member = 50',
    '[[rule]]\nkind = "per_step"\nunits = 10\nstep = "500.00"\nmost_steps = 5\ntax = "excluded"\nuses.budget = "spring"',
    '[[rule]]\nkind = "add"\nunits = 20\nwhen.hours = ["12:00-14:00"]\nwhen.least_spend = "100.00"',
    '[[reward]]\nkind = "amount_off"\namount = "50.00"\nwhen.segments = ["young"]\nwhen.least_spend = "500.00"',
    '[[rule]]\nkind = "per_amount"\nunits = 2\nper = "10.00"\ntags = ["own-brand"]\nreduced = "skip"\ncap.per_line = 40',
    '[[rule]]\nkind = "per_visit"\nunits = 3\nwhen.every_nth_visit = 5',
    '[[rule]]\nkind = "multiply"\nmultiplier = 3\nwhen.birthday_days_before = 3\nwhen.birthday_days_after = 3\ngroup = "best"',
    '[[reward]]\nkind = "percent"\npercent = "10"\ncode = "SPRING"\nmost = "500.00"',
    '[[rule]]\nkind = "per_amount"\nunits = 1\nper = "20.00"\nitems = ["item-3", "item-9"]\nuses.per_day = 3',
    '[[rule]]\nkind = "issue_coupon"\ncoupon = "next"\nwhen.members = "only"\nwhen.least_spend = "5000.00"',
    '[[rule]]\nkind = "multiply"\nmultiplier = "1.25"\ncategories = ["care"]\nwhen.stores = ["s1", "s2"]',
    '[[reward]]\nkind = "gift"\nitems = ["mug"]\ncost = 800\nvalue = "900.00"',
)
"""Turned through, each time with another id: the more rules, the more of every kind."""


def programme_of(rules: int) -> Programme:
    """Give a programme with so many rules and rewards."""
    tables = [f'{_TABLES[number % len(_TABLES)]}\nid = "r{number}"\n' for number in range(rules)]
    return read_programme(_HEAD + "\n".join(tables), "bench")


def lines_of(lines: int) -> list[BasketLine]:
    """Give so many lines of a large shop's basket."""
    return [
        BasketLine(
            line=number,
            item=f"item-{number % 60}",
            name=f"Thing {number}",
            category=_CATEGORIES[number * 5 % len(_CATEGORIES)],
            quantity_milli=1_370 if number % 7 == 0 else 1_000 * (1 + number % 3),
            amount_minor=10_000 + 731 * number,
            tax_minor=(10_000 + 731 * number) * 12 // 112,
            discount_minor=500 if number % 6 == 0 else 0,
            tags=("own-brand",) if number % 4 == 0 else (),
        )
        for number in range(1, lines + 1)
    ]


def member() -> Standing:
    """Give a member who has been coming for a year."""
    ends = [lot_of(None, 1_780_000_000 + month * 2_600_000) for month in range(12)]
    lots = tuple(LotBalance(unit="points", lot=lot, amount=150) for lot in ends if lot is not None)
    balances = {"points": 1_800, "stamps": 4, "cashback": 5_000, "tier.progress": 9_000_000, "visit.count": 53}
    balances |= {f"used.r{number}": 3 for number in range(0, RULES, 4)}
    return Standing(
        member=_MEMBER,
        tier="gold",
        segments=("young",),
        birthday=(3, 4),
        joined_on=date(2025, 1, 5),
        last_visit_on=date(2026, 2, 27),
        balances=tuple(sorted(balances.items())),
        lots=lots,
    )


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Quote in turns with the baseline, then larger baskets and programmes."""
    usual = _Quoting(LINES, RULES)
    gc.freeze()  # as a till does at its start
    rounds = [[usual.turn() for _ in range(given.quotes)] for _ in range(given.rounds)]
    quoted = [Series(ns=tuple(turn.quote_ns for turn in one)) for one in rounds]
    checked = [Series(ns=tuple(turn.check_ns for turn in one)) for one in rounds]
    few = max(1, given.quotes // 10)
    larger = {
        f"{name} x{times}": (times, [_growth(usual, _Quoting(*size), few) for _ in range(given.rounds)])
        for times in (2, 4)
        for name, size in (("lines", (LINES * times, RULES)), ("rules", (LINES, RULES * times)))
    }
    ratios = {
        f"p99 of the processor's time, share of the budget of {BUDGET_MS:g} ms": Ratio(
            values=tuple(_p99_ms(one) / BUDGET_MS for one in quoted), most=1.0
        ),
        "time against checking the basket": Ratio(
            values=tuple(one.median_ns / bare.median_ns for one, bare in zip(quoted, checked, strict=True))
        ),
        **{
            f"growth with {name}, per {name.partition(' ')[0]}": Ratio(
                values=tuple(value / times for value in values), most=GROWTH
            )
            for name, (times, values) in larger.items()
        },
    }
    recorded = {
        "quote, processor": Series(ns=tuple(ns for one in quoted for ns in one.ns)).in_ms(),
        "quote, wall": Series(ns=tuple(turn.wall_ns for one in rounds for turn in one)).in_ms(),
        "checking the basket": Series(ns=tuple(ns for one in checked for ns in one.ns)).in_ms(),
        "awards of the quote": len(usual.answer.awards),
        "redemptions of the quote": len(usual.answer.redemptions),
    }
    return Report(name="quote", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


class _Turn(NamedTuple):
    quote_ns: int
    wall_ns: int
    check_ns: int


class _Quoting:
    """A programme, a basket's lines and a member; every quote is of a basket that was never quoted before."""

    def __init__(self, lines: int, rules: int) -> None:
        self._programme, self._lines, self._member = programme_of(rules), lines_of(lines), member()
        self.answer = self._quote(self._check())

    def turn(self) -> _Turn:
        """Quote once, and check the same basket once."""
        basket = self._check()
        begun = thread_time_ns()
        wall_ns = timed(lambda: self._quote(basket))
        quoted = thread_time_ns()
        self._check()
        return _Turn(quote_ns=quoted - begun, wall_ns=wall_ns, check_ns=thread_time_ns() - quoted)

    def _check(self) -> Basket:
        basket = make_basket(_KZT, self._lines)
        assert isinstance(basket, Basket)
        return basket

    def _quote(self, basket: Basket) -> Quote:
        answer = quote(self._programme, basket, self._member, MOMENT)
        assert isinstance(answer, Quote)
        return answer


def _growth(usual: _Quoting, larger: _Quoting, quotes: int) -> float:
    """Give how many times longer the larger one takes; both are measured in turns."""
    both = [(usual.turn().quote_ns, larger.turn().quote_ns) for _ in range(quotes)]
    one, many = (Series(ns=taken) for taken in zip(*both, strict=True))
    return many.median_ns / one.median_ns


def _p99_ms(one: Series) -> float:
    ordered = sorted(one.ns)
    return ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] / 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--quotes", type=int, default=300, help="quotes of each round (default 300)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
