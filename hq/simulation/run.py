"""One programme run over the past, in memory, with the engine that tills use."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from hashlib import blake2b

from hq.simulation.past import Past, PastReturn, PastSale
from hq.simulation.shoppers import Shopper, by_category, figures
from hq.simulation.tally import Tally
from hq.simulation.values import Redeeming, Simulated
from loyalty.due.expiry import ended, plan_expiry, plan_idle_expiry
from loyalty.due.segmenting import came_back, segments_of
from loyalty.due.tier_review import Review, review
from loyalty.holding.accounts import pool_account
from loyalty.holding.ledger import Ledger
from loyalty.holding.standing import Holdings, Standing
from loyalty.journal.entry import Posting
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.quote import Quote, offers_on, quote
from loyalty.quote.posting import Posted, post
from loyalty.quote.recording import record
from loyalty.refusals import Refusal
from loyalty.returns import ReturnPlan, SoldSale, Undoing, plan_return
from loyalty.rules.stages import Trigger
from loyalty.sale.ask import NOTHING_ASKED, Ask, RedeemRequest, ShownCoupon
from loyalty.sale.basket import Basket, make_basket

_MAX_COUPONS = 5
"""Most coupons that a member is taken to carry; the oldest are thrown away."""


class Simulation:
    """A programme, how members are taken to redeem, and the members as they are so far.

    Memory grows with members and with the sales of which something comes back.
    """

    def __init__(self, programme: Programme, redeeming: Redeeming, stores: frozenset[str] = frozenset()) -> None:
        """Begin with nobody; ``stores`` are those that the programme is for, empty for all."""
        self._programme = programme
        self._prices = [
            (reward.terms.unit, reward.terms.cost or 1)
            for reward in programme.rewards
            if reward.terms.unit is not None and reward.terms.trigger is Trigger.CHOICE
        ]
        self._segments = tuple(one for one in programme.segments if not one.external)
        self._redeeming = redeeming
        self._stores = stores
        self._ledger = Ledger()
        self._tally = Tally(programme)
        self._members: dict[str, Shopper] = {}
        self._sold: dict[str, SoldSale] = {}
        self._buyers: dict[str, Shopper] = {}
        self._fullest: dict[str, int] = {}
        self._month: tuple[int, int] | None = None
        self._entries = 0
        self._returned: Collection[str] | None = None

    def run(self, past: Iterable[Past], zone: tzinfo, returned: Collection[str] | None = None) -> Simulated:
        """Replay the past.

        Args:
            past: In the order of time.
            zone: Where months end.
            returned: The sales of which something comes back, so that only they are kept; None keeps all.
        """
        self._returned = returned
        for one in past:
            self._turn_to(one.business_date, zone)
            if isinstance(one, PastReturn):
                self._return(one)
            elif not self._stores or one.store in self._stores:
                self._sale(one)
        if self._month is not None:
            self._tally.end_month(_name(self._month))
        members = {member.account: member.tier for member in self._members.values()}
        return self._tally.finish(self._ledger, members, self._fullest)

    def _turn_to(self, day: date, zone: tzinfo) -> None:
        """Close months that are over, with what time alone does at their end."""
        now = (day.year, day.month)
        while self._month is not None and self._month < now:
            year, month = self._month
            following = (year + month // 12, month % 12 + 1)
            self._pass_time(datetime.combine(date(*following, 1), time(), tzinfo=zone), zone)
            self._tally.end_month(_name(self._month))
            self._month = following
        self._month = self._month or now

    def _pass_time(self, at: datetime, zone: tzinfo) -> None:
        """Do for every member what HQ's jobs do at an instant: units end, tiers are reviewed."""
        for member in self._members.values():
            for postings in self._ended(member, at, zone):
                self._ledger.post(self._mint(), postings)
                for one in ended(postings):
                    self._tally.flow(one.unit, "expired", one.amount)
            found = review(self._programme.ladder, member.standing(self._ledger), at, zone)
            if found is not None:
                self._review(member, found)
            if self._segments:
                member.segments = self._segments_of(member, at.date())

    def _segments_of(self, member: Shopper, today: date) -> tuple[str, ...]:
        windows = {window: figures(member, window, today) for window in {one.window for one in self._segments}}
        return segments_of(self._segments, windows, member.segments, today)

    def _ended(self, member: Shopper, at: datetime, zone: tzinfo) -> Iterator[tuple[Posting, ...]]:
        account = member.account
        while plan := plan_expiry(account, self._ledger.holdings(account), at):
            yield plan
        last = member.last_visit_on or member.joined_on
        for unit in self._programme.units:
            if unit.idle is not None:
                yield plan_idle_expiry(account, self._ledger.holdings(account), unit, last, at, zone)

    def _review(self, member: Shopper, found: Review) -> None:
        self._tally.moved(member.tier, found.tier.after)
        member.tier = found.tier.after
        member.tier_until = datetime.fromtimestamp(found.tier.until, UTC) if found.tier.until is not None else None
        self._ledger.post(self._mint(), found.postings)
        for one in ended(found.postings):
            self._tally.flow(one.unit, "expired", one.amount)

    def _sale(self, sale: PastSale) -> None:
        amount = sum(line.amount_minor for line in sale.lines)
        member = self._member(sale)
        account = member.account if member is not None else None
        self._tally.sale(amount, account)
        basket = make_basket(self._programme.currency, sale.lines, sale.credit_minor)
        if isinstance(basket, Refusal):
            self._tally.refused(basket.code.value)
            return
        moment = Moment(at=sale.at, business_date=sale.business_date, store=sale.store)
        quoted = self._quote(basket, member, moment)
        if isinstance(quoted, Refusal):
            self._tally.refused(quoted.code.value)
            return
        entry_id = self._mint()
        posted = post(self._programme, quoted, entry_id, account)
        self._ledger.post(entry_id, posted.postings)
        self._tally.quoted(quoted, account)
        if self._returned is None or sale.key in self._returned:
            self._keep(sale, basket, quoted, posted, account)
        if member is not None:
            self._after(member, sale, quoted, posted)

    def _quote(self, basket: Basket, member: Shopper | None, moment: Moment) -> Quote | Refusal:
        pools = {
            name: self._ledger.holdings(pool_account(self._programme.id, name))
            for name in self._programme.pools(moment, member.account if member is not None else None)
        }
        standing = member.standing(self._ledger) if member is not None else None
        if member is None or standing is None or self._redeeming is Redeeming.NEVER:
            return quote(self._programme, basket, standing, moment, NOTHING_ASKED, pools)
        coupons = self._shown(member, moment)
        chosen = self._choice(basket, standing, moment, Ask(coupons=coupons), pools)
        ask = Ask(redeem=(chosen,) if chosen is not None else (), coupons=coupons)
        quoted = quote(self._programme, basket, standing, moment, ask, pools)
        if isinstance(quoted, Refusal) and chosen is not None:
            return quote(self._programme, basket, standing, moment, Ask(coupons=coupons), pools)
        return quoted

    def _choice(
        self, basket: Basket, standing: Standing, moment: Moment, ask: Ask, pools: Mapping[str, Holdings]
    ) -> RedeemRequest | None:
        """Give what a member who takes whatever can be had would take: the largest discount, then the first by id."""
        if not any(standing.usable(unit.id, moment.at) >= cost for unit, cost in self._prices):
            return None
        offered = offers_on(self._programme, basket, standing, moment, ask, pools)
        within = [offer for offer in offered if offer.most_units > 0]
        if not within:
            return None
        best = min(within, key=lambda offer: (-offer.most_discount_minor, offer.reward))
        return RedeemRequest(reward=best.reward)

    def _shown(self, member: Shopper, moment: Moment) -> tuple[ShownCoupon, ...]:
        """Give the coupons that the member would show: those that are good now."""
        shown = []
        for coupon in member.coupons:
            held = self._ledger.holdings(coupon.account)
            if any(held.usable(unit, moment.at) > 0 for unit, _ in held.balances):
                shown.append(ShownCoupon(code=coupon.code, account=coupon.account, holdings=held))
        return tuple(shown)

    def _keep(self, sale: PastSale, basket: Basket, quoted: Quote, posted: Posted, account: bytes | None) -> None:
        kept = record(basket, quoted, posted, awarded=account is not None)
        sold = SoldSale(
            account=account,
            lines=kept.lines,
            awards=kept.awards,
            remainders=kept.remainders,
            redemptions=kept.redemptions,
            issued=kept.issued,
            postings=posted.postings,
            stays=frozenset(kept.stays),
            returned_milli={},
        )
        self._sold[sale.key] = sold

    def _after(self, member: Shopper, sale: PastSale, quoted: Quote, posted: Posted) -> None:
        self._tally.moved(member.tier, quoted.tier)
        if quoted.tier != member.tier:
            member.tier, member.tier_until = quoted.tier, None
        member.last_visit_on = sale.business_date
        if self._segments:
            member.bought[sale.key] = (sale.business_date, by_category(sale, quoted))
            if sale.key in self._sold:
                self._buyers[sale.key] = member
        member.coupons = [*member.coupons, *posted.coupons][-_MAX_COUPONS:]
        for budget in self._programme.budgets:
            spent = sum(count.amount for count in quoted.counts if count.unit == budget.unit)
            if spent:
                pool = budget.pool(
                    Moment(at=sale.at, business_date=sale.business_date, store=sale.store), member.account
                )
                held = self._ledger.holdings(pool_account(self._programme.id, pool)).balance(budget.unit)
                self._fullest[budget.id] = max(self._fullest.get(budget.id, 0), held)

    def _return(self, back: PastReturn) -> None:
        sale = self._sold.get(back.sale)
        if sale is None:
            return
        moment = Moment(at=back.at, business_date=back.business_date)
        accounts = {account: self._ledger.holdings(account) for account in sale.accounts}
        plan = plan_return(sale, back.lines, self._programme, Undoing(moment=moment, accounts=accounts))
        if isinstance(plan, Refusal):
            self._tally.refused(plan.code.value)
            return
        returned = dict(sale.returned_milli)
        for line, milli in back.lines:
            returned[line] = returned.get(line, 0) + milli
        self._ledger.post(self._mint(), plan.postings)
        self._undone(sale, plan, _asked_for(sale, returned) - _asked_for(sale, sale.returned_milli))
        self._sold[back.sale] = replace(sale, returned_milli=returned)
        if self._segments:
            self._not_bought(back, sale)

    def _not_bought(self, back: PastReturn, sale: SoldSale) -> None:
        """Let what came back count no more for segments; the visit does."""
        amounts = {category or "": amount for category, amount in came_back(sale.lines, back.lines).items()}
        member = self._buyers.get(back.sale)
        if member is not None:
            member.bought[back.sale][1].subtract(amounts)

    def _undone(self, sale: SoldSale, plan: ReturnPlan, asked_minor: int) -> None:
        for reversal in plan.reversals if sale.account is not None else ():
            self._tally.flow(reversal.unit, "reversed", reversal.amount)
        for one in plan.restored:
            self._tally.flow(one.unit, "redeemed", -one.units)
        tendered = sum(one.amount_minor for one in plan.restored)
        self._tally.given_back(asked_minor - plan.worth_minor + tendered, sale.account)

    def _member(self, sale: PastSale) -> Shopper | None:
        if sale.member is None:
            return None
        known = self._members.get(sale.member)
        if known is None:
            account = blake2b(sale.member.encode(), digest_size=16, person=b"loyaltill-past").digest()
            known = self._members[sale.member] = Shopper(account=account, joined_on=sale.business_date)
        return known

    def _mint(self) -> bytes:
        self._entries += 1
        return self._entries.to_bytes(16, "big")


def _asked_for(sale: SoldSale, returned_milli: Mapping[int, int]) -> int:
    """Give what the host asked for the goods that came back, before rewards."""
    return int(sale.share({line.line: line.amount_minor for line in sale.lines}, returned_milli))


def _name(month: tuple[int, int]) -> str:
    return f"{month[0]:04}-{month[1]:02}"
