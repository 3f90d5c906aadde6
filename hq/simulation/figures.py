"""A comparison as JSON values: amounts in minor units and smallest steps, as everywhere."""

from typing import Any

from hq.simulation.compare import Comparison, Shift
from hq.simulation.values import Month, Simulated


def as_json(found: Comparison) -> dict[str, Any]:
    """Give all figures of a comparison."""
    return {
        "draft": simulated(found.draft),
        "current": simulated(found.current) if found.current is not None else None,
        "extra_minor": found.extra_minor,
        "members": {
            "winners": found.winners,
            "losers": found.losers,
            "same": found.same,
            "most_won": [_shift(one) for one in found.most_won],
            "most_lost": [_shift(one) for one in found.most_lost],
        },
        "break_even": [
            {
                "margin_percent": one.margin_percent,
                "extra_sales_minor": one.sales_minor,
                "extra_sales_permille": one.permille,
            }
            for one in found.break_even
        ],
    }


def simulated(one: Simulated) -> dict[str, Any]:
    """Give the figures of one programme."""
    return {
        "label": one.label,
        "version": one.version,
        "sales": sum(month.sales for month in one.months),
        "sales_minor": one.sales_minor,
        "cost_minor": one.cost_minor,
        "liability_minor": one.liability_minor,
        "members": len(one.benefits),
        "tiers": dict(one.tiers),
        "rewards": {reward: {"times": times, "cost_minor": cost} for reward, (times, cost) in one.rewards.items()},
        "budgets": {
            budget: {"spent_minor": spent, "most_minor": most} for budget, (spent, most) in one.budgets.items()
        },
        "refused": dict(one.refused),
        "units_without_value": list(one.unvalued),
        "months": [_month(month) for month in one.months],
    }


def _month(month: Month) -> dict[str, Any]:
    return {
        "month": month.month,
        "sales": month.sales,
        "sales_minor": month.sales_minor,
        "member_sales": month.member_sales,
        "member_sales_minor": month.member_sales_minor,
        "cost_minor": month.cost_minor,
        "units": {
            unit: {
                "earned": flow.earned,
                "redeemed": flow.redeemed,
                "expired": flow.expired,
                "reversed": flow.reversed,
                "outstanding": flow.outstanding,
                "liability_minor": flow.liability_minor,
            }
            for unit, flow in month.units.items()
        },
        "tier_moves": [
            {"from": before or None, "to": after or None, "members": members}
            for (before, after), members in month.tier_moves.items()
        ],
    }


def _shift(one: Shift) -> dict[str, Any]:
    return {"member": one.member.hex(), "before_minor": one.before_minor, "after_minor": one.after_minor}
