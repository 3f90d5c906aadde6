"""What a person at HQ gives to or takes from an account, outside every rule."""

from datetime import datetime

from loyalty.explain import Message, message
from loyalty.holding.lots import plan_use
from loyalty.holding.standing import Holdings
from loyalty.holding.units import Unit
from loyalty.journal.entry import Lot, Posting
from loyalty.numbers.limits import MAX_BALANCE, require
from loyalty.refusals import Refusal, RefusalCode


def plan_adjustment(
    account: bytes, holdings: Holdings, unit: str, amount: int, at: datetime, lot: Lot | None = None
) -> tuple[Posting, ...] | Refusal:
    """Plan to give ``amount`` smallest steps of ``unit``, or to take them where it is below zero.

    Pure. What is taken must be there and be spendable at ``at``; it comes from the lots that end first.

    Args:
        account: Whose, 16 bytes.
        holdings: What the account holds.
        unit: What is given or taken.
        amount: Not zero.
        at: Aware instant.
        lot: The lot that what is given makes, or None for units that never end.

    Returns:
        The postings, or Refusal(INSUFFICIENT_UNITS) where less may be taken, or Refusal(AMOUNT_TOO_LARGE).
    """
    require(amount != 0, "an adjustment changes something")
    if abs(holdings.balance(unit) + amount) > MAX_BALANCE:
        return Refusal(code=RefusalCode.AMOUNT_TOO_LARGE, field="amount")
    if amount > 0:
        return (Posting(account=account, unit=unit, amount=amount, lot=lot),)
    uses = plan_use(holdings, unit, -amount, at)
    if uses is None:
        return Refusal(code=RefusalCode.INSUFFICIENT_UNITS, field="amount", detail="more than may be taken")
    return tuple(Posting(account=account, unit=unit, amount=-use.amount, lot=use.lot) for use in uses)


def explain_adjustment(unit: Unit, amount: int) -> Message:
    """Say what a person gave, or took where ``amount`` is below zero."""
    said = "explain.adjusted_given" if amount > 0 else "explain.adjusted_taken"
    return message(said, units=unit.amount(abs(amount)))
