"""All advice on one programme, in the order of its lines."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from loyalty.authoring.advice import costing, effect, firing, lasting, naming
from loyalty.authoring.advice.values import Advice, Written
from loyalty.programme.model import Programme

_CHECKS: Sequence[Callable[[Written], Iterator[Advice]]] = (
    firing.goods_exclude_themselves,
    firing.never_earned,
    firing.unused,
    firing.tiers_unreachable,
    firing.segments_empty,
    costing.earn_loops,
    costing.worth_more,
    costing.worth_more_than_basket,
    costing.percents,
    costing.no_budget,
    costing.offline_overspend,
    lasting.never_expire,
    lasting.without_value,
    lasting.coupons_without_end,
    lasting.pending_longer,
    lasting.cards_below_zero,
    naming.names_missing,
    naming.unknown_categories,
    naming.excluded_one_way,
    naming.priority_ties,
    effect.without_effect,
)


def advise(programme: Programme, text: str, today: date | None = None) -> tuple[Advice, ...]:
    """Say what is legal but may be unwise.

    Args:
        programme: As read from ``text``.
        text: The file.
        today: To tell what is over; None to leave that out.
    """
    written = Written(programme, text)
    found = {advice for check in _CHECKS for advice in check(written)}
    found.update(firing.never_at_work(written, today))
    return tuple(sorted(found, key=lambda one: (one.line or 0, one.key, one.code, one.text)))
