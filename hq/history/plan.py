"""The plan of a replay: a receipt file made into till operations in the order of time.

Knows receipt files and past sales, and refuses to know the till and points. Memory stays flat: rows stream into a
scratch file in a work directory, and operations stream out of it. The same input, mapping and version of this code give
the same plan; a run that is killed while planning starts over, a run that is killed later finds its plan complete.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path

from hq.history.counts import PlanCounts, store_counts, stored_counts
from hq.history.errors import ReceiptFileError, StagingError
from hq.history.intake import Intake
from hq.history.lines import read_lines
from hq.history.mapping import ReceiptMapping
from hq.history.operations import Operation, Parked, ParkedLine, Return, ReturnLine, Sale, SaleLine
from hq.history.ordering import PARKED, RETURN, match_cancellations, number_operations
from hq.history.reasons import ParkReason
from hq.history.staging import FORMAT, building, is_complete, reading
from loyalty.numbers.limits import require
from loyalty.numbers.rates import Rounding, divide

_BATCH_OPERATIONS = 500
_PROGRESS_ROWS = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OperationRow = tuple[int, int, int, int | None, str, str | None, str | None, int | None, int, int]

_OPERATION_ROWS = """
SELECT operation.idx, operation.receipt, operation.kind, operation.original, receipt.invoice, receipt.customer,
    original.invoice,
    (SELECT idx FROM operation AS sold WHERE sold.receipt = operation.original AND sold.kind = 0),
    operation.at_us, operation.utc_offset_s
FROM operation JOIN receipt ON receipt.id = operation.receipt
    LEFT JOIN receipt AS original ON original.id = operation.original
WHERE operation.idx > ? ORDER BY operation.idx LIMIT ?
"""
_SALE_LINES = """
SELECT item, description, category, quantity_milli, amount_minor, tax_minor FROM line WHERE receipt = ? ORDER BY row
"""
_RETURN_LINES = """
SELECT (SELECT count(*) FROM line WHERE receipt = original AND row <= purchase_row), sum(quantity_milli)
FROM matched WHERE cancellation = ? AND original = ? GROUP BY purchase_row ORDER BY purchase_row
"""
_UNSOLD_LINES = """
SELECT line.row, line.item, sum(matched.quantity_milli), line.quantity_milli, line.amount_minor, ?
FROM operation
    JOIN matched ON matched.cancellation = operation.receipt AND matched.original = operation.original
    JOIN line ON line.row = matched.cancelled_row
WHERE operation.idx = ? GROUP BY line.row ORDER BY line.row
"""
_PARKED_LINES = """
SELECT line.row, line.item, parked.quantity_milli, line.quantity_milli, line.amount_minor, parked.reason
FROM parked JOIN line ON line.row = parked.row WHERE parked.cancellation = ? ORDER BY line.row
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A complete plan.

    Attributes:
        receipts: The file it was made of.
        mapping: How the file was read.
        input_sha256: SHA-256 of the file's bytes, 32 bytes; ids and keys of a replay are seeded by it.
        staging: The scratch file.
    """

    receipts: Path
    mapping: ReceiptMapping
    input_sha256: bytes
    staging: Path
    counts: PlanCounts

    def operations(self, after: int = 0) -> Iterator[Operation]:
        """Stream the operations whose index is higher than ``after``, in order.

        Raises:
            StagingError: the scratch file cannot be read.
        """
        require(after >= 0, "after is an operation's index, or 0")
        with reading(self.staging) as connection:
            while rows := connection.execute(_OPERATION_ROWS, (after, _BATCH_OPERATIONS)).fetchall():
                for row in rows:
                    yield _operation(connection, row)
                after = rows[-1][0]

    def park(self, back: Return) -> Parked:
        """Make of a return, whose sale the till refused, what a person has to look at.

        Raises:
            StagingError: the scratch file cannot be read.
        """
        with reading(self.staging) as connection:
            found = connection.execute(_UNSOLD_LINES, (ParkReason.ORIGINAL_REFUSED, back.index)).fetchall()
        return Parked(
            index=back.index,
            cancellation=back.cancellation,
            at=back.at,
            local_at=back.local_at,
            customer=back.customer,
            lines=_as_parked(found),
            original_index=back.original_index,
        )


def build_plan(
    receipts: Path, mapping: ReceiptMapping, work_dir: Path, on_rows: Callable[[int], None] | None = None
) -> Plan:
    """Plan the replay of ``receipts``, or find the plan that an earlier run completed in ``work_dir``.

    Args:
        receipts: A CSV file, packed with gzip or not.
        mapping: How to read it.
        work_dir: Where the scratch file lives; made if absent. It takes about one and a half times the unpacked input.
        on_rows: Told the number of rows read so far, every few thousand rows.

    Raises:
        ReceiptFileError: the file cannot be read; names file, line, column and what was expected.
        StagingError: the work directory cannot hold the plan.
    """
    input_sha256 = _sha256(receipts)
    key = hashlib.sha256(f"{FORMAT}:{input_sha256.hex()}:{mapping.digest()}".encode()).hexdigest()
    staging = work_dir / f"plan-{key[:32]}.sqlite3"
    if not is_complete(staging, key):
        with building(staging, key) as connection:
            if connection is not None:
                _fill(connection, receipts, mapping, on_rows)
                if _sha256(receipts) != input_sha256:
                    raise ReceiptFileError(receipts, None, "changed while it was read; start again")
    with reading(staging) as connection:
        counts = stored_counts(connection)
    return Plan(receipts=receipts, mapping=mapping, input_sha256=input_sha256, staging=staging, counts=counts)


def _fill(
    connection: sqlite3.Connection, receipts: Path, mapping: ReceiptMapping, on_rows: Callable[[int], None] | None
) -> None:
    intake = Intake(connection)
    for row in read_lines(receipts, mapping):
        intake.add(row)
        if on_rows is not None and intake.rows % _PROGRESS_ROWS == 0:
            on_rows(intake.rows)
    intake.finish()
    match_cancellations(connection)
    number_operations(connection)
    store_counts(connection, intake.rows)


def _sha256(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as fault:
        raise ReceiptFileError(path, None, f"cannot be read: {fault.strerror or fault}; expected a CSV file") from fault


def _operation(connection: sqlite3.Connection, row: _OperationRow) -> Operation:
    index, receipt, kind, original, invoice, customer, original_invoice, original_index, at_us, offset_s = row
    at = _EPOCH + timedelta(microseconds=at_us)
    local_at = at.astimezone(_offset(offset_s))
    if kind == RETURN and original is not None and original_invoice is not None and original_index is not None:
        return Return(
            index=index,
            cancellation=invoice,
            original_invoice=original_invoice,
            original_index=original_index,
            at=at,
            local_at=local_at,
            customer=_known(customer),
            lines=_return_lines(connection, receipt, original),
        )
    if kind == PARKED:
        lines = _parked_lines(connection, receipt)
        return Parked(
            index=index, cancellation=invoice, at=at, local_at=local_at, customer=_known(customer), lines=lines
        )
    return Sale(
        index=index,
        invoice=invoice,
        at=at,
        local_at=local_at,
        customer=customer,
        lines=_sale_lines(connection, receipt),
    )


def _sale_lines(connection: sqlite3.Connection, receipt: int) -> tuple[SaleLine, ...]:
    return tuple(
        SaleLine(
            line=line,
            item=item,
            description=description,
            category=category,
            quantity_milli=quantity_milli,
            amount_minor=amount_minor,
            tax_minor=tax_minor,
        )
        for line, (item, description, category, quantity_milli, amount_minor, tax_minor) in enumerate(
            connection.execute(_SALE_LINES, (receipt,)), start=1
        )
    )


def _return_lines(connection: sqlite3.Connection, cancellation: int, original: int) -> tuple[ReturnLine, ...]:
    found = connection.execute(_RETURN_LINES, (cancellation, original))
    return tuple(ReturnLine(line=line, quantity_milli=quantity_milli) for line, quantity_milli in found)


def _parked_lines(connection: sqlite3.Connection, cancellation: int) -> tuple[ParkedLine, ...]:
    return _as_parked(connection.execute(_PARKED_LINES, (cancellation,)))


def _as_parked(rows: Iterable[tuple[int, str, int, int, int, str]]) -> tuple[ParkedLine, ...]:
    return tuple(
        ParkedLine(
            row=row,
            item=item,
            quantity_milli=rest_milli,
            amount_minor=divide(amount_minor * rest_milli, quantity_milli, Rounding.HALF_UP),
            reason=ParkReason(reason),
        )
        for row, item, rest_milli, quantity_milli, amount_minor, reason in rows
    )


@lru_cache(maxsize=64)
def _offset(seconds: int) -> timezone:
    return timezone(timedelta(seconds=seconds))


def _known(customer: str | None) -> str:
    if customer is None:
        raise StagingError("the plan has a cancellation without a customer; remove it and start again")
    return customer
