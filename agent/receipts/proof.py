"""What a sale came to, once more: the quote of then, computed again from what is stored.

The entry keeps amounts; the words come from the programme version that it names. Words are given only where that
version gives exactly what was stored, so that no receipt explains another sum than it shows.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from agent.receipts.source import Source
from loyalty.cards import is_uid
from loyalty.holding.accounts import coupon_account, pool_account
from loyalty.holding.standing import Holdings, LotBalance, Standing
from loyalty.journal.detail import DetailAsked, DetailRedemption, EntryDetail, StandingUsed
from loyalty.journal.entry import Lot
from loyalty.moment import Moment
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.quote.posting import Posted
from loyalty.quote.recording import basket_lines, record
from loyalty.rules.stages import Head, Offline
from loyalty.sale.ask import Ask, Load, RedeemRequest, ShownCoupon, ShownGiftCard
from loyalty.sale.basket import Basket, make_basket

_NOTHING = Posted(postings=(), opens=(), coupons=())
_LATER = timedelta(days=1)


def prove(source: Source) -> Quote | None:
    """Give the sale's quote with its explanations, or None where what is stored does not follow from it."""
    detail = source.detail
    if source.core.programme != source.programme.version:
        return None
    basket = make_basket(source.currency, basket_lines(detail.lines), detail.credit_minor)
    if not isinstance(basket, Basket):
        return None
    for exactly in (False, True):
        quoted = _quote(source, basket, exactly=exactly)
        if quoted is not None and _is_as_stored(source, basket, quoted):
            return quoted
    return None


def _quote(source: Source, basket: Basket, *, exactly: bool) -> Quote | None:
    """Quote it again; ``exactly`` as much as was spent, where the member took the most that the till could give."""
    detail, programme = source.detail, source.programme
    standing = _standing(source, detail.member) if detail.member is not None else None
    moment = _moment(source)
    held = _held(detail.asked)
    referrer = detail.standing.referrer if detail.standing is not None else None
    pools = _pools(programme, moment, (detail.member, referrer), held)
    asks = detail.asked is not None and detail.asked.rewards
    rules = _with_rights_of_then(programme, detail) if asks else replace(programme, rewards=())
    loads = tuple(Load(line=one.line, account=one.account) for one in detail.sold_cards)
    by_uid = detail.identifier is not None and is_uid(detail.identifier)
    ask = replace(_ask(detail.asked, held), loads=loads, may_spend=not by_uid)
    if exactly:
        spent = {one.reward: one.units for one in detail.redemptions if one.units}
        ask = replace(ask, redeem=tuple(replace(one, units=spent.get(one.reward, one.units)) for one in ask.redeem))
    quoted = quote(rules, basket, standing, moment, ask, pools)
    return quoted if isinstance(quoted, Quote) else None


def _is_as_stored(source: Source, basket: Basket, quoted: Quote) -> bool:
    detail = source.detail
    if sorted(issue.coupon for issue in quoted.issues for _ in range(issue.count)) != sorted(
        one.coupon for one in detail.issued
    ):
        return detail.training
    again = record(basket, replace(quoted, issues=()), _NOTHING, awarded=detail.member is not None)
    return (
        again.awards == detail.awards
        and again.lines == detail.lines
        and tuple(map(_without_payer, again.redemptions)) == tuple(map(_without_payer, detail.redemptions))
    )


def _with_rights_of_then(programme: Programme, detail: EntryDetail) -> Programme:
    """Leave out what the till had no right to give: what must not be overspent counts where it was at work."""
    worked = {one.reward for one in detail.redemptions} | {one.rule for one in detail.awards}
    return replace(
        programme,
        rewards=tuple(one for one in programme.rewards if _worked(one.head, worked)),
        earn_rules=tuple(one for one in programme.earn_rules if _worked(one.head, worked)),
    )


def _worked(head: Head, worked: set[str]) -> bool:
    return head.offline is Offline.ALLOW or head.id in worked


def _without_payer(one: DetailRedemption) -> DetailRedemption:
    """Leave out from which lots of which account it was paid: the words say neither."""
    return replace(one, account=None, uses=())


def _moment(source: Source) -> Moment:
    asked, day = source.detail.asked, date.fromisoformat(source.detail.business_date)
    at = source.at
    if asked is not None and asked.at is not None:
        at = datetime.fromtimestamp(asked.at, UTC)
    local = at.astimezone(source.store.zone)
    return Moment(at=local, business_date=day, store=source.detail.store, till=source.terminal)


def _standing(source: Source, member: bytes) -> Standing:
    used, later = source.detail.standing, _moment(source).at + _LATER
    if used is None:
        return Standing(member=member)
    shut = Lot(lot_id=bytes(16), usable_at=int(later.timestamp()))
    return Standing(
        member=member,
        balances=used.balances,
        lots=tuple(LotBalance(unit=unit, lot=shut, amount=amount) for unit, amount in used.unusable),
        tier=used.tier,
        segments=used.segments,
        birthday=_birthday(used),
        joined_on=_day(used.joined_on),
        last_visit_on=_day(used.last_visit_on),
        referrer=used.referrer,
    )


def _birthday(used: StandingUsed) -> tuple[int, int] | None:
    return (int(used.birthday[:2]), int(used.birthday[3:])) if used.birthday is not None else None


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said is not None else None


def _held(asked: DetailAsked | None) -> dict[bytes, Holdings]:
    """Give what coupons, gift cards and pools held; a personal coupon holds its uses and whose it is."""
    balances: dict[bytes, list[tuple[str, int]]] = {}
    for account, unit, amount in asked.held if asked is not None else ():
        balances.setdefault(account, []).append((unit, amount))
    return {account: Holdings(balances=tuple(sorted(held))) for account, held in balances.items()}


def _pools(
    programme: Programme, moment: Moment, who: tuple[bytes | None, bytes | None], held: Mapping[bytes, Holdings]
) -> dict[str, Holdings]:
    names = {name: pool_account(programme.id, name) for name in programme.pools(moment, *who)} if held else {}
    return {name: held[account] for name, account in names.items() if account in held}


def _ask(asked: DetailAsked | None, held: Mapping[bytes, Holdings]) -> Ask:
    if asked is None:
        return Ask()
    coupons = [(code, coupon_account(code)) for code in asked.coupons]
    return Ask(
        redeem=tuple(
            RedeemRequest(reward=reward, units=units, times=times, choice=choice)
            for reward, units, times, choice in asked.redeem
        ),
        codes=asked.codes,
        coupons=tuple(
            ShownCoupon(code=code, account=account, holdings=held.get(account, Holdings())) for code, account in coupons
        ),
        gift_cards=tuple(
            ShownGiftCard(account=account, holdings=held.get(account, Holdings()), reward=reward, units=units)
            for account, reward, units in asked.cards
        ),
        declined=asked.declined,
        actions=asked.actions,
    )
