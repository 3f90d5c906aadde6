"""Every printer keeps the same promises."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import PrinterError, Unprintable, UnprintableCharacter
from drivers.printers.condition import SILENT
from drivers.printers.document import Barcode, Document, Line
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.port import PrintState, ReceiptPrinter
from drivers.printers.preview_printer import PreviewPrinter
from drivers.printers.symbology import Symbology
from drivers.printers.transports.library import transport


class DummyPrinter:
    """python-escpos' own printer in memory."""

    hears = False
    held = 0
    bytes_per_s = None

    def __init__(self) -> None:
        self.device: Any = transport("Dummy")

    def open(self) -> "DummyPrinter":
        return self

    def check(self) -> None:
        """It is always there."""

    def send(self, data: bytes, timeout_s: float) -> int:
        self.device._raw(data)
        return len(data)

    def receive(self, timeout_s: float) -> bytes:
        return b""

    def finish(self, timeout_s: float) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


Made = tuple[ReceiptPrinter, Callable[[], bool]]


@pytest.fixture(params=["preview", "escpos"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    """A printer, and whether anything has come out of it."""
    if request.param == "preview":
        return PreviewPrinter(tmp_path / "receipts", name="till printer"), lambda: any(tmp_path.rglob("*.*"))
    dummy = DummyPrinter()
    return EscposPrinter(dummy, name="till printer"), lambda: bool(dummy.device.output)


def test_a_document_is_printed_in_every_language(made: Made, document: Document) -> None:
    printer, has_printed = made
    outcome = printer.print(document, "sale-000042")
    assert outcome.job_id == "sale-000042"
    assert outcome.state in {PrintState.SENT, PrintState.CONFIRMED}
    assert outcome.detail == ""
    assert has_printed()


def test_a_letter_that_cannot_be_printed_refuses_the_job_and_is_named(made: Made) -> None:
    printer, has_printed = made
    with pytest.raises(
        UnprintableCharacter, match=r"till printer: cannot print the character '寿' \(U\+5BFF\)"
    ) as caught:
        printer.print(Document(blocks=(Line(text="fine"), Line(text="寿司")), language="en"), "sale-1")
    assert (caught.value.character, caught.value.transient) == ("寿", False)
    assert isinstance(caught.value, PrinterError)
    assert not has_printed()


def test_a_code_that_is_wider_than_the_paper_refuses_the_job(made: Made) -> None:
    printer, has_printed = made
    code = Barcode(symbology=Symbology.CODE_128, data="x" * 60)
    with pytest.raises(Unprintable, match="till printer: a bar code does not fit on 576 dots; nothing was sent"):
        printer.print(Document(blocks=(Line(text="fine"), code), language="en"), "sale-1")
    assert not has_printed()


@pytest.mark.parametrize("job_id", ["", "../x", "a/b", "a b", "x" * 81, ".hidden", "чек", "CON", "nul.1"])
def test_a_job_id_that_is_none_is_refused(made: Made, english: Document, job_id: str) -> None:
    printer, has_printed = made
    with pytest.raises(ValueError, match="job id"):
        printer.print(english, job_id)
    assert not has_printed()


def test_a_check_prints_nothing(made: Made) -> None:
    printer, has_printed = made
    printer.check()
    assert not has_printed()


def test_it_has_the_name_that_was_configured(made: Made) -> None:
    assert made[0].name == "till printer"


def test_looking_after_it_prints_nothing_and_its_condition_is_what_was_seen(made: Made) -> None:
    printer, has_printed = made
    assert printer.watch() == printer.listen() == printer.condition == SILENT
    printer.pulse(2)
    printer.close()
    printer.close()
    assert not has_printed()


def test_what_stops_a_job_at_its_beginning_leaves_nothing_on_paper(made: Made, english: Document) -> None:
    printer, has_printed = made

    class NotNow(Exception):
        """The book is full."""

    def begins() -> None:
        assert not has_printed()
        raise NotNow

    with pytest.raises(NotNow):
        printer.print(english, "sale-1", begins)
    assert not has_printed()
    assert printer.print(english, "sale-1").state in {PrintState.SENT, PrintState.CONFIRMED}
