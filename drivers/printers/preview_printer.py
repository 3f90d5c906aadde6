"""A printer without paper: every receipt becomes a text file and a picture in a folder.

Used by the demo, by tests and by shops whose receipts the point of sale prints. The picture is the same dots that go to
a real printer, and what a real printer cannot print is refused here too.
"""

import errno
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from drivers.errors import PrinterConfig, PrinterError, PrinterUnavailable, Unprintable, UnprintableCharacter
from drivers.printers.condition import SILENT, PrinterCondition
from drivers.printers.document import Document
from drivers.printers.graphics import CannotPrint
from drivers.printers.layout import Page, lay_out
from drivers.printers.picture import png
from drivers.printers.port import PrintOutcome, PrintState, check_job_id, nothing
from drivers.printers.raster import MissingGlyph, OtherScripts, draw
from drivers.printers.text_preview import preview_text

_MARGIN_BYTES: Final = 2
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class PreviewPrinter:
    """A :class:`~drivers.printers.port.ReceiptPrinter` that writes ``JOB.txt`` and ``JOB.png``.

    Both files of a job appear whole or not at all; a job printed again replaces its files. Nothing is ever deleted: a
    caller that prints for months empties the folder itself.

    Args:
        folder: Where the files go; made if it is not there.
        columns: Paper width in cells, 48 or 32.
        name: The name of the printer.
        other: What draws the letters that the atlas lacks.
    """

    def __init__(
        self, folder: Path, *, columns: int = 48, name: str = "preview printer", other: OtherScripts | None = None
    ) -> None:
        self._folder = folder
        self._columns = columns
        self._name = name
        self._other = other
        self._one_job = threading.Lock()

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    @property
    def condition(self) -> PrinterCondition:
        """A folder says nothing of itself."""
        return SILENT

    @property
    def is_watched(self) -> bool:
        """Nothing happens to it between jobs."""
        return False

    def text_path(self, job_id: str) -> Path:
        """Where the text of a job is, or would be."""
        return self._folder / f"{job_id}.txt"

    def picture_path(self, job_id: str) -> Path:
        """Where the picture of a job is, or would be."""
        return self._folder / f"{job_id}.png"

    def print(self, document: Document, job_id: str, begins: Callable[[], None] = nothing) -> PrintOutcome:
        """Write both files; the files are the paper, so the outcome is confirmed.

        Raises:
            Unprintable: A character has no glyph, or a code or a picture no room.
            PrinterUnavailable: The disk is full, or a file is in use by another program.
            PrinterConfig: The folder cannot be written.
            ValueError: The job id is none (the caller's bug).
        """
        check_job_id(job_id)
        page = lay_out(document, self._columns)
        picture = self._picture(page)
        files = {self.text_path(job_id): preview_text(page).encode(), self.picture_path(job_id): picture}
        with self._one_job:
            begins()
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                _write_all(files)
            except OSError as error:
                raise self._translated(error) from error
        return PrintOutcome(state=PrintState.CONFIRMED, job_id=job_id)

    def check(self) -> None:
        """Write and remove an empty file.

        Raises:
            PrinterError: As :meth:`print` would raise for the folder.
        """
        probe = self._folder / ".check"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise self._translated(error) from error

    def watch(self) -> PrinterCondition:
        """A folder says nothing of itself."""
        return SILENT

    def listen(self) -> PrinterCondition:
        """A folder says nothing of itself."""
        return SILENT

    def kick(self, pin: int, until: float) -> None:
        """There is no drawer.

        Raises:
            PrinterConfig: Always.
        """
        del until
        raise PrinterConfig(self._name, f"a folder has no cash drawer on pin {pin}")

    def pulse(self, pin: int) -> None:
        """There is no drawer, and :meth:`print` never waits."""

    def broke_off(self) -> None:
        """Files are whole or not there."""

    def close(self) -> None:
        """Nothing is open."""

    def _picture(self, page: Page) -> bytes:
        try:
            return png(draw(page, self._other), margin_bytes=_MARGIN_BYTES)
        except MissingGlyph as error:
            raise UnprintableCharacter(self._name, error.character) from error
        except CannotPrint as error:
            raise Unprintable(self._name, f"{error}; nothing was sent") from error

    def _translated(self, error: OSError) -> PrinterError:
        if error.errno in _FULL:
            return PrinterUnavailable(self._name, f"the disk of {self._folder} is full")
        if error.errno == errno.EROFS:
            return PrinterConfig(self._name, f"{self._folder} is on a disk that cannot be written")
        if isinstance(error, NotADirectoryError | FileExistsError):
            return PrinterConfig(self._name, f"{self._folder} is not a folder")
        if isinstance(error, PermissionError):
            return PrinterConfig(self._name, f"this user may not write into {self._folder}")
        return PrinterUnavailable(self._name, f"cannot write into {self._folder} ({error.strerror or error})")


def _write_all(files: dict[Path, bytes]) -> None:
    """Write every file beside its place first, then move them into place."""
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in files}
    try:
        for path, data in files.items():
            parts[path].write_bytes(data)
        for path, part in parts.items():
            part.replace(path)
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
