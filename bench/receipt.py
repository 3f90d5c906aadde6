"""A receipt of 40 lines, from the stored entry to the printer's bytes as a raster.

    python -m bench.receipt [--receipts 200] [--rounds 5] [--json]

The receipt is composed from the journal's entry (the explanation of its points computed again), laid out for paper of
80 mm and drawn. Against it, in turns: the same as plain text in UTF-8, which leaves out the drawing alone.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.receipts.finding import receipt_of_sequence
from agent.till.till import Till
from bench.measuring import Benchmark, Ratio, Report, Series, timed
from bench.shop import open_till, sale
from drivers.printers.document import Document
from drivers.printers.encoders.escpos_raster import encode
from drivers.printers.layout import Row, lay_out

LINES, COLUMNS = 40, 48
BUDGET_MS = 5.0
_ABOUT = "receipt of a 40-line sale, from the stored entry to raster bytes for 80 mm, against its text in UTF-8"


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Sell, then print every receipt in turns with its baseline."""
    with open_till(folder) as till:
        for number in range(given.receipts):
            till.commit(sale(number, LINES))
        sequences = _receipts(till, given.receipts)
        first_ns = timed(lambda: _raster(till, sequences[0]))  # fills the caches of glyphs
        rounds = [[_turn(till, sequence) for sequence in sequences] for _ in range(given.rounds)]
        size = sum(map(len, _raster(till, sequences[0])))
    raster = [Series(ns=tuple(ns for ns, _ in one)) for one in rounds]
    text = [Series(ns=tuple(ns for _, ns in one)) for one in rounds]
    ratios = {
        "time, share of the budget of 5 ms": Ratio(
            values=tuple(one.median_ns / 1e6 / BUDGET_MS for one in raster), most=1.0
        ),
        "time against plain text": Ratio(
            values=tuple(one.median_ns / bare.median_ns for one, bare in zip(raster, text, strict=True))
        ),
    }
    recorded = {
        "raster": Series(ns=tuple(ns for one in raster for ns in one.ns)).in_ms(),
        "plain text": Series(ns=tuple(ns for one in text for ns in one.ns)).in_ms(),
        "the first receipt of the process, ms": round(first_ns / 1e6, 3),
        "bytes of a job": size,
    }
    return Report(name="receipt", about=_ABOUT, folder=folder, ratios=ratios, recorded=recorded)


def _receipts(till: Till, receipts: int) -> list[int]:
    """Give the journal's sequences that have a receipt; enrolments have none."""
    last = till.context.book.head.sequence
    found = [number for number in range(1, last + 1) if receipt_of_sequence(till.context, number, copy=False)]
    assert len(found) == receipts
    return found


def _turn(till: Till, sequence: int) -> tuple[int, int]:
    return timed(lambda: _raster(till, sequence)), timed(lambda: _text(till, sequence))


def _raster(till: Till, sequence: int) -> tuple[bytes, ...]:
    return encode(lay_out(_document(till, sequence), COLUMNS))


def _document(till: Till, sequence: int) -> Document:
    document = receipt_of_sequence(till.context, sequence, copy=False)
    assert document is not None
    return document


def _text(till: Till, sequence: int) -> bytes:
    page = lay_out(_document(till, sequence), COLUMNS)
    return "\n".join(row.text for row in page.rows if isinstance(row, Row)).encode()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--receipts", type=int, default=200, help="receipts of each round (default 200)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
