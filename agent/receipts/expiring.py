"""What of a member's units ends first, beside what the sale itself brought."""

from agent.receipts.source import Source
from agent.receipts.values import Term
from loyalty.holding.lots import open_lots
from loyalty.holding.standing import LotBalance
from loyalty.holding.units import is_hidden


def expires_next(source: Source) -> Term | None:
    """Give what ends before anything that the sale brought does; None where nothing does.

    It is what the book says today: a receipt that is printed again years later does not warn of what has ended.
    """
    if source.detail.training:
        return None
    fresh = {posting.lot.lot_id for posting in source.core.postings if posting.lot is not None and posting.amount > 0}
    units = {one.unit for one in source.today.holdings.lots if not is_hidden(one.unit)}
    lots = [
        one
        for unit in sorted(units)
        for one in open_lots(source.today.holdings, unit, source.at)
        if one.lot.expires_at is not None and one.lot.lot_id not in fresh
    ]
    first = min(lots, key=_end, default=None)
    if first is None or any(_ends(award.expires_at) <= _end(first) for award in source.detail.awards):
        return None
    day = source.day(_end(first) - 1)
    together = sum(one.amount for one in lots if one.unit == first.unit and source.day(_end(one) - 1) == day)
    return Term(units=source.units(first.unit, together), until=day)


def _end(one: LotBalance) -> int:
    return _ends(one.lot.expires_at)


def _ends(at: int | None) -> int:
    return at if at is not None else 1 << 62
