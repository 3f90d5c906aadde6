"""Returns and voids: undoing a sale from what was stored at the sale, never from today's rules.

What a return undoes is a function of all that came back so far: one return posts the difference between the state
after it and the state before it. So no order or split of returns takes or gives more or less than another, and the
return of everything undoes everything. Source: docs/SPEC-programme.md, section "Returns and voids".
"""

from loyalty.returns.explaining import explain_return
from loyalty.returns.plan import plan_return, plan_void
from loyalty.returns.sold import SoldSale, sold_sale
from loyalty.returns.values import ReturnPlan, Undoing

__all__ = ["ReturnPlan", "SoldSale", "Undoing", "explain_return", "plan_return", "plan_void", "sold_sale"]
