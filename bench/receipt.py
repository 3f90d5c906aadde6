"""Receipts to the printer's bytes, by every way, and python-escpos doing the nearest thing in the same turns.

    python -m bench.receipt [--receipts 200] [--rounds 5] [--json]

Two receipts of 40 rows are laid out and encoded: a Russian one in the printer's own letters, a Kazakh one as pictures and
with small pictures among the letters. Against the first, python-escpos' text() of the same rows; against the second, its
image() of the same dots, which leaves out the drawing. And a whole receipt of a 40-line sale, from the journal's entry (the
explanation of its points computed again) to pictures, against the same as plain text. Processor time.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.receipts.finding import receipt_of_sequence
from agent.till.till import Till
from bench.measuring import Benchmark, Ratio, Report, Series
from bench.shop import open_till, sale
from bench.slips import COLUMNS, kazakh, russian
from drivers.printers.document import Document
from drivers.printers.encoders.choose import encode
from drivers.printers.layout import Page, Row, lay_out
from drivers.printers.profiles.listing import load
from drivers.printers.raster import draw
from drivers.printers.transports.library import load_transport

LINES = 40
NATIVE_MS, RASTER_MS, KAZAKH_BYTES = 3.0, 5.0, 5000
SERIAL, LAN = 960, 500_000
"""Bytes a second of 9600 baud, and of a cable that is no limit."""
_ABOUT = "receipts to a printer's bytes, by each way, against python-escpos and against plain text"


def measure(given: argparse.Namespace, folder: Path) -> Report:
    """Take everything in turns, once for each receipt of each round."""
    with open_till(folder) as till:
        for number in range(given.receipts):
            till.commit(sale(number, LINES))
        sequences = _receipts(till, given.receipts)
        theirs = _Theirs()
        acts = _acts(till, theirs)
        first_ns = {name: _processor(act, sequences[0]) for name, act in acts.items()}
        taken = [
            {name: [_processor(act, sequence) for sequence in sequences] for name, act in acts.items()}
            for _ in range(given.rounds)
        ]
    medians = [{name: statistics.median(ns) / 1e6 for name, ns in one.items()} for one in taken]
    size = _size(kazakh(), "cp866-80mm", SERIAL)
    recorded: dict[str, object] = {
        name: Series(ns=tuple(ns for one in taken for ns in one[name])).in_ms() for name in acts
    }
    recorded["the first receipt of the process, ms"] = round(first_ns["pictures"] / 1e6, 3)
    recorded["bytes"] = {
        "Russian, page 866": _size(russian(), "cp866-80mm", SERIAL),
        "Kazakh, page 866 and small pictures": size,
        "Kazakh, ASCII and rows as pictures": _size(kazakh(), "unknown", SERIAL),
        "Kazakh, one look": _size(kazakh(), "cp866-80mm", LAN),
        "python-escpos text(), Kazakh, letters lost": len(theirs.text(lay_out(kazakh(), COLUMNS))),
        "python-escpos image(), Kazakh": len(theirs.image(lay_out(kazakh(), COLUMNS))),
    }
    return Report(name="receipt", about=_ABOUT, folder=folder, ratios=_ratios(medians, size), recorded=recorded)


def _ratios(medians: Sequence[dict[str, float]], size: int) -> dict[str, Ratio]:
    def each(value: Callable[[dict[str, float]], float], most: float | None = None) -> Ratio:
        return Ratio(values=tuple(value(one) for one in medians), most=most)

    return {
        "native, share of the budget of 3 ms": each(lambda one: one["native"] / NATIVE_MS, 1.0),
        "pictures, share of the budget of 5 ms": each(lambda one: one["pictures"] / RASTER_MS, 1.0),
        "small pictures, share of the budget of 3 ms": each(lambda one: one["small pictures"] / NATIVE_MS, 1.0),
        "Kazakh on page 866, share of the budget of 5 kB": each(lambda _: size / KAZAKH_BYTES, 1.0),
        "from the entry to pictures, share of the budget of 5 ms": each(lambda one: one["entry"] / RASTER_MS, 1.0),
        "native against python-escpos text()": each(lambda one: one["native"] / one["python-escpos text()"]),
        "pictures against python-escpos image()": each(lambda one: one["pictures"] / one["python-escpos image()"]),
        "from the entry to pictures against plain text": each(lambda one: one["entry"] / one["plain text"]),
    }


def _acts(till: Till, theirs: "_Theirs") -> dict[str, Callable[[int], object]]:
    """What is measured, by name; the argument is the journal's sequence of a receipt."""
    in_russian, in_kazakh = russian(), kazakh()
    page = lay_out(in_russian, COLUMNS)
    pictures = lay_out(in_kazakh, COLUMNS)
    return {
        "native": lambda _: _encoded(in_russian, "cp866-80mm", SERIAL),
        "small pictures": lambda _: _encoded(in_kazakh, "cp866-80mm", SERIAL),
        "pictures": lambda _: _encoded(in_kazakh, "unknown", LAN),
        "python-escpos text()": lambda _: theirs.text(page),
        "python-escpos image()": lambda _: theirs.image(pictures),
        "entry": lambda at: _encoded(_document(till, at), "unknown", LAN),
        "plain text": lambda at: _text(_document(till, at)),
    }


class _Theirs:
    """python-escpos on paper of the same width, with a profile that has page 866."""

    def __init__(self) -> None:
        load_transport("Network")  # imports the package without what its import leaves behind
        from escpos.printer import Dummy

        self._dummy: Any = Dummy(profile="TM-T20II")

    def text(self, page: Page) -> bytes:
        """The rows as text, padded as they stand."""
        self._dummy.clear()
        for row in page.rows:
            if isinstance(row, Row):
                self._dummy.text(row.text + "\n")
        return bytes(self._dummy.output)

    def image(self, page: Page) -> bytes:
        """The dots of the page, as a picture that is drawn already."""
        from PIL import Image

        raster = draw(page)
        size = (raster.width_dots, raster.height_dots)
        picture = Image.frombytes("1", size, bytes(255 - byte for byte in raster.data))
        self._dummy.clear()
        self._dummy.image(picture)
        return bytes(self._dummy.output)


def _receipts(till: Till, receipts: int) -> list[int]:
    """Give the journal's sequences that have a receipt; enrolments have none."""
    last = till.context.book.head.sequence
    found = [number for number in range(1, last + 1) if receipt_of_sequence(till.context, number, copy=False)]
    assert len(found) == receipts
    return found


def _processor(act: Callable[[int], object], sequence: int) -> int:
    begun = time.process_time_ns()
    act(sequence)
    return time.process_time_ns() - begun


def _encoded(document: Document, profile: str, bytes_per_s: int) -> tuple[bytes, ...]:
    return encode(lay_out(document, COLUMNS), load(profile), bytes_per_s=bytes_per_s)


def _size(document: Document, profile: str, bytes_per_s: int) -> int:
    return sum(map(len, _encoded(document, profile, bytes_per_s)))


def _document(till: Till, sequence: int) -> Document:
    document = receipt_of_sequence(till.context, sequence, copy=False)
    assert document is not None
    return document


def _text(document: Document) -> bytes:
    page = lay_out(document, COLUMNS)
    return "\n".join(row.text for row in page.rows if isinstance(row, Row)).encode()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line."""
    benchmark = Benchmark(_ABOUT, measure)
    benchmark.parser.add_argument("--receipts", type=int, default=200, help="receipts of each round (default 200)")
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
