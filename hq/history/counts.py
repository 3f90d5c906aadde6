"""What a plan counts: rows by class and reason, receipts, members, operations."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from hq.history.ordering import PARKED, RETURN
from hq.history.reasons import LineClass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCounts:
    """The figures of one plan.

    Attributes:
        data_rows: Rows after the header, as they were read.
        rows: The same rows by class of good rows and by reason of dirty ones; they sum to data_rows.
        orders: Invoices with a customer and at least one sale line.
        anonymous_orders: Invoices without a customer and at least one sale line.
        cancelled_invoices: Cancelled invoices, all with a customer.
        members: Distinct customers of orders.
        returns: Return operations: one per cancelled invoice and original sale.
        parked: Parked operations: one per cancelled invoice of which something matches no sale.
        parked_lines: Their lines by reason.
        mixed_invoices: Invoices whose rows do not all name the same customer.
        operations: All operations: orders, anonymous orders, returns and parked ones.
        sale_amount_minor: What the sale lines with a customer cost together, minor units.
    """

    data_rows: int
    rows: Mapping[str, int]
    orders: int
    anonymous_orders: int
    cancelled_invoices: int
    members: int
    returns: int
    parked: int
    parked_lines: Mapping[str, int]
    mixed_invoices: int
    operations: int
    sale_amount_minor: int


def store_counts(connection: sqlite3.Connection, data_rows: int) -> None:
    """Count, and keep the figures in the scratch file."""
    figures = json.dumps(asdict(_count(connection, data_rows)))
    connection.execute("INSERT INTO meta VALUES ('counts', ?)", (figures,))


def stored_counts(connection: sqlite3.Connection) -> PlanCounts:
    """The figures kept in the scratch file."""
    (figures,) = connection.execute("SELECT value FROM meta WHERE key = 'counts'").fetchone()
    return PlanCounts(**json.loads(figures))


def _count(connection: sqlite3.Connection, data_rows: int) -> PlanCounts:
    good, sale_amount_minor = _good_rows(connection)
    dirty = connection.execute("SELECT reason, count(*) FROM dirty GROUP BY reason ORDER BY reason")
    kinds = dict(connection.execute("SELECT kind, count(*) FROM operation GROUP BY kind").fetchall())
    return PlanCounts(
        data_rows=data_rows,
        rows=good | dict(dirty.fetchall()),
        orders=_one(connection, "SELECT count(*) FROM receipt WHERE NOT cancelled AND customer IS NOT NULL"),
        anonymous_orders=_one(connection, "SELECT count(*) FROM receipt WHERE NOT cancelled AND customer IS NULL"),
        cancelled_invoices=_one(connection, "SELECT count(*) FROM receipt WHERE cancelled"),
        members=_one(connection, "SELECT count(DISTINCT customer) FROM receipt WHERE NOT cancelled"),
        returns=kinds.get(RETURN, 0),
        parked=kinds.get(PARKED, 0),
        parked_lines=dict(connection.execute("SELECT reason, count(*) FROM parked GROUP BY reason ORDER BY reason")),
        mixed_invoices=_one(connection, "SELECT count(*) FROM receipt WHERE mixed"),
        operations=sum(kinds.values()),
        sale_amount_minor=sale_amount_minor,
    )


def _good_rows(connection: sqlite3.Connection) -> tuple[dict[str, int], int]:
    # Two halves of each amount are summed apart: SQLite refuses a sum beyond 64 bits.
    query = """
        SELECT receipt.cancelled, line.customer IS NULL, count(*),
            sum(line.amount_minor >> 32), sum(line.amount_minor & 0xFFFFFFFF)
        FROM line JOIN receipt ON receipt.id = line.receipt GROUP BY 1, 2
    """
    rows = dict.fromkeys((str(line_class) for line_class in LineClass), 0)
    sale_amount_minor = 0
    for cancelled, anonymous, count, high, low in connection.execute(query):
        if cancelled:
            rows[LineClass.CANCELLED_LINE] += count
        elif anonymous:
            rows[LineClass.ANONYMOUS_SALE_LINE] += count
        else:
            rows[LineClass.SALE_LINE] += count
            sale_amount_minor = (high << 32) + low
    return rows, sale_amount_minor


def _one(connection: sqlite3.Connection, query: str) -> int:
    (figure,) = connection.execute(query).fetchone()
    return int(figure)
