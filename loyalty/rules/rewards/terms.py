"""Reading how a reward is set to work and what it costs."""

from loyalty.holding.units import Unit
from loyalty.reading.problems import ProblemCode
from loyalty.reading.tables import Table
from loyalty.rules.reading import read_unit
from loyalty.rules.redemption import Settle
from loyalty.rules.scope import Scope
from loyalty.rules.stages import Terms, Trigger


def read_terms(
    table: Table,
    scope: Scope,
    *,
    costs: bool = False,
    chosen: bool = False,
    default: Settle = Settle.LINE_DISCOUNT,
) -> Terms:
    """Read the keys that say how a reward is set to work.

    Args:
        table: The reward's.
        scope: The programme's names.
        costs: The kind always costs units, so that only the member may choose it.
        chosen: The member has to choose it, unless the file says otherwise.
        default: How the kind settles where the file does not say.
    """
    code, coupon = table.optional_text("code"), table.optional_text("coupon")
    if code is not None and coupon is not None:
        table.note("coupon", "stands beside code; give one or the other")
    unit = _unit(table, scope, coupon, costs=costs)
    cost = table.scaled("cost", unit.scale, least=1) if unit is not None and table.has("cost") else 0
    most = table.scaled("most", scope.currency.scale, least=1) if table.has("most") else None
    return Terms(
        trigger=_trigger(table, code, coupon, chosen=chosen or costs or (cost > 0 and coupon is None)),
        code=code,
        coupon=coupon,
        unit=unit,
        cost=cost or (1 if coupon is not None else 0),
        least_balance=_least_balance(table, unit, coupon),
        settle=table.choice("settle", Settle, default),
        most_minor=most,
        restores=table.boolean("restores", default=True),
    )


def _least_balance(table: Table, unit: Unit | None, coupon: str | None) -> int:
    if not table.has("least_balance"):
        return 0
    if unit is None or coupon is not None:
        table.note("least_balance", "is for a reward that costs a member's units")
        return 0
    return table.scaled("least_balance", unit.scale, least=1)


def _unit(table: Table, scope: Scope, coupon: str | None, *, costs: bool) -> Unit | None:
    if coupon is not None:
        known = scope.coupons.get(coupon)
        if known is None:
            table.note_unknown("coupon", "coupon", scope.coupons)
        return known.unit if known is not None else None
    return read_unit(table, scope) if costs or table.has("cost") or table.has("unit") else None


def _trigger(table: Table, code: str | None, coupon: str | None, *, chosen: bool) -> Trigger:
    usual = Trigger.CHOICE if chosen else Trigger.AUTO
    if coupon is not None:
        usual = Trigger.COUPON
    elif code is not None:
        usual = Trigger.CODE
    trigger = table.choice("trigger", Trigger, usual)
    if trigger is Trigger.CODE and code is None:
        table.note("code", "is missing; the reward is set to work by a code", ProblemCode.MISSING)
    if trigger is Trigger.COUPON and coupon is None:
        table.note("coupon", "is missing; the reward is set to work by a coupon", ProblemCode.MISSING)
    return trigger


def refuse_tender(table: Table, terms: Terms) -> None:
    """Note that a reward of this kind is no means of payment."""
    if terms.settle is Settle.TENDER:
        table.note("settle", "must be line_discount: only units can pay")
