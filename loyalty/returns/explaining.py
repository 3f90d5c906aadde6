"""What a return did, in words: from what its entry keeps, so that a receipt can say it at any time."""

from collections.abc import Iterator, Sequence

from loyalty.explain import Message, Money, message
from loyalty.holding.units import is_coupon
from loyalty.journal.detail import DetailRestored, DetailReversal
from loyalty.programme.model import Programme


def explain_return(
    programme: Programme,
    *,
    reversals: Sequence[DetailReversal],
    restored: Sequence[DetailRestored] = (),
    charged_minor: int = 0,
    withdrawn: Sequence[str] = (),
) -> tuple[Message, ...]:
    """Explain a return or a void.

    Args:
        programme: The version that sold.
        reversals: As `ReturnPlan` has them, and the detail of its entry; so are the others.
        restored: What is given back.
        charged_minor: What gifts cost.
        withdrawn: Codes of coupons.
    """
    return (
        *_taken(programme, reversals),
        *_given(programme, restored),
        *_gifts(programme, charged_minor),
        *(message("explain.coupon_withdrawn", code=code) for code in withdrawn),
    )


def _taken(programme: Programme, reversals: Sequence[DetailReversal]) -> Iterator[Message]:
    for one in reversals:
        unit = programme.unit(one.unit)
        if unit is not None and one.amount:
            said = "explain.reversed_lost" if one.lost else "explain.taken_back"
            yield message(said, units=unit.amount(one.amount))


def _given(programme: Programme, restored: Sequence[DetailRestored]) -> Iterator[Message]:
    for one in restored:
        unit = programme.unit(one.unit)
        if is_coupon(one.unit):
            yield message("explain.coupon_restored")
        elif unit is not None and one.amount_minor:
            paid = Money(amount_minor=one.amount_minor, currency=programme.currency)
            yield message("explain.restored_payment", units=unit.amount(one.units), amount=paid)
        elif unit is not None:
            yield message("explain.restored", units=unit.amount(one.units))


def _gifts(programme: Programme, charged_minor: int) -> Iterator[Message]:
    if charged_minor:
        amount = Money(amount_minor=abs(charged_minor), currency=programme.currency)
        yield message("explain.gift_charged" if charged_minor > 0 else "explain.gift_credited", amount=amount)
