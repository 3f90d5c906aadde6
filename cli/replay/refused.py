"""The list of what the till refused: which receipt it was, and the code that says why."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hq.history.operations import Operation, Sale
from hq.history.whole_file import whole_file

FILE = "refused.csv"
_COLUMNS = ("operation", "receipt", "kind", "local_time", "code")


@contextmanager
def refused_list(folder: Path) -> Iterator[Callable[[Operation, str], None]]:
    """Write `FILE` in ``folder``: give the function that takes each refused operation and its code, in order.

    The list is there when the block ends; a block that fails leaves an earlier one as it was.

    Raises:
        OSError: it cannot be written.
    """
    with whole_file(folder / FILE) as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)

        def add(operation: Operation, code: str) -> None:
            kind = type(operation).__name__.lower()
            receipt = operation.invoice if isinstance(operation, Sale) else operation.cancellation
            writer.writerow((operation.index, receipt, kind, operation.local_at.isoformat(), code))

        yield add


def read_refused(folder: Path) -> Iterator[tuple[int, str]]:
    """Give the operation and the code of everything that `FILE` in ``folder`` lists.

    Raises:
        OSError: it cannot be read.
    """
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield int(row["operation"]), row["code"]
