"""The report of rows that did not become till operations: dirty rows, and cancelled lines that match no sale.

Knows a complete plan and the file it was made of. The file is read a second time, so that the plan need not keep what
each row looked like.
"""

import csv
from collections.abc import Iterator
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
ORDER BY row
"""
_Outcome = tuple[int, str, str, int | None]


def write_report(plan: Plan, path: Path) -> int:
    """Write the report as CSV: row, outcome (dirty or parked), reason, parked quantity, then the row's own columns.

    Either the whole report is there afterwards, or what was there before.

    Returns:
        How many rows it lists.

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
            for record, (row, outcome, reason, rest_milli) in _unused(plan, records):
                rest = "" if rest_milli is None else format_scaled(rest_milli, QUANTITY_SCALE)
                writer.writerow((row, outcome, reason, rest, *record.cells))
                count += 1
    except OSError as fault:
        raise ReportError(f"{path} cannot be written: {fault.strerror or fault}") from fault
    return count


def _unused(plan: Plan, records: RecordReader) -> Iterator[tuple[Record, _Outcome]]:
    """Both sides are in the order of rows, so one pass over each finds them all."""
    with reading(plan.staging) as connection:
        outcomes: Iterator[_Outcome] = connection.execute(_OUTCOMES)
        wanted = next(outcomes, None)
        for record in records:
            if wanted is None:
                return
            if record.row == wanted[0]:
                yield record, wanted
                wanted = next(outcomes, None)
