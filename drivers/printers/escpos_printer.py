"""An ESC/POS printer, printed on in dots.

The whole job is drawn and encoded first; a letter that cannot be drawn refuses it before the device is touched. The
device is opened for each job and released after it, so that the point of sale can use the same printer.
"""

import threading
from contextlib import suppress
from typing import Final

from drivers.errors import PrinterConfig, PrinterError, PrinterUnavailable, UnprintableCharacter
from drivers.printers.connections import Connection, ConnectionSettings, library_error
from drivers.printers.document import Document
from drivers.printers.encoders.escpos_raster import encode
from drivers.printers.layout import lay_out
from drivers.printers.port import PrintOutcome, PrintState, check_job_id
from drivers.printers.raster import MissingGlyph
from drivers.serial_ports import port_errors

_LIBRARY_ERRORS: Final = (ImportError, RuntimeError, AssertionError)
"""python-escpos asserts that its device is there, and raises RuntimeError for a missing package."""


class EscposPrinter:
    """A :class:`~drivers.printers.port.ReceiptPrinter` on a cable.

    It never claims more than ``SENT``: the bytes were taken, and whether there was paper is not known.

    Args:
        connection: How the printer is reached.
        columns: Paper width in cells: 48 on 80 mm (576 dots), 32 on 58 mm (384 dots).
        name: The name of the printer.
    """

    def __init__(self, connection: ConnectionSettings, *, columns: int = 48, name: str = "receipt printer") -> None:
        self._connection = connection
        self._columns = columns
        self._name = name
        self._one_job = threading.Lock()

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    def print(self, document: Document, job_id: str) -> PrintOutcome:
        """Draw, open, send, release.

        Returns:
            ``SENT``, or ``UNKNOWN`` if it broke off after the first picture had begun.

        Raises:
            UnprintableCharacter: A character has no glyph; the device was not touched.
            PrinterUnavailable: The printer could not be reached, or took nothing.
            PrinterConfig: It cannot work with these settings.
            ValueError: The job id is none (the caller's bug).
        """
        check_job_id(job_id)
        try:
            job = encode(lay_out(document, self._columns))
        except MissingGlyph as error:
            raise UnprintableCharacter(self._name, error.character) from error
        with self._one_job:
            return self._send(job, job_id)

    def check(self) -> None:
        """Open the device and release it.

        Raises:
            PrinterError: It does not open.
        """
        with self._one_job:
            self._release(self._open())

    def _send(self, job: tuple[bytes, ...], job_id: str) -> PrintOutcome:
        connection = self._open()
        initialize, *pictures = job
        try:
            connection.send(initialize)
        except _device_errors() as error:
            self._release(connection)
            raise PrinterUnavailable(self._name, f"the printer takes no bytes ({type(error).__name__})") from error
        try:
            for picture in pictures:
                connection.send(picture)
            connection.close()
        except _device_errors() as error:
            self._release(connection)
            detail = f"{self._name}: the connection broke while printing ({type(error).__name__})"
            return PrintOutcome(state=PrintState.UNKNOWN, job_id=job_id, detail=detail)
        return PrintOutcome(state=PrintState.SENT, job_id=job_id)

    def _open(self) -> Connection:
        try:
            return self._connection.open()
        except _device_errors() as error:
            raise self._translated(error) from error

    def _release(self, connection: Connection) -> None:
        with suppress(*_device_errors()):
            connection.close()

    def _translated(self, error: Exception) -> PrinterError:
        """The printer error for a device that did not open; python-escpos keeps the cause in ``__context__``."""
        cause = error
        if isinstance(error, library_error()) and isinstance(error.__context__, Exception):
            cause = error.__context__
        if isinstance(cause, ImportError | RuntimeError):
            return PrinterConfig(self._name, f"this kind of connection needs a package that is missing ({cause})")
        if isinstance(cause, PermissionError):
            return PrinterConfig(self._name, "this user may not open the printer")
        if isinstance(cause, OSError | AssertionError):
            return PrinterUnavailable(self._name, f"the printer cannot be reached ({_first_line(cause)})")
        return PrinterConfig(self._name, f"the printer does not open with these settings ({_first_line(cause)})")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _device_errors() -> tuple[type[Exception], ...]:
    """Everything that python-escpos, pyserial and the system raise for a device."""
    return (*port_errors(), *_LIBRARY_ERRORS, library_error())
