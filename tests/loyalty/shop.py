"""What the tests of the engine say often: a programme, a basket, a member, a quote."""

from datetime import UTC, date, datetime, tzinfo
from typing import Any

from loyalty.holding.standing import Standing
from loyalty.moment import Moment
from loyalty.numbers.currency import Currency
from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.quote import Ask, Quote, RedeemRequest, quote
from loyalty.quote.posting import post
from loyalty.quote.recording import record
from loyalty.refusals import Refusal
from loyalty.returns import SoldSale, Undoing
from loyalty.sale.basket import Basket, BasketLine, make_basket

KZT = Currency(code="KZT", scale=2)
MEMBER = b"\x07" * 16
ENTRY = b"\x0e" * 16
AT = datetime(2026, 1, 31, 7, 0, tzinfo=UTC)
DAY = date(2026, 1, 31)
NOW = Moment(at=AT, business_date=DAY)
UNDOING = Undoing(moment=NOW)
HEAD = """
[programme]
id = "p"
label = "1"
names.en = "P"
[currency]
code = "KZT"
"""
GOLD = """
[[tier]]
id = "gold"
names.en = "Gold"
[[rule]]
kind = "multiply"
id = "gold"
when.tiers = ["gold"]
multiplier = "1.5"
"""
SPEND = """
[[reward]]
kind = "points_discount"
id = "spend"
cost = 100
discount = "1.00"
"""


def programme(tables: str = "") -> Programme:
    """A programme with these tables, counting in KZT."""
    return read_programme(HEAD + tables, "p.toml")


def earning(more: str = "", *, units: str = "1", per: str = "1.00") -> Programme:
    """A programme with one rule, ``units`` points per ``per``; ``more`` are further keys and tables."""
    return programme(f'[[rule]]\nkind = "per_amount"\nid = "earn"\nunits = "{units}"\nper = "{per}"\n{more}\n')


def sold(number: int, amount_minor: int, **fields: Any) -> BasketLine:
    """A line of a basket."""
    return BasketLine(
        **{"line": number, "item": f"i{number}", "quantity_milli": 1000, "amount_minor": amount_minor, **fields}
    )


def basket(*lines: BasketLine | int) -> Basket:
    """A basket of lines, or of amounts in minor units."""
    made = [sold(number, line) if isinstance(line, int) else line for number, line in enumerate(lines, start=1)]
    answer = make_basket(KZT, made)
    assert isinstance(answer, Basket)
    return answer


def standing(tier: str | None = None, **balances: int) -> Standing:
    """A member's standing."""
    return Standing(member=MEMBER, tier=tier, balances=tuple(sorted(balances.items())))


def ask(
    rules: Programme, goods: Basket, member: Standing | None = None, redeem: tuple[str, int] | None = None
) -> Quote | Refusal:
    """Quote, with (reward, steps) to redeem."""
    chosen = (RedeemRequest(reward=redeem[0], units=redeem[1]),) if redeem is not None else ()
    return quote(rules, goods, member, NOW, Ask(redeem=chosen))


def quoted(
    rules: Programme, goods: Basket, member: Standing | None = None, redeem: tuple[str, int] | None = None
) -> Quote:
    """Quote what cannot be refused."""
    answer = ask(rules, goods, member, redeem)
    assert isinstance(answer, Quote)
    return answer


def at(moment: str, store: str = "", *, zone: tzinfo = UTC) -> Moment:
    """A moment of a store's own time, as ``2026-01-31T12:00``."""
    local = datetime.fromisoformat(moment).replace(tzinfo=zone)
    return Moment(at=local, business_date=local.date(), store=store)


def earned(rules: Programme, *lines: BasketLine | int, member: Standing | None = None) -> int:
    """The points that a basket earns."""
    return quoted(rules, basket(*lines), member).earned("points")


def sale(
    rules: Programme,
    goods: Basket,
    member: Standing | None = None,
    returned_milli: dict[int, int] | None = None,
    *,
    voided: bool = False,
) -> SoldSale:
    """What a till stores of a sale, as far as a return needs it."""
    answer = quoted(rules, goods, member)
    own = member.member if member is not None else None
    posted = post(rules, answer, ENTRY, own)
    kept = record(goods, answer, posted, awarded=member is not None)
    return SoldSale(
        account=own,
        lines=kept.lines,
        awards=kept.awards,
        redemptions=kept.redemptions,
        issued=kept.issued,
        remainders=kept.remainders,
        postings=posted.postings,
        stays=frozenset(kept.stays),
        returned_milli=returned_milli or {},
        voided=voided,
    )
