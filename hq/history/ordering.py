"""Cancellations matched, and all operations numbered in the order of time.

Knows the plan's scratch file with its receipts settled. A sale stands at its first line's (instant, row). A return
stands at the first cancelled line that gives back something of that sale, so it always follows the sale; where one
cancelled line reaches into several sales, the newest sale comes first. What matches nothing stands at its own first
line, behind the returns of that line.
"""

import sqlite3
from collections.abc import Iterator
from itertools import islice

from hq.history.matching import Entry, Match, Unmatched, match

SALE, RETURN, PARKED = 0, 1, 2
"""The kinds of operation in the scratch file, in the order they take at one instant and row."""
_BATCH_ROWS = 2_000

_ENTRIES = """
SELECT receipt.customer, line.item, line.row, line.receipt, receipt.cancelled, line.quantity_milli
FROM line JOIN receipt ON receipt.id = line.receipt
WHERE (receipt.customer, line.item) IN (
    SELECT receipt.customer, line.item FROM receipt JOIN line ON line.receipt = receipt.id WHERE receipt.cancelled
)
ORDER BY receipt.customer, line.item, line.at_us, line.row
"""

_OPERATIONS = """
INSERT INTO operation
WITH sale AS (
    SELECT id AS receipt, (
        SELECT row FROM line WHERE line.receipt = receipt.id ORDER BY at_us, row LIMIT 1
    ) AS first_row
    FROM receipt WHERE NOT cancelled
), returned AS (
    SELECT matched.cancellation AS receipt, matched.original, matched.cancelled_row AS first_row, matched.id AS rank,
        row_number() OVER (
            PARTITION BY matched.cancellation, matched.original ORDER BY line.at_us, line.row, matched.id
        ) AS place
    FROM matched JOIN line ON line.row = matched.cancelled_row
), unmatched AS (
    SELECT parked.cancellation AS receipt, parked.row AS first_row,
        row_number() OVER (PARTITION BY parked.cancellation ORDER BY line.at_us, line.row) AS place
    FROM parked JOIN line ON line.row = parked.row
), every AS (
    SELECT receipt, :sale AS kind, NULL AS original, first_row, 0 AS rank FROM sale
    UNION ALL SELECT receipt, :return, original, first_row, rank FROM returned WHERE place = 1
    UNION ALL SELECT receipt, :parked, NULL, first_row, 0 FROM unmatched WHERE place = 1
)
SELECT row_number() OVER (ORDER BY line.at_us, line.row, every.kind, every.rank),
    every.receipt, every.kind, every.original, line.at_us, line.utc_offset_s
FROM every JOIN line ON line.row = every.first_row
"""


def match_cancellations(connection: sqlite3.Connection) -> None:
    """Find what each cancelled line gives back, and what it does not."""
    outcomes = match(_entries(connection))
    while batch := list(islice(outcomes, _BATCH_ROWS)):
        connection.executemany(
            "INSERT INTO matched (cancellation, original, cancelled_row, purchase_row, quantity_milli)"
            " VALUES (?, ?, ?, ?, ?)",
            [_matched(outcome) for outcome in batch if isinstance(outcome, Match)],
        )
        connection.executemany(
            "INSERT INTO parked VALUES (?, ?, ?, ?)",
            [_parked(outcome) for outcome in batch if isinstance(outcome, Unmatched)],
        )


def number_operations(connection: sqlite3.Connection) -> None:
    """Number sales, returns and parked cancellations from 1 in the order of time."""
    connection.execute(_OPERATIONS, {"sale": SALE, "return": RETURN, "parked": PARKED})
    connection.execute("CREATE INDEX matched_return ON matched (cancellation, original)")
    connection.execute("CREATE INDEX parked_cancellation ON parked (cancellation)")
    connection.execute(f"CREATE INDEX sale_operation ON operation (receipt) WHERE kind = {SALE}")


def _entries(connection: sqlite3.Connection) -> Iterator[Entry]:
    for customer, item, row, receipt, cancelled, quantity_milli in connection.execute(_ENTRIES):
        yield Entry(
            customer=customer,
            item=item,
            row=row,
            receipt=receipt,
            cancelled=bool(cancelled),
            quantity_milli=quantity_milli,
        )


def _matched(outcome: Match) -> tuple[int, int, int, int, int]:
    cancelled, purchase = outcome.cancelled, outcome.purchase
    return cancelled.receipt, purchase.receipt, cancelled.row, purchase.row, outcome.quantity_milli


def _parked(outcome: Unmatched) -> tuple[int, int, int, str]:
    return outcome.cancelled.row, outcome.cancelled.receipt, outcome.quantity_milli, outcome.reason
