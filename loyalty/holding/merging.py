"""What one account has goes to another, when two members turn out to be one. Pure.

Source: docs/SPEC-sync.md, section 4.
"""

from collections.abc import Iterator, Sequence

from loyalty.holding.standing import Holdings
from loyalty.journal.entry import MAX_POSTINGS, Lot, Posting
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.refusals import Refusal, RefusalCode

PAIRS = MAX_POSTINGS // 2
"""Most units and lots that one entry moves."""


def plan_merge(gone: bytes, held: Holdings, stays: bytes, into: Holdings) -> tuple[tuple[Posting, ...], ...] | Refusal:
    """Plan to move everything, people's units and hidden ones, each lot as it is.

    Args:
        gone: The account that is emptied, 16 bytes.
        held: What it has.
        stays: The account that gets it.
        into: What that one has.

    Returns:
        The postings of each entry, at most `MAX_POSTINGS`, of which each adds up to nothing; or
        Refusal(AMOUNT_TOO_LARGE).
    """
    units = {unit for unit, _ in held.balances}
    if any(abs(into.balance(unit) + held.balance(unit)) > MAX_BALANCE for unit in units):
        return _too_large()
    there = {(one.unit, one.lot.lot_id): one.amount for one in into.lots}
    if any(abs(there.get((one.unit, one.lot.lot_id), 0) + one.amount) > MAX_BALANCE for one in held.lots):
        return _too_large()
    parts = list(_parts(held))
    return tuple(_entry(gone, stays, parts[at : at + PAIRS]) for at in range(0, len(parts), PAIRS))


def _parts(held: Holdings) -> Iterator[tuple[str, int, Lot | None]]:
    for one in held.lots:
        if one.amount:
            yield one.unit, one.amount, one.lot
    for unit in sorted({unit for unit, _ in held.balances}):
        loose = held.in_no_lot(unit)
        if loose:
            yield unit, loose, None


def _entry(gone: bytes, stays: bytes, parts: Sequence[tuple[str, int, Lot | None]]) -> tuple[Posting, ...]:
    return tuple(
        Posting(account=account, unit=unit, amount=sign * amount, lot=lot)
        for unit, amount, lot in parts
        for account, sign in ((gone, -1), (stays, 1))
    )


def _too_large() -> Refusal:
    detail = "the two have more of a unit together than an account can hold"
    return Refusal(code=RefusalCode.AMOUNT_TOO_LARGE, field="into", detail=detail)
