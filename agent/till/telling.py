"""A quote as an answer: what is earned, taken off, handed out and missing, for programs and in the cashier's words."""

from collections.abc import Sequence
from typing import Any

from agent.till import answers
from agent.till.asking import Computed
from agent.till.context import Context
from loyalty.explain import Money, Names, message
from loyalty.holding.standing import Standing
from loyalty.holding.units import Holder, is_hidden
from loyalty.parts.tiers import Progress, Tier
from loyalty.programme.model import Programme
from loyalty.quote import Award, Declined, Issue, Missed, Quote
from loyalty.quote.posting import IssuedCoupon
from loyalty.rules.redemption import Redemption
from loyalty.rules.stages import Offer
from loyalty.rules.when import REACHED


def quote(done: Computed, standing: Standing | None, context: Context) -> dict[str, Any]:
    """Say what a basket earns, costs, and could redeem."""
    quoted, programme, say = done.quoted, done.programme, context.catalogue
    return {
        "programme": quoted.programme,
        "awards": awards(quoted.awards, context),
        "because": answers.because(quoted.because, say),
        "offers": [_offer(offer, programme, context) for offer in quoted.offers],
        **effects(quoted, programme, context),
        "lines": _lines(quoted),
        "coupons": [_issue(one, context) for one in quoted.issues],
        "loads": _loads(quoted),
        "missed": missed(quoted, context),
        "tier": tier(done, standing, context),
    }


def sale(
    done: Computed, standing: Standing | None, coupons: Sequence[IssuedCoupon], context: Context
) -> dict[str, Any]:
    """Say what a sale came to, besides what it earned; a plain one has nothing more to say."""
    quoted, programme = done.quoted, done.programme
    told: dict[str, Any] = {}
    if quoted.redemptions or quoted.declined:
        told = {**effects(quoted, programme, context), "lines": _lines(quoted)}
    if any(grant.unit.holder is Holder.CARD for grant in quoted.grants):
        told["loads"] = _loads(quoted)
    if coupons:
        told["coupons"] = [_coupon(one, programme, context) for one in coupons]
    if programme.ladder.tiers:
        told["tier"] = tier(done, standing, context)
    return told


def awards(given: Sequence[Award], context: Context) -> list[dict[str, Any]]:
    """Say what each rule awards, and why; hidden counters are nobody's business."""
    return [
        {
            "rule": award.rule,
            "unit": award.unit.id,
            "amount": award.amount,
            "base_minor": award.base,
            **({"usable_at": answers.instant(award.usable_at)} if award.usable_at is not None else {}),
            **({"expires_at": answers.instant(award.expires_at)} if award.expires_at is not None else {}),
            "because": answers.because((*award.because, *award.more), context.catalogue),
        }
        for award in given
        if not is_hidden(award.unit.id)
    ]


def effects(quoted: Quote, programme: Programme, context: Context) -> dict[str, Any]:
    """Say what rewards do to the bill, what is handed out, and what could not be used."""
    return {
        "redemptions": [_redemption(one, programme, context) for one in quoted.redemptions],
        "gifts": _gifts(quoted, programme, context),
        "invitations": _invitations(quoted, programme, context),
        "declined": [_declined(one, context) for one in quoted.declined],
        "total_minor": quoted.total_minor,
        "discount_minor": quoted.discount_minor,
        "tax_minor": quoted.tax_minor,
        "paid_minor": quoted.paid_minor,
        "to_pay_minor": quoted.to_pay_minor,
        "to_pay_cash_minor": programme.currency.in_cash(quoted.to_pay_minor),
    }


def tier(done: Computed, standing: Standing | None, context: Context) -> dict[str, Any] | None:
    """Say where the member stands on the ladder with this sale, and what the next step takes."""
    quoted, programme = done.quoted, done.programme
    if standing is None or not programme.ladder.tiers:
        return None
    before, after = standing.usable(programme.ladder.counted, done.moment.at), quoted.tier
    now = programme.ladder.of(standing, done.moment.at)
    told: dict[str, Any] = {"now": now, "after": after, "name": _name(_tier_names(programme, after), context)}
    progress = before + quoted.earned(programme.ladder.counted)
    above = programme.ladder.next_after(after)
    if above is not None and above.from_progress > progress:
        told["next"] = {
            "tier": above.id,
            "name": _name(above.names, context),
            "missing": above.from_progress - progress,
            "text": context.catalogue.say(way_to(programme, above, progress)),
        }
    return told


def way_to(programme: Programme, above: Tier, progress: int) -> Any:
    """Give the message that says what is missing for a tier."""
    missing, by = above.from_progress - progress, programme.ladder.by
    if by is Progress.SPEND:
        money = Money(amount_minor=missing, currency=programme.currency)
        return message("explain.to_tier_spend", missing=money, tier=above.names)
    unit = programme.unit(programme.ladder.unit) if by in {Progress.EARNED, Progress.BALANCE} else None
    if unit is not None:
        return message("explain.to_tier_earned", missing=unit.amount(missing), tier=above.names)
    return message("explain.to_tier_visits", visits=missing, tier=above.names)


def _lines(quoted: Quote) -> list[dict[str, int]]:
    return [
        {
            "line": line.line,
            "amount_minor": line.amount_minor,
            "discount_minor": line.discount_minor,
            "tax_minor": line.tax_minor,
        }
        for line in quoted.lines
    ]


def _loads(quoted: Quote) -> list[dict[str, Any]]:
    """Say what comes on gift cards; one that the request does not name gets nothing until it is."""
    return [
        {
            "line": grant.bases[0][0],
            "unit": grant.unit.id,
            "units": grant.amount,
            "named": grant.account is not None,
            "usable_at": answers.instant(grant.usable_at),
            "expires_at": answers.instant(grant.expires_at),
        }
        for grant in quoted.grants
        if grant.unit.holder is Holder.CARD
    ]


def _offer(offer: Offer, programme: Programme, context: Context) -> dict[str, Any]:
    available = offer.near >= REACHED and offer.here
    leased = {} if offer.here else {"refused": "lease_required"}
    return {
        "reward": offer.reward,
        "name": _reward_name(programme, offer.reward, context),
        "unit": offer.unit.id if offer.unit is not None else None,
        "least_units": offer.least_units,
        "most_units": offer.most_units,
        "most_discount_minor": offer.most_discount_minor,
        "choices": list(offer.choices),
        "available": available,
        **leased,
        "near_milli": offer.near,
        "because": answers.because(offer.because, context.catalogue),
    }


def _redemption(one: Redemption, programme: Programme, context: Context) -> dict[str, Any]:
    return {
        "reward": one.reward,
        "name": _reward_name(programme, one.reward, context),
        "settle": one.settle.value,
        "unit": one.unit.id if one.unit is not None else None,
        "units": one.units,
        "times": one.times,
        "discount_minor": one.discount_minor,
        "lines": [{"line": line, "discount_minor": discount} for line, discount in one.by_line],
        "free": [{"line": line, "quantity_milli": milli} for line, milli in one.free],
        **({"coupon": one.code} if one.code is not None else {}),
        "because": answers.because(one.because, context.catalogue),
    }


def _gifts(quoted: Quote, programme: Programme, context: Context) -> list[dict[str, Any]]:
    names = dict(programme.items)
    return [
        {
            "reward": one.reward,
            "item": gift.item,
            "name": _name(names.get(gift.item), context),
            "quantity_milli": gift.quantity_milli,
        }
        for one in quoted.redemptions
        for gift in one.gifts
    ]


def _invitations(quoted: Quote, programme: Programme, context: Context) -> list[dict[str, Any]]:
    names = {event.id: event.names for event in programme.events}
    return [
        {"reward": one.reward, "event": event, "name": _name(names.get(event), context), "seats": seats}
        for one in quoted.redemptions
        for event, seats in one.seats
    ]


def _issue(one: Issue, context: Context) -> dict[str, Any]:
    return {
        "coupon": one.coupon,
        "name": _name(one.names, context),
        "count": one.count,
        "usable_at": answers.instant(one.usable_at),
        "expires_at": answers.instant(one.expires_at),
        "because": answers.because(one.because, context.catalogue),
    }


def _coupon(one: IssuedCoupon, programme: Programme, context: Context) -> dict[str, Any]:
    coupon = programme.coupon(one.coupon)
    return {
        "coupon": one.coupon,
        "name": _name(coupon.names if coupon is not None else None, context),
        "code": one.code,
        "usable_at": answers.instant(one.usable_at),
        "expires_at": answers.instant(one.expires_at),
    }


def _declined(one: Declined, context: Context) -> dict[str, Any]:
    return {
        "asked": one.asked,
        "refused": one.refusal.code.value,
        "text": context.catalogue.text(f"refusal.{one.refusal.code.value}"),
        "because": answers.because(one.because, context.catalogue),
    }


def missed(quoted: Quote, context: Context) -> list[dict[str, Any]]:
    """Say what was missed, the nearest first."""
    return [_missed(one, context) for one in quoted.missed]


def _missed(one: Missed, context: Context) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": _name(one.names, context),
        "near_milli": one.near,
        "because": answers.because((one.message,), context.catalogue),
    }


def _reward_name(programme: Programme, reward_id: str, context: Context) -> str | None:
    reward = programme.reward(reward_id)
    return _name(reward.head.names if reward is not None else None, context)


def _tier_names(programme: Programme, tier_id: str | None) -> Names | None:
    return programme.tier_names(tier_id) if tier_id is not None else None


def _name(names: Names | None, context: Context) -> str | None:
    return names.in_language(context.catalogue.language) if names is not None else None
