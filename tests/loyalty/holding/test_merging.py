"""What one account has goes to another."""

from __future__ import annotations

from loyalty.holding.merging import PAIRS, plan_merge
from loyalty.holding.standing import NOTHING, Holdings, LotBalance
from loyalty.journal.entry import MAX_POSTINGS, Lot, Posting
from loyalty.numbers.limits import MAX_BALANCE
from loyalty.refusals import Refusal, RefusalCode

GONE, STAYS = b"a" * 16, b"b" * 16
LOT = Lot(lot_id=b"l" * 16, expires_at=1_800_000_000)


def pair(unit: str, amount: int, **more: object) -> tuple[Posting, ...]:
    return tuple(
        Posting(account=account, unit=unit, amount=sign * amount, **more)  # type: ignore[arg-type]
        for account, sign in ((GONE, -1), (STAYS, 1))
    )


def test_lots_move_as_they_are_and_so_does_what_is_in_none_a_debt_and_what_nobody_sees() -> None:
    held = Holdings(
        balances=(("cash", -7), ("empty", 0), ("points", 12), ("used.off", 2)),
        lots=(LotBalance(unit="points", lot=LOT, amount=5),),
    )
    (postings,) = plan_merge(GONE, held, STAYS, NOTHING)  # type: ignore[misc]
    expected = (*pair("points", 5, lot=LOT), *pair("cash", -7), *pair("points", 7), *pair("used.off", 2))
    assert postings == expected


def test_who_has_nothing_moves_nothing() -> None:
    assert plan_merge(GONE, Holdings(balances=(("points", 0),)), STAYS, NOTHING) == ()


def test_more_than_one_entry_holds_goes_in_several_each_of_which_adds_up_to_nothing() -> None:
    held = Holdings(balances=tuple((f"used.r{number:04}", 1) for number in range(PAIRS + 1)))
    plan = plan_merge(GONE, held, STAYS, NOTHING)
    assert not isinstance(plan, Refusal)
    assert [len(postings) for postings in plan] == [MAX_POSTINGS, 2]
    assert [sum(one.amount for one in postings) for postings in plan] == [0, 0]


def test_what_no_account_could_hold_is_refused_before_anything_moves() -> None:
    rich = Holdings(balances=(("points", MAX_BALANCE),))
    refused = plan_merge(GONE, Holdings(balances=(("points", 1),)), STAYS, rich)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field) == (RefusalCode.AMOUNT_TOO_LARGE, "into")
    lots = Holdings(balances=(("points", 0),), lots=(LotBalance(unit="points", lot=LOT, amount=1),))
    full = Holdings(balances=(("points", 0),), lots=(LotBalance(unit="points", lot=LOT, amount=MAX_BALANCE),))
    assert isinstance(plan_merge(GONE, lots, STAYS, full), Refusal)
