"""A printer whose settings cannot be used: it prints nothing, and says why each time, until somebody mends them."""

from collections.abc import Callable

from drivers.errors import PrinterConfig
from drivers.printers.condition import UNREACHABLE, PrinterCondition
from drivers.printers.document import Document
from drivers.printers.port import PrintOutcome, nothing


class UnusablePrinter:
    """A :class:`~drivers.printers.port.ReceiptPrinter` that stands for one that cannot be made.

    Args:
        fault: Names the printer, and says why.
    """

    def __init__(self, fault: PrinterConfig) -> None:
        self._fault = fault

    @property
    def name(self) -> str:
        """The configured name."""
        return self._fault.device

    @property
    def condition(self) -> PrinterCondition:
        """Nobody can reach it."""
        return UNREACHABLE

    @property
    def is_watched(self) -> bool:
        """There is nothing to look after."""
        return False

    def print(self, document: Document, job_id: str, begins: Callable[[], None] = nothing) -> PrintOutcome:
        """Print nothing.

        Raises:
            PrinterConfig: Always.
        """
        del document, job_id, begins
        raise self._fault.with_traceback(None)

    def check(self) -> None:
        """Say why it cannot be used.

        Raises:
            PrinterConfig: Always.
        """
        raise self._fault.with_traceback(None)

    def watch(self) -> PrinterCondition:
        """Nobody can reach it."""
        return UNREACHABLE

    def listen(self) -> PrinterCondition:
        """Nobody can reach it."""
        return UNREACHABLE

    def kick(self, pin: int, until: float) -> None:
        """Open no drawer.

        Raises:
            PrinterConfig: Always.
        """
        del pin, until
        raise self._fault.with_traceback(None)

    def pulse(self, pin: int) -> None:
        """Nothing is ever under way."""

    def broke_off(self) -> None:
        """Nothing was ever begun."""

    def close(self) -> None:
        """Nothing is open."""
