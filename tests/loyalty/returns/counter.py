"""A counter with a ledger: it sells, takes back and voids, as a till does, and everything is posted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from loyalty.due.expiry import plan_expiry
from loyalty.holding.accounts import pool_account
from loyalty.holding.ledger import Ledger
from loyalty.holding.lots import lot_of
from loyalty.holding.standing import Holdings, Standing
from loyalty.journal.entry import Posting
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.quote.posting import Posted, post
from loyalty.quote.recording import record
from loyalty.refusals import Refusal
from loyalty.returns import ReturnPlan, SoldSale, Undoing, plan_return, plan_void
from loyalty.sale.ask import NOTHING_ASKED, Ask
from loyalty.sale.basket import Basket
from tests.loyalty.shop import MEMBER

OPENING = datetime(2026, 1, 31, 7, 0, tzinfo=UTC)


@dataclass(eq=False)
class Sold:
    """A sale of the counter: what it posted and what a return finds of it."""

    programme: Programme
    quoted: Quote
    posted: Posted
    sale: SoldSale

    def milli_left(self) -> dict[int, int]:
        sold = self.sale.everything
        return {line: milli - self.sale.returned_milli.get(line, 0) for line, milli in sold.items()}


@dataclass
class Counter:
    """One till, one member, one ledger; time passes only when it is told."""

    programme: Programme
    now: datetime = OPENING
    ledger: Ledger = field(default_factory=Ledger)
    entries: int = 0
    referrer: bytes | None = None
    journal: list[tuple[bytes, tuple[Posting, ...]]] = field(default_factory=list)

    @property
    def moment(self) -> Moment:
        return Moment(at=self.now, business_date=self.now.date(), store="s1")

    def standing(self) -> Standing:
        held = self.held()
        return Standing(member=MEMBER, balances=held.balances, lots=held.lots, referrer=self.referrer)

    def held(self, account: bytes = MEMBER) -> Holdings:
        return self.ledger.holdings(account)

    def balance(self, unit: str = "points") -> int:
        return self.held().balance(unit)

    def entry(self) -> bytes:
        self.entries += 1
        return self.entries.to_bytes(16, "big")

    def post(self, postings: Iterable[Posting], entry_id: bytes | None = None) -> None:
        """Write an entry."""
        self.journal.append((entry_id or self.entry(), tuple(postings)))
        self.ledger.post(*self.journal[-1])

    def quote(self, goods: Basket, ask: Ask = NOTHING_ASKED, *, member: bool = True) -> Quote | Refusal:
        names = self.programme.pools(self.moment, MEMBER if member else None)
        pools = {name: self.held(pool_account(self.programme.id, name)) for name in names}
        return quote(self.programme, goods, self.standing() if member else None, self.moment, ask, pools)

    def sell(self, goods: Basket, ask: Ask = NOTHING_ASKED, *, member: bool = True) -> Sold:
        programme = self.programme
        answer = self.quote(goods, ask, member=member)
        assert isinstance(answer, Quote), answer
        entry_id, own = self.entry(), MEMBER if member else None
        posted = post(programme, answer, entry_id, own)
        self.post(posted.postings, entry_id)
        kept = record(goods, answer, posted, awarded=member)
        sale = SoldSale(
            account=own,
            lines=kept.lines,
            awards=kept.awards,
            redemptions=kept.redemptions,
            issued=kept.issued,
            remainders=kept.remainders,
            postings=posted.postings,
            stays=frozenset(kept.stays),
            returned_milli={},
        )
        return Sold(programme=programme, quoted=answer, posted=posted, sale=sale)

    def take_back(self, sold: Sold, *coming: tuple[int, int]) -> ReturnPlan:
        """Take (line, thousandths) back; all that is left without any."""
        parts = coming or tuple((line, milli) for line, milli in sold.milli_left().items() if milli)
        plan = plan_return(sold.sale, parts, sold.programme, self.undoing(sold))
        assert isinstance(plan, ReturnPlan), plan
        returned = dict(sold.sale.returned_milli)
        for line, milli in parts:
            returned[line] = returned.get(line, 0) + milli
        sold.sale = replace(sold.sale, returned_milli=returned)
        self.post(plan.postings)
        return plan

    def void(self, sold: Sold) -> ReturnPlan:
        plan = plan_void(sold.sale, sold.programme, self.undoing(sold))
        assert isinstance(plan, ReturnPlan), plan
        sold.sale = replace(sold.sale, voided=True)
        self.post(plan.postings)
        return plan

    def undoing(self, sold: Sold) -> Undoing:
        return Undoing(moment=self.moment, accounts={one: self.held(one) for one in sold.sale.accounts})

    def give(self, amount: int, expires_on: date | None = None, unit: str = "points") -> None:
        """Let the member have units, in a lot where they end."""
        ends = None
        if expires_on is not None:
            ends = int(datetime(expires_on.year, expires_on.month, expires_on.day, tzinfo=UTC).timestamp())
        self.post([Posting(account=MEMBER, unit=unit, amount=amount, lot=lot_of(None, ends))])

    def expire(self) -> int:
        """Run expiry for every account; gives how many points ended."""
        gone = 0
        for account, held in list(self.ledger.accounts()):
            postings = plan_expiry(account, held, self.now)
            gone -= sum(one.amount for one in postings if one.unit == "points")
            self.post(postings)
        return gone

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)

    def everything(self) -> dict[bytes, Holdings]:
        """All accounts with what is not zero."""
        found = {
            account: replace(held, balances=tuple((unit, amount) for unit, amount in held.balances if amount))
            for account, held in self.ledger.accounts()
        }
        return {account: held for account, held in found.items() if held.balances or held.lots}
