"""A receipt file as records of cells, streaming: gzip by its magic bytes, text, then CSV.

Knows bytes, lines and cells, and refuses to know what a cell means. Memory does not grow with the file. A stray quote
costs one row: a record that cannot be read gives up its first line and reading goes on at the next one, so that a
quote never swallows the rows behind it.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self, TextIO

from hq.history.errors import ReceiptFileError
from hq.history.mapping import FileFormat
from hq.history.reasons import DirtyReason

MAX_LINE_CHARS = 1 << 20
MAX_RECORD_LINES = 50
"""Most physical lines of one record; a quoted cell may hold line ends, but not a whole file."""
_GZIP_MAGIC = b"\x1f\x8b"
_FOREIGN = {
    b"PK\x03\x04": "a ZIP or XLSX file; expected CSV text, or CSV text packed with gzip",
    b"\xd0\xcf\x11\xe0": "an XLS file; expected CSV text, or CSV text packed with gzip",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UNDECODED = re.compile("[\ud800-\udfff]")


class Record(NamedTuple):
    """One record.

    Attributes:
        row: The physical line it begins on; the header is line 1.
        cells: As written; where ``fault`` is set, what there is to show.
        fault: What kept the record from being read, or None.
    """

    row: int
    cells: list[str]
    fault: DirtyReason | None


class _RecordTooLong(Exception):
    """More physical lines in one record than a record may have."""


class _Lines:
    """Physical lines for the CSV reader, which can be taken back."""

    def __init__(self, text: TextIO, path: Path, marks: tuple[str, ...]) -> None:
        self._text = text
        self._marks = marks
        self._path = path
        self._returned: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES:
            raise _RecordTooLong
        line = self._returned.popleft() if self._returned else self._text.readline(MAX_LINE_CHARS)
        if not line:
            raise StopIteration
        if len(line) >= MAX_LINE_CHARS:
            raise ReceiptFileError(
                self._path, self.number + 1, f"expected lines of less than {MAX_LINE_CHARS} characters"
            )
        for mark in self._marks if not self.number else ():
            line = line.removeprefix(mark)
        self.taken.append(line)
        self.number += 1
        return line

    def keep_only_first(self) -> str:
        """Give back all lines of this record but the first one."""
        first, *rest = self.taken
        self._returned.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


class RecordReader:
    """A receipt file, open at its first data row. Close it, or use it as a context.

    Attributes:
        path: The file.
        header: The names of the columns, without spaces around them.
    """

    def __init__(self, path: Path, form: FileFormat) -> None:
        """Open ``path`` and read its header.

        Raises:
            ReceiptFileError: it is missing, of another kind, empty, or its header cannot be read.
        """
        self.path = path
        self._raw = _open(path)
        try:
            self._lines = _Lines(_text_of(self._raw, path, form), path, _marks(form.encoding))
            self._csv = csv.reader(self._lines, delimiter=form.delimiter, strict=True)
            self.header = self._read_header(form)
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def __iter__(self) -> Iterator[Record]:
        """Every record after the header, in the file's order.

        Raises:
            ReceiptFileError: the file is cut off or cannot be read further; names the line.
        """
        while (record := self._next()) is not None:
            yield record

    def _read_header(self, form: FileFormat) -> tuple[str, ...]:
        record = self._next()
        if record is None:
            raise ReceiptFileError(self.path, None, "is empty; expected a header with the names of the columns")
        if record.fault is not None:
            raise ReceiptFileError(self.path, 1, f"expected a header in {form.encoding}, found {record.fault}")
        header = tuple(cell.strip() for cell in record.cells)
        for place, name in enumerate(header, start=1):
            if name and (first := header.index(name) + 1) < place:
                raise ReceiptFileError(
                    self.path, 1, f"has the name of column {first}; expected one of its own", column=f"{place}"
                )
        return header

    def _next(self) -> Record | None:
        lines = self._lines
        lines.taken.clear()
        row = lines.number + 1
        try:
            cells = next(self._csv)
        except StopIteration:
            return None
        except (csv.Error, _RecordTooLong):
            return _malformed(row, lines.keep_only_first())
        except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
            raise ReceiptFileError(
                self.path, row, "the gzip data ends or breaks here; expected a whole file"
            ) from fault
        except UnicodeError as fault:
            raise ReceiptFileError(self.path, row, "is no text in the encoding of the mapping") from fault
        except OSError as fault:
            raise ReceiptFileError(self.path, row, f"cannot be read further: {fault.strerror or fault}") from fault
        if not cells:
            return Record(row, cells, DirtyReason.EMPTY_ROW)
        if any(not line.isascii() and _UNDECODED.search(line) for line in lines.taken):
            return Record(row, [_shown(cell) for cell in cells], DirtyReason.BAD_ENCODING)
        return Record(row, cells, None)


def _malformed(row: int, line: str) -> Record:
    fault = DirtyReason.BAD_ENCODING if _UNDECODED.search(line) else DirtyReason.MALFORMED_ROW
    return Record(row, [_shown(line.rstrip("\r\n"))], fault)


def _shown(text: str) -> str:
    """Text that can be written again: what was not decoded stands as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as fault:
        raise ReceiptFileError(
            path, None, f"cannot be opened: {fault.strerror or fault}; expected a CSV file"
        ) from fault


def _text_of(raw: BinaryIO, path: Path, form: FileFormat) -> TextIO:
    start = raw.read(4)
    raw.seek(0)
    for magic, kind in _FOREIGN.items():
        if start.startswith(magic):
            raise ReceiptFileError(path, None, f"is {kind}")
    if start.startswith(_UTF16_MARKS) and not form.encoding.lower().startswith("utf-16"):
        raise ReceiptFileError(path, 1, f"is text in utf-16; expected {form.encoding}, as the mapping says")
    # No further buffer: it would lose what comes just before the place where a cut-off file breaks.
    data = gzip.GzipFile(fileobj=raw) if start.startswith(_GZIP_MAGIC) else raw
    return io.TextIOWrapper(data, encoding=form.encoding, errors="surrogateescape", newline="")


def _marks(encoding: str) -> tuple[str, ...]:
    """What a byte order mark may look like in ``encoding``: as such, and UTF-8's read as something else."""
    with suppress(UnicodeError):
        return ("\ufeff", codecs.BOM_UTF8.decode(encoding, "surrogateescape"))
    return ("\ufeff",)
