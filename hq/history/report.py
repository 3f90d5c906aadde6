"""The report of rows that had no effect: dirty rows, cancelled lines that match no sale, rows that a till refused.

Knows a complete plan and the file it was made of. The file is read a second time, so that the plan need not keep what
each row looked like.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from hq.history.errors import ReportError
from hq.history.plan import Plan
from hq.history.records import Record, RecordReader
from hq.history.staging import reading
from hq.history.whole_file import whole_file
from loyalty.numbers.limits import QUANTITY_SCALE
from loyalty.numbers.scaled import format_scaled

_OUTCOMES = """
SELECT row, 'dirty', reason, NULL FROM dirty
UNION ALL SELECT row, 'parked', reason, quantity_milli FROM parked
UNION ALL SELECT line.row, 'refused', refused.code, NULL
    FROM refused JOIN operation USING (idx) JOIN line USING (receipt) WHERE operation.kind = 0
UNION ALL SELECT DISTINCT matched.cancelled_row, 'refused', refused.code, NULL
    FROM refused JOIN operation USING (idx)
        JOIN matched ON matched.cancellation = operation.receipt AND matched.original = operation.original
UNION ALL SELECT parked.row, 'refused', refused.code, NULL
    FROM refused JOIN operation USING (idx) JOIN parked ON parked.cancellation = operation.receipt
    WHERE operation.kind = 2
UNION ALL SELECT matched.cancelled_row, 'parked', 'original_refused', sum(matched.quantity_milli)
    FROM refused JOIN operation USING (idx) JOIN matched ON matched.original = operation.receipt
    WHERE operation.kind = 0 GROUP BY matched.cancelled_row
ORDER BY 1, 2, 3
"""
_REFUSED = "CREATE TEMP TABLE refused (idx INTEGER PRIMARY KEY, code TEXT NOT NULL)"
_Outcome = tuple[int, str, str, int | None]


def write_report(plan: Plan, path: Path, refused: Iterable[tuple[int, str]] = ()) -> int:
    """Write the report as CSV: row, outcome, reason, parked quantity, then the row's own columns.

    The outcome is dirty, parked, or refused: the till refused its receipt, and the reason is the till's code. A row of
    which two things became is listed twice. Either the whole report is there afterwards, or what was there before.

    Args:
        plan: A complete plan.
        path: Where it is written.
        refused: The operations that a till refused: index and code.

    Returns:
        How many lines it has after its header.

    Raises:
        ReportError: it cannot be written.
        ReceiptFileError: the receipt file cannot be read any more.
        StagingError: the plan cannot be read any more.
    """
    count = 0
    try:
        with RecordReader(plan.receipts, plan.mapping.file) as records, whole_file(path) as file:
            writer = csv.writer(file)
            writer.writerow(("row", "outcome", "reason", "parked_quantity", *records.header))
            for record, (row, outcome, reason, rest_milli) in _unused(plan, records, refused):
                rest = "" if rest_milli is None else format_scaled(rest_milli, QUANTITY_SCALE)
                writer.writerow((row, outcome, reason, rest, *record.cells))
                count += 1
    except OSError as fault:
        raise ReportError(f"{path} cannot be written: {fault.strerror or fault}") from fault
    return count


def _unused(plan: Plan, records: RecordReader, refused: Iterable[tuple[int, str]]) -> Iterator[tuple[Record, _Outcome]]:
    """Both sides are in the order of rows, so one pass over each finds them all."""
    with reading(plan.staging) as connection:
        connection.execute(_REFUSED)
        connection.executemany("INSERT INTO refused VALUES (?, ?)", refused)
        outcomes: Iterator[_Outcome] = connection.execute(_OUTCOMES)
        wanted = next(outcomes, None)
        for record in records:
            if wanted is None:
                return
            while wanted is not None and record.row == wanted[0]:
                yield record, wanted
                wanted = next(outcomes, None)
