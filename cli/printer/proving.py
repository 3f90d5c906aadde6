"""The end of a calibration: the built-in test page by the new profile, and whether everything on it is right."""

from dataclasses import dataclass
from datetime import datetime

from agent.config.printers import PrinterConfig
from agent.config.receipts import ReceiptLanguage
from agent.config.values import TillConfig
from agent.printers import transport_of
from agent.receipts.printer_page import printer_page
from agent.receipts.render import templates_in
from agent.receipts.speech import speech
from cli.failures import FAILED
from cli.printer.questions import Questions
from drivers.errors import PrinterError
from drivers.printers.document import Document
from drivers.printers.escpos_printer import EscposPrinter
from drivers.printers.profiles.profile import PrinterProfile
from drivers.printers.transports.transport import Transport, TransportSettings

_QUESTION = "Is everything right on the long page: every letter, the rulers, the codes, nothing lost?"
_ADVICE = 'do not print with it yet; docs/PRINTERS.md, "Calibrating", says what to do about what is wrong'


def prove(config: TillConfig, printer: PrinterConfig, profile: PrinterProfile, asked: Questions) -> int:
    """Print the page and ask about it; gives the command's exit status.

    Args:
        config: Of the till, whose language the page speaks.
        printer: The one that was calibrated.
        profile: What came of it.
        asked: Has the answer ``right``.
    """
    made = EscposPrinter(_RowByRow(transport_of(printer)), profile, name=printer.name)
    try:
        made.print(_page(config, profile), "test-page")
    except PrinterError as fault:
        print(f"the test page was not printed: {fault}")
        return FAILED
    finally:
        made.close()
    if asked.yes("right", _QUESTION):
        return 0
    print(_ADVICE)
    return FAILED


@dataclass(frozen=True, slots=True)
class _RowByRow:
    """A way whose speed nobody knows: each row goes the way of its own, so that the printer's letters are seen, too."""

    way: TransportSettings
    bytes_per_s: None = None

    def open(self) -> Transport:
        """Open the printer."""
        return self.way.open()

    def check(self) -> None:
        """Find out whether it would open."""
        self.way.check()


def _page(config: TillConfig, profile: PrinterProfile) -> Document:
    at = datetime.now(config.store.zone)
    page = printer_page(profile, profile.page_columns, shop=config.store.name, till=config.name, at=at)
    words = speech(page.currency, None, config.store.language, ReceiptLanguage.STORE)
    return templates_in(None).document("test", page, words, profile.page_columns)
