"""Steps that undo: returns of a part or of all that is left of a sale, and voids."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from loyalty.cases.keeping import nothing
from loyalty.cases.steps import ReturnStep, Step, VoidStep
from loyalty.cases.world import CaseFault, Done, World
from loyalty.holding.units import is_hidden
from loyalty.quote.recording import cards_sold, record
from loyalty.refusals import Refusal
from loyalty.returns import ReturnPlan, SoldSale, Undoing, plan_return, plan_void

_MILLI = 1000


def take_back(world: World, step: ReturnStep, label: str) -> Done:
    """Take goods of a sale back."""
    sale = _sale(world, step.of, label)
    sold = _sold(world, sale, step.of)
    left = {line: milli - sold.returned_milli.get(line, 0) for line, milli in sold.everything.items()}
    coming = [(one.line, int(Fraction(one.quantity) * _MILLI)) for one in step.lines] or [
        (line, milli) for line, milli in left.items() if milli
    ]
    plan = plan_return(sold, coming, sale.programme, _undoing(world, step, sold))
    if isinstance(plan, ReturnPlan):
        _note(world, step.of, coming)
    return _recorded(world, step, label, sale, plan, step.of)


def undo(world: World, step: VoidStep, label: str) -> Done:
    """Undo a sale as a whole."""
    sale = _sale(world, step.of, label)
    sold = _sold(world, sale, step.of)
    plan = plan_void(sold, sale.programme, _undoing(world, step, sold))
    if isinstance(plan, ReturnPlan):
        world.voided.add(step.of)
    return _recorded(world, step, label, sale, plan, step.of)


def _sale(world: World, of: str, label: str) -> Done:
    sale = world.done[of]
    if sale.posted is None or sale.entry_id is None:
        raise CaseFault(label, f'step "{of}" sold nothing')
    return sale


def _sold(world: World, sale: Done, of: str) -> SoldSale:
    assert sale.quote is not None
    assert sale.basket is not None
    assert sale.posted is not None
    kept = record(sale.basket, sale.quote, sale.posted, awarded=sale.member is not None)
    return SoldSale(
        account=world.account(sale.member) if sale.member is not None else None,
        lines=kept.lines,
        awards=kept.awards,
        remainders=kept.remainders,
        redemptions=kept.redemptions,
        issued=kept.issued,
        postings=sale.posted.postings,
        sold_cards=cards_sold(sale.quote),
        stays=frozenset(kept.stays),
        returned_milli=world.returned.get(of, {}),
        voided=of in world.voided,
    )


def _undoing(world: World, step: Step, sold: SoldSale) -> Undoing:
    accounts = {account: world.ledger.holdings(account) for account in sold.accounts}
    return Undoing(moment=world.moment(step.store), accounts=accounts)


def _note(world: World, of: str, coming: Sequence[tuple[int, int]]) -> None:
    returned = dict(world.returned.get(of, {}))
    for line, milli in coming:
        returned[line] = returned.get(line, 0) + milli
    world.returned[of] = returned


def _recorded(world: World, step: Step, label: str, sale: Done, plan: ReturnPlan | Refusal, of: str) -> Done:
    if isinstance(plan, Refusal):
        return nothing(world, step, sale.member, plan)
    own = world.account(sale.member) if sale.member is not None else None
    entry_id = world.post(label, plan.postings, own)
    refunded = plan.refunded_minor - plan.charged_minor
    world.refunded[of] = world.refunded.get(of, 0) + refunded
    taken = [(one.unit, -one.amount) for one in plan.reversals if not is_hidden(one.unit)]
    given = [(one.unit, one.units) for one in plan.restored if one.account == own]
    return replace(
        nothing(world, step, sale.member),
        entry_id=entry_id,
        changes=tuple((unit, amount) for unit, amount in (*taken, *given) if amount),
        extra={"refunded": refunded, "refunded_so_far": world.refunded[of]},
    )
