"""Receipts for a host that prints itself, as rows, text or a picture; and reprints."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies, shapes
from agent.api.fields import BadField
from agent.api.reading import read_json
from agent.api.services import Services
from agent.book import journal, print_jobs
from agent.book.print_jobs import JobState
from agent.print_worker import print_again
from agent.receipts.finding import receipt_of, receipt_of_entry
from drivers.printers.document import Document
from drivers.printers.layout import MAX_COLUMNS, MIN_COLUMNS, CutMark, Page, Row, lay_out
from drivers.printers.text_preview import preview_text

DEFAULT_WIDTH = 48
_SUFFIXES = {".png": "image/png", ".txt": "text/plain"}
_NO_RECEIPT = "no entry of this till with a receipt has this id"


class Paper:
    """Sends receipts and has them printed again."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._context = services.till.context

    async def receipt(self, request: Request) -> Response:
        """One receipt; ``.png`` or ``.txt`` behind the entry, or the header Accept, say how."""
        entry, kind = _asked(request)
        width = _width(request.query_params.get("width"))
        copy = request.query_params.get("copy", "") == "1"
        return await run_in_threadpool(self._receipt, entry, kind, width, copy)

    async def reprint(self, request: Request) -> Response:
        """Print a receipt again, marked as a copy; where the host prints, answer its rows."""
        entry, width = shapes.REPRINT.read(await read_json(request))
        return await run_in_threadpool(self._reprint, _entry_id(entry), width)

    async def printed(self, request: Request) -> Response:
        """A person saw that a receipt is printed, or gave up on it: it is no longer asked about."""
        entry = shapes.PRINTED.read(await read_json(request))
        return await run_in_threadpool(self._printed, _entry_id(entry))

    def _receipt(self, entry: bytes, kind: str, width: int, copy: bool) -> Response:
        document = receipt_of_entry(self._context, entry, copy=copy)
        if document is None:
            return replies.error(404, "no_receipt", _NO_RECEIPT)
        page = lay_out(document, width)
        if kind == "image/png":
            return _picture(page)
        if kind == "text/plain":
            return Response(preview_text(page), media_type=kind)
        return replies.told(_rows(entry, document, page))

    def _reprint(self, entry: bytes, width: int) -> Response:
        with self._context.book.read() as connection:
            stored = journal.by_id(connection, entry)
        document = receipt_of(self._context, stored, copy=True) if stored is not None else None
        if stored is None or document is None:
            return replies.error(404, "no_receipt", _NO_RECEIPT)
        if self._context.config.receipt_printer is None:
            return replies.told(_rows(entry, document, lay_out(document, _even(width))))
        print_again(self._context, stored.sequence)
        self._services.changed()
        return replies.told({"entry": entry.hex(), "queued": True})

    def _printed(self, entry: bytes) -> Response:
        with self._context.book.write() as writing:
            stored = journal.by_id(writing.connection, entry)
            if stored is None or stored.receipt_number is None:
                return replies.error(404, "no_receipt", _NO_RECEIPT)
            state = print_jobs.settle(writing.connection, stored.sequence)
        if state not in {None, JobState.SENT, JobState.CONFIRMED}:
            return replies.error(409, "not_printed_yet", f"the receipt is {state}")
        return replies.told({"entry": entry.hex(), "printed": True})


def _asked(request: Request) -> tuple[bytes, str]:
    entry, accept = request.path_params["entry"], request.headers.get("accept", "")
    for suffix, kind in _SUFFIXES.items():
        if entry.endswith(suffix):
            return _entry_id(entry.removesuffix(suffix)), kind
    wanted = accept.partition(",")[0].partition(";")[0].strip()
    return _entry_id(entry), wanted if wanted in _SUFFIXES.values() else replies.JSON


def _entry_id(entry: str) -> bytes:
    try:
        return bytes.fromhex(entry)
    except ValueError:
        raise BadField("entry", "expected an entry id in hex") from None


def _width(given: str | None) -> int:
    if given is None:
        return DEFAULT_WIDTH
    if not (given.isascii() and given.isdigit() and len(given) <= 3):
        raise BadField("width", "expected a number of columns")
    return _even(int(given))


def _even(width: int) -> int:
    if width % 2 or not MIN_COLUMNS <= width <= MAX_COLUMNS:
        raise BadField("width", f"expected an even number from {MIN_COLUMNS} to {MAX_COLUMNS}")
    return width


def _rows(entry: bytes, document: Document, page: Page) -> dict[str, Any]:
    rows = [_row(row) for row in page.rows if isinstance(row, Row | CutMark)]
    return {"entry": entry.hex(), "language": document.language, "width": page.columns, "rows": rows}


def _row(row: Row | CutMark) -> dict[str, Any]:
    if isinstance(row, CutMark):
        return {"cut": True}
    return {"text": row.text, "align": row.align.value, "style": row.style.value}


def _picture(page: Page) -> Response:
    from drivers.printers.picture import png
    from drivers.printers.raster import MissingGlyph, draw

    try:
        return Response(png(draw(page), margin_bytes=2), media_type="image/png")
    except MissingGlyph as fault:
        return replies.error(422, "unprintable", str(fault))
