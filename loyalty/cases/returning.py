"""Steps that undo: returns of a part or of all that is left of a sale, and voids."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from loyalty.cases.keeping import nothing
from loyalty.cases.steps import ReturnStep, Step, VoidStep
from loyalty.cases.world import CaseFault, Done, World
from loyalty.journal.detail import DetailAward, DetailLine, Remainder
from loyalty.refusals import Refusal
from loyalty.returns import ReturnPlan, SoldSale, plan_return, plan_void
from loyalty.units import is_hidden

_MILLI = 1000


def take_back(world: World, step: ReturnStep, label: str) -> Done:
    """Take goods of a sale back."""
    sale = _sale(world, step.of, label)
    sold = _sold(world, sale, step.of)
    left = {line.line: line.quantity_milli - sold.returned_milli.get(line.line, 0) for line in sold.lines}
    coming = [(one.line, int(Fraction(one.quantity) * _MILLI)) for one in step.lines] or [
        (line, milli) for line, milli in left.items() if milli
    ]
    plan = plan_return(sold, coming)
    if isinstance(plan, ReturnPlan):
        _note(world, step.of, coming)
    return _recorded(world, step, label, sale, plan, step.of)


def undo(world: World, step: VoidStep, label: str) -> Done:
    """Undo a sale as a whole."""
    sale = _sale(world, step.of, label)
    plan = plan_void(_sold(world, sale, step.of))
    if isinstance(plan, ReturnPlan):
        world.voided.add(step.of)
    return _recorded(world, step, label, sale, plan, step.of)


def _sale(world: World, of: str, label: str) -> Done:
    sale = world.done[of]
    if sale.quote is None or sale.entry_id is None:
        raise CaseFault(label, f'step "{of}" sold nothing')
    return sale


def _sold(world: World, sale: Done, of: str) -> SoldSale:
    assert sale.quote is not None
    assert sale.basket is not None
    totals = {line.line: line for line in sale.quote.lines}
    return SoldSale(
        account=world.account(sale.member) if sale.member is not None else None,
        lines=tuple(
            DetailLine(
                line=line.line,
                item=line.item,
                name=line.name,
                category=line.category,
                quantity_milli=line.quantity_milli,
                amount_minor=totals[line.line].amount_minor,
                tax_minor=totals[line.line].tax_minor,
                discount_minor=totals[line.line].discount_minor,
            )
            for line in sale.basket.lines
        ),
        awards=tuple(
            DetailAward(
                rule=award.rule,
                unit=award.unit.id,
                amount=award.amount,
                base=award.base,
                bases=award.bases,
                usable_at=award.usable_at,
                expires_at=award.expires_at,
            )
            for award in sale.quote.awards
        ),
        remainders=tuple(
            Remainder(
                rule=award.rule,
                unit=award.unit.id,
                numerator=award.remainder.after - award.remainder.before,
                denominator=award.remainder.denominator,
            )
            for award in sale.quote.awards
            if award.remainder is not None
        ),
        returned_milli=world.returned.get(of, {}),
        voided=of in world.voided,
    )


def _note(world: World, of: str, coming: Sequence[tuple[int, int]]) -> None:
    returned = dict(world.returned.get(of, {}))
    for line, milli in coming:
        returned[line] = returned.get(line, 0) + milli
    world.returned[of] = returned


def _recorded(world: World, step: Step, label: str, sale: Done, plan: ReturnPlan | Refusal, of: str) -> Done:
    if isinstance(plan, Refusal):
        return nothing(world, step, sale.member, plan)
    entry_id = world.name(f"entry {label}")
    world.ledger.post(entry_id, plan.postings)
    world.refunded[of] = world.refunded.get(of, 0) + plan.refunded_minor
    changes = tuple((one.unit, one.amount) for one in plan.postings if not is_hidden(one.unit))
    return replace(
        nothing(world, step, sale.member),
        entry_id=entry_id,
        changes=changes,
        extra={"refunded": plan.refunded_minor, "refunded_so_far": world.refunded[of]},
    )
