"""A shop with its ledger and journal: it sells by quotes, takes back and voids, and every entry goes through its bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from random import Random

from loyalty.holding.accounts import pool_account
from loyalty.holding.ledger import Ledger
from loyalty.holding.standing import Holdings, Standing
from loyalty.holding.units import Holder, is_hidden
from loyalty.journal.codec import decode_core, decode_detail, detail_digest, encode_core, encode_detail
from loyalty.journal.detail import DetailCardSold, EntryDetail
from loyalty.journal.entry import EntryCore, EntryKind, Opened, Posting
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.quote.posting import IssuedCoupon, Posted, post
from loyalty.quote.recording import record
from loyalty.refusals import Refusal
from loyalty.returns import ReturnPlan, SoldSale, Undoing, plan_return, plan_void, sold_sale
from loyalty.sale.ask import Ask, Load, RedeemRequest, ShownCoupon, ShownGiftCard
from loyalty.sale.basket import Basket
from tests.loyalty.whole.pen import ACTIONS, CODES, SEGMENTS
from tests.loyalty.whole.visits import FRIEND, MEMBER, OPENING, a_basket

SALT = b"\x01" * 16


@dataclass
class Sale:
    """One sale as its entry keeps it, and what came back of it."""

    core: EntryCore
    detail: EntryDetail
    quoted: Quote
    member: bytes | None
    before: dict[bytes, Holdings]
    question: tuple[Basket, Standing | None, Moment, Ask, dict[str, Holdings]]
    returned: dict[int, int] = field(default_factory=dict)
    voided: bool = False
    plans: list[ReturnPlan] = field(default_factory=list)

    def stored(self) -> SoldSale:
        core, detail = decode_core(encode_core(self.core)), decode_detail(encode_detail(self.detail))
        return sold_sale(core, detail, account=self.member, returned_milli=self.returned, voided=self.voided)

    def left(self) -> dict[int, int]:
        milli = {line.line: line.quantity_milli - self.returned.get(line.line, 0) for line in self.detail.lines}
        return {line: amount for line, amount in milli.items() if amount}


@dataclass
class Shop:
    """One programme, one till, one member and whoever comes without a card."""

    programme: Programme
    rng: Random
    now: datetime = OPENING
    ledger: Ledger = field(default_factory=Ledger)
    journal: list[bytes] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    coupons: list[IssuedCoupon] = field(default_factory=list)
    cards: list[bytes] = field(default_factory=list)
    tier: str | None = None
    tier_until: datetime | None = None
    last_on: date | None = None
    earned: Counter[str] = field(default_factory=Counter)
    spent: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    undone: Counter[str] = field(default_factory=Counter)

    @property
    def moment(self) -> Moment:
        return Moment(at=self.now, business_date=self.now.date(), store="s1", till="aa")

    def held(self, account: bytes = MEMBER) -> Holdings:
        return self.ledger.holdings(account)

    def standing(self) -> Standing:
        held = self.held()
        return Standing(
            member=MEMBER,
            balances=held.balances,
            lots=held.lots,
            tier=self.tier,
            tier_until=self.tier_until,
            segments=SEGMENTS[:1],
            birthday=(2, 10),
            joined_on=OPENING.date(),
            last_visit_on=self.last_on,
            referrer=FRIEND,
        )

    def pools(self, member: bytes | None) -> dict[str, Holdings]:
        names = self.programme.pools(self.moment, member, FRIEND if member else None)
        return {name: self.held(pool_account(self.programme.id, name)) for name in names}

    def entry_id(self) -> bytes:
        return (len(self.journal) + 1).to_bytes(16, "big")

    def write(
        self, kind: EntryKind, postings: tuple[Posting, ...], detail: EntryDetail, opens: object = ()
    ) -> EntryCore:
        """Write an entry and post what its bytes say."""
        core = EntryCore(
            entry_id=self.entry_id(),
            kind=kind,
            postings=postings,
            references=(),
            programme=self.programme.version,
            detail_digest=detail_digest(encode_detail(detail)),
            opens=tuple(Opened(account=account, kind=str(kind)) for account, kind in opens),  # type: ignore[attr-defined]
        )
        written = encode_core(core)
        assert decode_core(written) == core
        assert decode_detail(encode_detail(detail)) == detail
        self.journal.append(written)
        assert self.ledger.post(core.entry_id, decode_core(written).postings)
        return core

    def detail(self, **fields: object) -> EntryDetail:
        currency = self.programme.currency
        return EntryDetail(
            salt=SALT,
            local_time=self.now.isoformat(),
            business_date=self.now.date().isoformat(),
            store="s1",
            currency=currency.code,
            currency_scale=currency.scale,
            **fields,  # type: ignore[arg-type]
        )


def stock(shop: Shop) -> None:
    """Let the shop have a few of what its gifts are taken from."""
    postings = []
    for reward in shop.programme.rewards:
        for pool in sorted(reward.stocks(shop.moment)):
            account = pool_account(shop.programme.id, pool)
            postings.append(Posting(account=account, unit=pool.partition("/")[0], amount=2000))
    if postings:
        shop.write(EntryKind.ADJUST, tuple(postings), shop.detail())


def an_ask(shop: Shop, basket: Basket, standing: Standing | None) -> Ask:
    """What somebody may ask in this shop: coupons and cards are those that it gave out."""
    rng = shop.rng
    rewards = shop.programme.rewards
    redeem: tuple[RedeemRequest, ...] = ()
    if standing is not None and rewards and rng.randrange(2):
        reward = rng.choice(rewards)
        units = rng.choice((None, None, max(1, reward.terms.cost) * rng.randint(1, 5)))
        redeem = (RedeemRequest(reward=reward.head.id, units=units),)
    shown = [one for one in shop.coupons if rng.randrange(3) == 0][-4:]
    tenders = [one for one in rewards if one.terms.unit is not None and one.terms.unit.holder is Holder.CARD]
    cards = []
    if tenders:
        used = [card for card in shop.cards if rng.randrange(3) == 0][:2]
        cards = [ShownGiftCard(account=card, holdings=shop.held(card), reward=tenders[0].head.id) for card in used]
    number = len(shop.journal)
    loads = [
        Load(line=line.line, account=number.to_bytes(8, "big") + line.line.to_bytes(7, "big") + bytes([place]))
        for line in basket.lines
        if line.category == "cards" and rng.randrange(4)
        for place in range(min(line.pieces, 3))
    ]
    return Ask(
        redeem=redeem,
        codes=tuple(code for code in CODES if rng.randrange(3) == 0),
        coupons=tuple(
            ShownCoupon(code=one.code, account=one.account, holdings=shop.held(one.account)) for one in shown
        ),
        gift_cards=tuple(cards),
        loads=tuple(loads),
        actions=tuple(one for one in ACTIONS if rng.randrange(3) == 0),
    )


def sell(shop: Shop) -> Sale | None:
    """Sell a basket as it is quoted; None where the question is refused."""
    member = MEMBER if shop.rng.randrange(5) else None
    basket = a_basket(shop.programme, shop.rng, 4)
    standing = shop.standing() if member is not None else None
    ask = an_ask(shop, basket, standing)
    pools = shop.pools(member)
    answer = quote(shop.programme, basket, standing, shop.moment, ask, pools)
    if isinstance(answer, Refusal):
        ask = replace(ask, redeem=())
        answer = quote(shop.programme, basket, standing, shop.moment, ask, pools)
    if isinstance(answer, Refusal):
        return None
    question = (basket, standing, shop.moment, ask, pools)
    before = dict(shop.ledger.accounts())
    posted = post(shop.programme, answer, shop.entry_id(), member)
    sale = _written(shop, posted, question, answer, member)
    sale.before = before
    shop.coupons += posted.coupons
    shop.sales.append(sale)
    _count_sale(shop, sale)
    if member is not None:
        shop.tier, shop.last_on = answer.tier, shop.now.date()
    return sale


def _written(shop: Shop, posted: Posted, question, answer: Quote, member: bytes | None) -> Sale:  # type: ignore[no-untyped-def]
    basket = question[0]
    kept = record(basket, answer, posted, awarded=member is not None)
    cards = tuple(
        DetailCardSold(account=one.account, unit=one.unit.id, units=one.amount, line=one.bases[0][0])
        for one in answer.grants
        if one.account is not None and one.unit.holder is Holder.CARD
    )
    shop.cards += [one.account for one in cards]
    detail = shop.detail(
        member=member,
        lines=kept.lines,
        awards=kept.awards,
        redemptions=kept.redemptions,
        issued=kept.issued,
        remainders=kept.remainders,
        stays=kept.stays,
        sold_cards=cards,
        credit_minor=basket.credit_minor,
    )
    core = shop.write(EntryKind.SALE, posted.postings, detail, posted.opens)
    return Sale(core=core, detail=detail, quoted=answer, member=member, before={}, question=question)


def _count_sale(shop: Shop, sale: Sale) -> None:
    member = sale.member
    for award in sale.quoted.awards if member is not None else ():
        shop.earned[award.unit.id] += award.amount
    for grant in sale.quoted.grants:
        shop.earned[grant.unit.id] += grant.amount if grant.account is not None else 0
    for issued in sale.detail.issued:
        unit = f"coupon.{issued.coupon}"
        shop.earned[unit] += sum(
            one.amount for one in sale.core.postings if (one.account, one.unit) == (issued.account, unit)
        )
    for one in sale.quoted.redemptions:
        if one.unit is not None and one.payer is not None:
            shop.spent[one.unit.id] += one.units


def take_back(shop: Shop, sale: Sale, coming: list[tuple[int, int]]) -> ReturnPlan | Refusal:
    """Take (line, thousandths) of a sale back."""
    plan = plan_return(sale.stored(), coming, shop.programme, _undoing(shop, sale))
    if isinstance(plan, ReturnPlan):
        for line, milli in coming:
            sale.returned[line] = sale.returned.get(line, 0) + milli
        _undone(shop, sale, plan, EntryKind.RETURN)
    return plan


def void(shop: Shop, sale: Sale) -> ReturnPlan | Refusal:
    """Undo a whole sale."""
    plan = plan_void(sale.stored(), shop.programme, _undoing(shop, sale))
    if isinstance(plan, ReturnPlan):
        sale.voided = True
        _undone(shop, sale, plan, EntryKind.VOID)
    return plan


def _undoing(shop: Shop, sale: Sale) -> Undoing:
    return Undoing(moment=shop.moment, accounts={one: shop.held(one) for one in sale.stored().accounts})


def _undone(shop: Shop, sale: Sale, plan: ReturnPlan, kind: EntryKind) -> None:
    sale.plans.append(plan)
    for one in plan.postings:
        if not is_hidden(one.unit) or one.unit.startswith("coupon."):
            shop.undone[one.unit] += one.amount
    fields = {"reversals": plan.reversals, "restored": plan.restored, "charged_minor": plan.charged_minor}
    shop.write(kind, plan.postings, shop.detail(**fields, remainders=plan.remainders, withdrawn=plan.withdrawn))
    for taken in plan.reversals:
        assert taken.amount >= 0, "a return gives nothing as a reversal"
    for back in plan.restored:
        assert back.units > 0
