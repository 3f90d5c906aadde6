"""Accounts with lots, for the properties of slices and rights."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from loyalty.holding.lots import lot_of
from loyalty.holding.standing import NOTHING, Holdings
from loyalty.journal.entry import Lot

AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
UNITS = ("points", "stamps")
_dates = st.sampled_from([None, NOW - 60, NOW, NOW + 1, NOW + 60, NOW + 120])
lots: st.SearchStrategy[Lot | None] = st.builds(lot_of, _dates, _dates)
"""Lots that are over, open, or not yet to be spent; None for units in no lot."""
units = st.sampled_from(UNITS)


def holdings(least: int = 0, named: st.SearchStrategy[str] = units) -> st.SearchStrategy[Holdings]:
    """Accounts of a few lots; amounts below zero where ``least`` is."""
    amounts = st.integers(least, 50)
    return st.lists(st.tuples(named, amounts, lots), max_size=8).map(NOTHING.changed)


def by_lot(held: Holdings, unit: str) -> dict[bytes | None, int]:
    """What of a unit stands in each lot, None for no lot."""
    return {None: held.in_no_lot(unit), **{one.lot.lot_id: one.amount for one in held.lots if one.unit == unit}}
