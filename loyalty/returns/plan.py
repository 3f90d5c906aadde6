"""Planning returns and voids."""

from collections.abc import Sequence

from loyalty.holding.lots import lot_of
from loyalty.holding.units import Negative, coupon_unit, is_hidden, remainder_unit
from loyalty.journal.detail import DetailRestored, DetailReversal, Remainder
from loyalty.programme.model import Programme
from loyalty.refusals import Refusal, RefusalCode
from loyalty.returns.placing import Placing
from loyalty.returns.sold import SoldSale
from loyalty.returns.undone import Undone, undone
from loyalty.returns.values import ReturnPlan, Undoing


def plan_return(
    sale: SoldSale, coming_back: Sequence[tuple[int, int]], programme: Programme | None, undoing: Undoing
) -> ReturnPlan | Refusal:
    """Plan the return of (line, thousandths) pairs of one sale.

    Args:
        sale: As it was stored, with what came back before.
        coming_back: What comes back now.
        programme: The version that sold, never today's; None where it is not at hand: then policies are at their
            defaults and no threshold is looked at again.
        undoing: When, and what the accounts have now.

    Returns:
        The plan, or a refusal: the sale is voided, a line is unknown, more comes back than is left, or a unit that may
        not fall below zero would.
    """
    refusal = _refuse(sale, coming_back)
    if refusal is not None:
        return refusal
    before = dict(sale.returned_milli)
    after = dict(before)
    for line, quantity in coming_back:
        after[line] = after.get(line, 0) + quantity
    now = undone(sale, programme, after, undoing.moment)
    placing = Placing(programme, undoing)
    plan = _plan(sale, placing, undone(sale, programme, before, undoing.moment), now)
    return _refuse_debt(sale, programme, undoing, plan) or plan


def plan_void(sale: SoldSale, programme: Programme | None, undoing: Undoing) -> ReturnPlan | Refusal:
    """Plan to undo a whole sale of which nothing was returned, as if it had never been: policies of returns do not count."""
    if sale.voided:
        return Refusal(code=RefusalCode.SALE_VOIDED, field="sale")
    if any(sale.returned_milli.values()):
        return Refusal(code=RefusalCode.SALE_RETURNED, field="sale", detail="return what is left of it instead")
    nothing = undone(sale, programme, {}, undoing.moment)
    now = undone(sale, programme, sale.everything, undoing.moment, void=True)
    plan = _plan(sale, Placing(programme, undoing, void=True), nothing, now)
    return _refuse_debt(sale, programme, undoing, plan) or plan


def _refuse_debt(sale: SoldSale, programme: Programme | None, undoing: Undoing, plan: ReturnPlan) -> Refusal | None:
    """Refuse what takes a balance of the member, or of a gift card that was sold, below zero where its unit says so."""
    own = {sale.account, *(one.account for one in sale.sold_cards)}
    refusing = (
        [unit.id for unit in programme.units if unit.negative is Negative.REFUSE] if programme is not None else []
    )
    changes: dict[tuple[str, bytes], int] = {}
    for one in plan.postings:
        if one.account in own and one.unit in refusing:
            changes[one.unit, one.account] = changes.get((one.unit, one.account), 0) + one.amount
    for (unit, account), change in sorted(changes.items()):
        if change < 0 and undoing.holdings(account).balance(unit) + change < 0:
            return Refusal(code=RefusalCode.INSUFFICIENT_UNITS, field="sale", detail=f"{unit} would fall below zero")
    return None


def _refuse(sale: SoldSale, coming_back: Sequence[tuple[int, int]]) -> Refusal | None:
    if sale.voided:
        return Refusal(code=RefusalCode.SALE_VOIDED, field="sale")
    if not coming_back:
        return Refusal(code=RefusalCode.BASKET_EMPTY, field="lines", detail="a return has at least one line")
    left = {line.line: line.quantity_milli - sale.returned_milli.get(line.line, 0) for line in sale.lines}
    for place, (line, quantity) in enumerate(coming_back, start=1):
        if line not in left:
            return Refusal(code=RefusalCode.LINE_UNKNOWN, field=f"lines[{place}].line")
        if quantity <= 0:
            return Refusal(code=RefusalCode.QUANTITY_NOT_POSITIVE, field=f"lines[{place}].quantity_milli")
        left[line] -= quantity
        if left[line] < 0:
            detail = "more than is left of the line"
            return Refusal(code=RefusalCode.RETURN_EXCEEDS_SALE, field=f"lines[{place}].quantity_milli", detail=detail)
    return None


def _plan(sale: SoldSale, placing: Placing, before: Undone, after: Undone) -> ReturnPlan:
    restored = _restore(sale, placing, before, after)
    reversals = _reverse(sale, placing, before, after)
    remainders = _give_remainders(sale, placing, before, after)
    _uncount(sale, placing, before, after)
    _unload(sale, placing, before, after)
    withdrawn = _withdraw(sale, placing, before, after)
    return ReturnPlan(
        postings=placing.postings(),
        reversals=reversals,
        remainders=remainders,
        restored=restored,
        refunded_minor=after.money_minor - before.money_minor,
        worth_minor=after.worth_minor - before.worth_minor,
        charged_minor=after.charged_minor - before.charged_minor,
        withdrawn=withdrawn,
    )


def _restore(sale: SoldSale, placing: Placing, before: Undone, after: Undone) -> tuple[DetailRestored, ...]:
    restored = []
    for place, one in enumerate(sale.redemptions):
        begins, ends = before.redemptions[place], after.redemptions[place]
        if ends <= begins or one.account is None or one.unit is None:
            continue
        placing.give_back(one, begins, ends)
        paid = after.tendered_minor[place] - before.tendered_minor[place]
        restored.append(
            DetailRestored(
                reward=one.reward, account=one.account, unit=one.unit, units=ends - begins, amount_minor=paid
            )
        )
    return tuple(restored)


def _reverse(sale: SoldSale, placing: Placing, before: Undone, after: Undone) -> tuple[DetailReversal, ...]:
    reversals = []
    for place, award in enumerate(sale.awards):
        amount = after.awards[place] - before.awards[place]
        account = award.account or sale.account
        if account is not None:
            amount = placing.take(account, award.unit, lot_of(award.usable_at, award.expires_at), amount)
        if is_hidden(award.unit) or award.account is not None:
            continue
        reversals.append(
            DetailReversal(
                rule=award.rule,
                unit=award.unit,
                amount=amount,
                returned_base=after.bases[place] - before.bases[place],
                lost=after.lost[place] and not before.lost[place],
            )
        )
    return tuple(reversals)


def _give_remainders(sale: SoldSale, placing: Placing, before: Undone, after: Undone) -> tuple[Remainder, ...]:
    back = tuple(
        Remainder(rule=one.rule, unit=one.unit, numerator=-one.numerator, denominator=one.denominator)
        for one, was, gone in zip(sale.remainders, before.remainders, after.remainders, strict=True)
        if gone and not was
    )
    if sale.account is not None:
        for one in back:
            placing.post(sale.account, remainder_unit(one.unit, one.rule, one.denominator), one.numerator)
    return back


def _uncount(sale: SoldSale, placing: Placing, before: Undone, after: Undone) -> None:
    for posting, was, now in zip(sale.postings, before.counters, after.counters, strict=True):
        placing.post(posting.account, posting.unit, was - now)


def _unload(sale: SoldSale, placing: Placing, before: Undone, after: Undone) -> None:
    """Take back what gift cards were sold with; one that was spent since owes it."""
    lots = {(posting.account, posting.unit): posting.lot for posting in sale.postings if posting.amount > 0}
    for one, was, now in zip(sale.sold_cards, before.cards, after.cards, strict=True):
        placing.take(one.account, one.unit, lots.get((one.account, one.unit)), now - was)


def _withdraw(sale: SoldSale, placing: Placing, before: Undone, after: Undone) -> tuple[str, ...]:
    changed = zip(sale.issued, before.issued, after.issued, strict=True)
    return tuple(
        one.code
        for one, was, gone in changed
        if gone and not was and placing.withdraw(one.account, coupon_unit(one.coupon))
    )
