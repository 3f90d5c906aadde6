"""Ways to spoil a book, each by one statement, and what an audit must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hq.attention.parking import ItemState
from loyalty.journal.chain import first_head
from tests.hq.auditing.books import Everything
from tests.hq.leasing.exchanges import LATER

assert LATER is not None
LOT = LATER.lot_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """What is done to a book, and what an audit says then.

    Attributes:
        sql: One statement.
        given: Its values.
        says: Of each check that fails, how many things do not hold, and a part of the first example.
    """

    sql: str
    given: dict[str, Any]
    says: dict[str, tuple[int, str]]


def _at(one: Everything, sequence: int) -> dict[str, Any]:
    return {"till": one.holder.id, "sequence": sequence}


_PLACE = "terminal_id = :till AND epoch = 1 AND sequence = :sequence"
_FORKED = "terminal_id = :till AND epoch = 2"
Spoil = Callable[[Everything], Spoilt]


def core_changed(one: Everything) -> Spoilt:
    core = one.holder.entries[1].core.replace(b'"points",10]', b'"points",11]')
    assert core != one.holder.entries[1].core
    return Spoilt(
        sql=f"UPDATE journal SET core = :core WHERE {_PLACE}",
        given={"core": core, **_at(one, 2)},
        says={
            "chains": (1, f"entry {one.holder.id.hex()}/1/2: its core and the hash before it do not give its hash"),
            "postings": (2, "is missing from the ledger"),
        },
    )


def core_unreadable(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"UPDATE journal SET core = :core WHERE {_PLACE}",
        given={"core": b"\xff", **_at(one, 2)},
        says={
            "chains": (1, "/1/2"),
            "entries": (2, "cannot be read, and is not parked"),
            "postings": (3, "is in the ledger, and no entry posts it so"),
        },
    )


def hash_changed(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"UPDATE journal SET hash = :hash WHERE {_PLACE}",
        given={"hash": b"h" * 32, **_at(one, 2)},
        says={"chains": (2, f"{one.holder.id.hex()}/1/2")},
    )


def entry_in_the_middle_gone(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"DELETE FROM journal WHERE {_PLACE}",
        given=_at(one, 2),
        says={
            "chains": (1, f"entry {one.holder.id.hex()}/1/3 follows sequence 1"),
            "entries": (1, f"is known, and {one.holder.id.hex()}/1/2 holds no such entry"),
            "postings": (3, "is in the ledger, and no entry posts it so"),
        },
    )


def last_entry_gone(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"DELETE FROM journal WHERE {_PLACE}",
        given=_at(one, 5),
        says={
            "heads": (1, "says sequence 5; its entries end with 4"),
            "entries": (1, "holds no such entry"),
            "closes": (1, f"lease {one.closed.hex()} is closed, and its holder never wrote so"),
        },
    )


def head_changed(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE journal_head SET hash = :hash WHERE terminal_id = :till",
        given={"hash": first_head(one.holder.public_key, 1), "till": one.holder.id},
        says={"heads": (1, "with another hash")},
    )


def head_gone(one: Everything) -> Spoilt:
    return Spoilt(
        sql="DELETE FROM journal_head WHERE terminal_id = :till",
        given={"till": one.holder.id},
        says={"heads": (1, "says sequence 0; its entries end with 5")},
    )


def epoch_that_nobody_opened(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"DELETE FROM epoch_opening WHERE {_FORKED}",
        given={"till": one.forked.id},
        says={"epochs": (2, f"journal {one.forked.id.hex()}/2 was never opened")},
    )


def epoch_behind_what_hq_lacks(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"UPDATE epoch_opening SET common = 4 WHERE {_FORKED}",
        given={"till": one.forked.id},
        says={"epochs": (1, "goes on behind sequence 4 of epoch 1, which HQ does not hold")},
    )


def epoch_of_the_till_changed(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE terminal SET epoch = 1 WHERE terminal_id = :till",
        given={"till": one.forked.id},
        says={"epochs": (1, "is in epoch 1, and 2 was opened last")},
    )


def detail_changed(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"UPDATE journal SET detail = :detail WHERE {_PLACE}",
        given={"detail": one.holder.entries[2].detail, **_at(one, 2)},
        says={"details": (1, f"entry {one.holder.id.hex()}/1/2: its detail")},
    )


def entry_id_forgotten(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"DELETE FROM entry WHERE {_PLACE}",
        given=_at(one, 2),
        says={
            "entries": (1, "is stored, and its id is not known"),
            "postings": (3, "no entry posts it so"),
        },
    )


def entry_id_elsewhere(one: Everything) -> Spoilt:
    return Spoilt(
        sql=f"UPDATE entry SET sequence = 1 WHERE {_PLACE}",
        given=_at(one, 2),
        says={
            "entries": (1, f"{one.holder.id.hex()}/1/1 holds no such entry"),
            "postings": (3, "no entry posts it so"),
        },
    )


def posting_changed(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE ledger SET amount = 12 WHERE account_id = :own AND amount = 10",
        given={"own": one.stays},
        says={
            "postings": (2, "10 of points"),
            "balances": (1, f"account {one.stays.hex()}, points: the ledger adds up to"),
        },
    )


def posting_gone(one: Everything) -> Spoilt:
    return Spoilt(
        sql="DELETE FROM ledger WHERE account_id = :own AND amount = 20",
        given={"own": one.stays},
        says={"postings": (1, "is missing from the ledger"), "balances": (1, one.stays.hex())},
    )


def posting_doubled(one: Everything) -> Spoilt:
    columns = "account_id, unit, entry_id, kind, amount, lot_id, usable_at_s, expires_at_s, effective_at_ms"
    return Spoilt(
        sql=f"INSERT INTO ledger (line, {columns}) SELECT 9, {columns} FROM ledger WHERE amount = 20",
        given={},
        says={"postings": (1, "is in the ledger, and no entry posts it so"), "balances": (1, one.stays.hex())},
    )


def posting_of_another(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE ledger SET account_id = :other WHERE amount = 20",
        given={"other": one.owing},
        says={"postings": (2, "20 of points"), "balances": (2, "")},
    )


def posting_of_another_kind(one: Everything) -> Spoilt:
    return Spoilt(sql="UPDATE ledger SET kind = 'action' WHERE amount = 20", given={}, says={"postings": (2, "20 of")})


def posting_whose_lot_begins_otherwise(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE ledger SET usable_at_s = 1 WHERE account_id = :own AND amount = 3 AND lot_id IS NOT NULL",
        given={"own": one.stays},
        says={"postings": (2, "3 of points")},
    )


def parked_entry_posted(one: Everything) -> Spoilt:
    return Spoilt(
        sql="INSERT INTO ledger (account_id, unit, entry_id, line, kind, amount, effective_at_ms)"
        " VALUES (:own, 'points', :entry, 0, 'sale', 11, 0)",
        given={"own": one.stays, "entry": one.waiting},
        says={"parked": (1, "is in the ledger, and its entry is parked"), "balances": (1, one.stays.hex())},
    )


def parked_entry_settled_and_not_posted(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE parked SET state = :settled WHERE entry_id = :entry",
        given={"settled": ItemState.SETTLED.value, "entry": one.waiting},
        says={"postings": (1, "11 of points")},
    )


def parked_entry_that_is_not_stored(one: Everything) -> Spoilt:
    return Spoilt(
        sql="INSERT INTO parked (terminal_id, epoch, sequence, reason, state, parked_at_ms)"
        " VALUES (:till, 1, 9, 'malformed', 'open', 0)",
        given={"till": one.holder.id},
        says={"parked": (1, f"{one.holder.id.hex()}/1/9 is parked, and is not stored")},
    )


def balance_changed(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE balance SET amount = amount + 1 WHERE account_id = :own",
        given={"own": one.stays},
        says={"balances": (1, one.stays.hex()), "checksums": (1, f"points, bucket {one.stays[0] >> 2}")},
    )


def balance_gone(one: Everything) -> Spoilt:
    return Spoilt(
        sql="DELETE FROM balance WHERE account_id = :own",
        given={"own": one.owing},
        says={"balances": (1, "the ledger adds up to -3, the balance says 0"), "checksums": (1, "points, bucket")},
    )


def balance_of_nothing(one: Everything) -> Spoilt:
    return Spoilt(
        sql="INSERT INTO balance (account_id, unit, amount) VALUES (:own, 'stamps', 4)",
        given={"own": b"\xff" * 16},
        says={"balances": (1, "the ledger adds up to 0, the balance says 4"), "checksums": (1, "stamps, bucket 63")},
    )


def lot_changed(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lot SET amount = amount - 1 WHERE account_id = :own AND lot_id = :lot",
        given={"own": one.stays, "lot": LOT},
        says={"lots": (1, f"lot {LOT.hex()}: the ledger adds up to 6, the lot says 5")},
    )


def lot_gone(one: Everything) -> Spoilt:
    return Spoilt(
        sql="DELETE FROM lot WHERE account_id = :own AND lot_id = :lot",
        given={"own": one.stays, "lot": LOT},
        says={"lots": (1, "the ledger adds up to 6, the lot says 0")},
    )


def checksum_changed(one: Everything) -> Spoilt:
    buckets = {own[0] >> 2 for (own,) in one.house.rows("SELECT account_id FROM balance WHERE amount <> 0")}
    return Spoilt(
        sql="UPDATE feed_sum SET sums = :sums",
        given={"sums": bytes(8 * 64)},
        says={"checksums": (len(buckets), f"points, bucket {min(buckets)}: the checksum is not that of the balances")},
    )


def merged_into_one_who_was_merged(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE account SET canonical_id = :other WHERE account_id = :own",
        given={"own": one.stays, "other": one.owing},
        says={
            "merges": (2, f"account {one.gone.hex()} became {one.stays.hex()}, which became another itself"),
            "postings": (2, "20 of points"),
        },
    )


def draw_not_counted(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease_slice SET spent = 0 WHERE lease_id = :lease AND spent = 1",
        given={"lease": one.open},
        says={"draws": (1, f"lease {one.open.hex()}, lot {LOT.hex()}: 0 is spent, and entries draw 1")},
    )


def draw_of_nobody(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease_slice SET spent = 3 WHERE lease_id = :lease AND place = 0",
        given={"lease": one.closed},
        says={"draws": (1, "3 is spent, and entries draw 0")},
    )


def lease_overdrawn(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease_slice SET amount = 0 WHERE lease_id = :lease",
        given={"lease": one.open},
        says={"draws": (1, f"lease {one.open.hex()}, lot {LOT.hex()}: 1 is spent of 0, and it is not frozen")},
    )


def lease_of_another_till(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease SET terminal_id = :other WHERE lease_id = :lease",
        given={"lease": one.open, "other": one.forked.id},
        says={"draws": (2, "1 is spent, and entries draw 0")},
    )


def lease_closed_by_nobody(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease SET state = 'closed' WHERE lease_id = :lease",
        given={"lease": one.open},
        says={"closes": (1, f"lease {one.open.hex()} is closed, and its holder never wrote so")},
    )


def lease_open_again(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease SET state = 'open' WHERE lease_id = :lease",
        given={"lease": one.closed},
        says={"closes": (1, f"lease {one.closed.hex()} is open, and its holder gave it back")},
    )


def lease_called_spent(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease SET state = 'spent' WHERE lease_id = :lease",
        given={"lease": one.open},
        says={"closes": (1, f"lease {one.open.hex()} counts as spent, and 3 of a slice is left")},
    )


def more_leased_than_there_is(one: Everything) -> Spoilt:
    return Spoilt(
        sql="UPDATE lease_slice SET amount = amount + 60 WHERE lease_id = :lease",
        given={"lease": one.open},
        says={"pools": (1, f"account {one.stays.hex()}, points: ")},
    )


def debt_forgotten(one: Everything) -> Spoilt:
    return Spoilt(
        sql="DELETE FROM shortfall",
        given={},
        says={"pools": (1, f"account {one.owing.hex()}, points: -3 there, a debt of 0 and 0 leased")},
    )


SPOILS: tuple[Spoil, ...] = (
    core_changed,
    core_unreadable,
    hash_changed,
    entry_in_the_middle_gone,
    last_entry_gone,
    head_changed,
    head_gone,
    epoch_that_nobody_opened,
    epoch_behind_what_hq_lacks,
    epoch_of_the_till_changed,
    detail_changed,
    entry_id_forgotten,
    entry_id_elsewhere,
    posting_changed,
    posting_gone,
    posting_doubled,
    posting_of_another,
    posting_of_another_kind,
    posting_whose_lot_begins_otherwise,
    parked_entry_posted,
    parked_entry_settled_and_not_posted,
    parked_entry_that_is_not_stored,
    balance_changed,
    balance_gone,
    balance_of_nothing,
    lot_changed,
    lot_gone,
    checksum_changed,
    merged_into_one_who_was_merged,
    draw_not_counted,
    draw_of_nobody,
    lease_overdrawn,
    lease_of_another_till,
    lease_closed_by_nobody,
    lease_open_again,
    lease_called_spent,
    more_leased_than_there_is,
    debt_forgotten,
)
