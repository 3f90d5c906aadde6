"""What stops the reading or planning of past receipts.

A problem with one row is no error: it is a `DirtyRow` with a reason. A mapping that cannot be used raises
`loyalty.reading.problems.BadFile`, as every file that a person writes. No error here carries a cell's content, so
a card number in a receipt file cannot reach a log through one.
"""

from pathlib import Path


class HistoryError(Exception):
    """Base of this package's failures; the message is one clear sentence."""

    transient = False


class ReceiptFileError(HistoryError):
    """A receipt file cannot be read: it is missing, cut off, of another kind, or lacks columns.

    Attributes:
        file: The file as it was named.
        line: Physical line from 1 at which reading stopped, or None where no line was reached.
        column: The column concerned, or empty.
        expected: What was expected and what was found.
    """

    def __init__(self, file: Path, line: int | None, expected: str, *, column: str = "") -> None:
        place = f"{file}" if line is None else f"{file}:{line}"
        super().__init__(f"{place}: column {column}: {expected}" if column else f"{place}: {expected}")
        self.file, self.line, self.column, self.expected = file, line, column, expected


class StagingError(HistoryError):
    """The work directory cannot hold the plan: it is full, read-only, or holds something else by that name."""


class StagingBusyError(StagingError):
    """Another run is planning the same file in the same work directory; later it will be free."""

    transient = True


class ReportError(HistoryError):
    """The report of unused rows cannot be written."""
