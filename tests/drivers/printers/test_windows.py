"""A printer of Windows, judged by a stand-in for python-escpos' class: a receipt is a job of the spooler's, a look is none."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.errors import PrinterUnavailable
from drivers.printers.condition import SILENT, UNREACHABLE
from drivers.printers.document import Document
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.transports import windows
from drivers.printers.transports.transport import FASTER_THAN_PAPER
from tests.drivers.printers.printing import HASTY, SENT, job


class Spooler:
    """As python-escpos' class: whatever is opened is a job, and goes to the printer when it is closed."""

    def __init__(self) -> None:
        self.printers: dict[str, object] = {"Slips": object()}
        self.jobs: list[bytes] = []
        self.printed: list[bytes] = []

    def open(self, job_name: str) -> None:
        assert job_name == "receipt"
        self.jobs.append(b"")

    def _raw(self, data: bytes) -> None:
        self.jobs[-1] += data

    def close(self) -> None:
        self.printed.append(self.jobs[-1])


@pytest.fixture
def spooler(monkeypatch: pytest.MonkeyPatch) -> Spooler:
    found = Spooler()

    def made(name: str, **settings: Any) -> Spooler:
        assert (name, settings) == ("Win32Raw", {"printer_name": "Slips"})
        return found

    monkeypatch.setattr(windows, "transport", made)
    return found


def test_a_receipt_is_one_job_and_looking_after_the_printer_leaves_none(spooler: Spooler, english: Document) -> None:
    printer = EscposPrinter(windows.WindowsPrinter(name="Slips"), keeps_open=True, patience=HASTY)
    printer.check()
    assert [printer.watch() for _ in range(3)] == [SILENT] * 3
    assert printer.print(english, "sale-1") == SENT
    assert printer.watch() == SILENT
    assert spooler.jobs == spooler.printed == [job(english, FASTER_THAN_PAPER)]


def test_a_job_that_the_book_stops_leaves_none(spooler: Spooler, english: Document) -> None:
    def stopped() -> None:
        raise RuntimeError("the disk is full")

    printer = EscposPrinter(windows.WindowsPrinter(name="Slips"), patience=HASTY)
    with pytest.raises(RuntimeError, match="the disk is full"):
        printer.print(english, "sale-1", stopped)
    assert spooler.jobs == []


def test_a_printer_that_windows_does_not_know_is_away(spooler: Spooler, english: Document) -> None:
    spooler.printers.clear()
    printer = EscposPrinter(windows.WindowsPrinter(name="Slips"), patience=HASTY)
    assert printer.watch() == UNREACHABLE
    with pytest.raises(PrinterUnavailable, match="no printer of this name"):
        printer.print(english, "sale-1")
    assert spooler.jobs == []
