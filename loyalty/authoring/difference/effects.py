"""For which baskets two programmes answer differently, the simplest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, timedelta

from loyalty.authoring.difference.probes import Probe
from loyalty.explain import Units
from loyalty.holding.accounts import coupon_account
from loyalty.holding.standing import Holdings, Standing
from loyalty.holding.units import VISITS, coupon_unit, is_hidden, used_unit
from loyalty.moment import Moment
from loyalty.numbers.limits import require
from loyalty.programme.model import Programme
from loyalty.quote import Quote, quote
from loyalty.refusals import Refusal
from loyalty.sale.ask import Ask, RedeemRequest, ShownCoupon
from loyalty.sale.basket import Basket, BasketLine, make_basket

_MEMBER = b"\0" * 16
_MILLI = 1000
_STOCKED = 1_000_000
_UNUSUAL = tuple(one.name for one in fields(Probe) if one.name not in {"amount_minor", "pieces", "units", "edges"})
"""What a basket may have out of the ordinary, apart from its amounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a programme makes of a basket, as far as a customer sees it.

    Attributes:
        refused: The refusal's code, or empty.
        to_pay_minor: What is left to pay with money.
        earned: What each unit gets, without zeros; so is ``spent``.
        gifts: Items that are handed out.
        coupons: Coupons that come with the sale.
        rules: Rules and rewards at work.
    """

    refused: str = ""
    to_pay_minor: int = 0
    earned: tuple[tuple[str, Units], ...] = ()
    spent: tuple[tuple[str, Units], ...] = ()
    gifts: tuple[str, ...] = ()
    coupons: tuple[tuple[str, int], ...] = ()
    tier: str | None = None
    rules: tuple[str, ...] = ()

    @property
    def seen(self) -> tuple[object, ...]:
        """All that a customer sees; by which rules it came is not among it."""
        return self.refused, self.to_pay_minor, self.earned, self.spent, self.gifts, self.coupons, self.tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One basket that two programmes answer differently."""

    probe: Probe
    before: Outcome
    after: Outcome


def effects(before: Programme, after: Programme, probes: Sequence[Probe], most: int) -> tuple[Effect, ...]:
    """Give at most ``most`` baskets that differ, in the order of ``probes``.

    A basket is left out where the same one with one thing less that is unusual differs by the same figures, and where
    an earlier one differs in the same way: by the same rules at work, for the same goods and tier.

    Two programmes of different currencies differ in everything: nothing is compared.
    """
    require(most > 0, "at least one is asked for")
    if before.currency != after.currency or not probes:
        return ()
    answers: dict[Probe, tuple[Outcome, Outcome]] = {}

    def answered(probe: Probe) -> tuple[Outcome, Outcome]:
        plain = replace(probe, edges=0)
        if plain not in answers:
            answers[plain] = outcome(before, plain), outcome(after, plain)
        return answers[plain]

    usual = probes[0]
    found: dict[object, Effect] = {}
    for probe in probes:
        one, other = answered(probe)
        if one.seen == other.seen:
            continue
        way = (one.rules, other.rules, one.refused, other.refused, probe.goods, probe.tier)
        if way in found or any(_alike(answered(simpler), (one, other)) for simpler in _simpler(probe, usual)):
            continue
        found[way] = Effect(probe=probe, before=one, after=other)
        if len(found) == most:
            break
    return tuple(found.values())


def _simpler(probe: Probe, usual: Probe) -> Iterator[Probe]:
    """Give the same basket with one thing less that is unusual."""
    for name in _UNUSUAL:
        if getattr(probe, name) != getattr(usual, name):
            yield replace(probe, **{name: getattr(usual, name)})


def _alike(one: tuple[Outcome, Outcome], other: tuple[Outcome, Outcome]) -> bool:
    return all(
        replace(first, tier=None).seen == replace(second, tier=None).seen
        for first, second in zip(one, other, strict=True)
    )


def outcome(programme: Programme, probe: Probe) -> Outcome:
    """Say what a programme makes of a basket."""
    basket = make_basket(programme.currency, [_line(probe)])
    assert isinstance(basket, Basket)
    moment = Moment(at=probe.at.replace(tzinfo=UTC), business_date=probe.at.date(), store=probe.store)
    member = _MEMBER if probe.member else None
    stocked = {name: Holdings(balances=_stock(name)) for name in programme.pools(moment, member)}
    answer = quote(programme, basket, _standing(programme, probe), moment, _ask(programme, probe), stocked)
    return _refused(answer) if isinstance(answer, Refusal) else _outcome(answer)


def _line(probe: Probe) -> BasketLine:
    return BasketLine(
        line=1,
        item=probe.goods or "item",
        category=probe.goods or None,
        tags=(probe.goods,) if probe.goods else (),
        quantity_milli=probe.pieces * _MILLI,
        amount_minor=probe.amount_minor * probe.pieces,
    )


def _stock(name: str) -> tuple[tuple[str, int], ...]:
    """Fill what is handed out of; what counts up (uses, budgets) begins empty."""
    unit = name.partition("/")[0]
    return ((unit, _STOCKED),) if unit.startswith(("stock.", "seats.")) else ()


def _standing(programme: Programme, probe: Probe) -> Standing | None:
    if not probe.member:
        return None
    held = {unit.id: probe.units * 10**unit.scale for unit in programme.units if probe.units}
    held |= {VISITS: probe.visits} if probe.visits else {}
    bounded = [head for head in programme.heads if head.uses.per_member is not None]
    held |= {used_unit(head.id): probe.used for head in bounded if probe.used}
    reached = [tier.from_progress for tier in programme.ladder.tiers if tier.id == probe.tier]
    if reached and programme.ladder.by is not None:
        counted = programme.ladder.counted
        held[counted] = max(held.get(counted, 0), reached[0])
    today = probe.at.date()
    last = today - timedelta(days=probe.absent_days) if probe.absent_days is not None else None
    joined = today - timedelta(days=probe.joined_days_ago) if probe.joined_days_ago is not None else None
    return Standing(
        member=_MEMBER,
        balances=tuple(sorted(held.items())),
        tier=probe.tier,
        segments=(probe.segment,) if probe.segment is not None else (),
        birthday=(today.month, today.day) if probe.birthday else None,
        last_visit_on=last,
        joined_on=joined,
    )


def _ask(programme: Programme, probe: Probe) -> Ask:
    coupon = programme.coupon(probe.coupon) if probe.coupon is not None else None
    shown = []
    if coupon is not None:
        code = coupon.format.write(1)
        holdings = Holdings(balances=((coupon_unit(coupon.id), coupon.uses),))
        shown.append(ShownCoupon(code=code, account=coupon_account(code), holdings=holdings))
    known = probe.redeem is not None and programme.reward(probe.redeem) is not None
    return Ask(
        redeem=(RedeemRequest(reward=probe.redeem),) if probe.redeem is not None and known else (),
        codes=(probe.code,) if probe.code is not None else (),
        coupons=tuple(shown),
        actions=(probe.action,) if probe.action is not None else (),
    )


def _refused(answer: Refusal) -> Outcome:
    return Outcome(refused=str(answer.code))


def _outcome(answer: Quote) -> Outcome:
    awards = [one for one in answer.awards if not is_hidden(one.unit.id) and one.amount]
    spent = [one for one in answer.redemptions if one.unit is not None and not is_hidden(one.unit.id)]
    at_work = [one.rule for one in awards] + [one.reward for one in answer.redemptions]
    units = {one.unit.id: one.unit for one in awards}
    units |= {one.unit.id: one.unit for one in spent if one.unit is not None}
    return Outcome(
        to_pay_minor=answer.to_pay_minor,
        earned=tuple((unit, units[unit].amount(amount)) for unit in sorted(units) if (amount := answer.earned(unit))),
        spent=tuple((unit, units[unit].amount(amount)) for unit in sorted(units) if (amount := answer.spent(unit))),
        gifts=tuple(gift.item for one in answer.redemptions for gift in one.gifts),
        coupons=tuple((one.coupon, one.count) for one in answer.issues),
        tier=answer.tier,
        rules=tuple(sorted({*at_work, *(one.rule for one in answer.issues)})),
    )
