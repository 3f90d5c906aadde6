"""Receipts for a host that prints itself, as rows, text or a picture; and reprints."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies, shapes
from agent.api.fields import BadField, Day
from agent.api.reading import read_json
from agent.api.rows import even, host_paper, rows_of, template_of
from agent.api.services import Services
from agent.book import journal, print_jobs
from agent.book.print_jobs import JobState
from agent.config.receipts import OwnPaper
from agent.receipts.finding import has_coupons_alone, has_receipt, queue_shift_report, receipt_of_entry, shift_report
from agent.receipts.font import font_of
from agent.receipts.shift import Asked
from agent.till.papers import print_again
from drivers.printers.document import Document
from drivers.printers.layout import Page, lay_out
from drivers.printers.text_preview import preview_text
from loyalty.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from drivers.printers.host_rows import HostPaper

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
        paper = host_paper(request.query_params, self._context.config)
        copy = request.query_params.get("copy", "") == "1"
        template = template_of(request.query_params, "template", "slip")
        return await run_in_threadpool(self._receipt, entry, kind, paper, copy, template)

    async def shift(self, request: Request) -> Response:
        """What this till did on a business date, or in a shift of it; the header Accept says how."""
        paper = host_paper(request.query_params, self._context.config)
        asked = Asked(day=self._day(request.query_params.get("date")), name=request.query_params.get("shift", ""))
        return await run_in_threadpool(self._shift, asked, _kind(request), paper)

    async def print_shift(self, request: Request) -> Response:
        """Print what this till did in a shift; where the host prints, answer its rows."""
        day, name = shapes.SHIFT.read(await read_json(request))
        if self._context.holds_track(name):
            return replies.refused(self._context, Refusal(code=RefusalCode.PAYMENT_CARD, field="shift"))
        paper = host_paper(request.query_params, self._context.config)
        return await run_in_threadpool(self._print_shift, Asked(day=day or self._day(None), name=name), paper)

    async def reprint(self, request: Request) -> Response:
        """Print again what was printed of an entry, marked as copies; where the host prints, answer its rows."""
        entry, width, template = shapes.REPRINT.read(await read_json(request))
        paper = replace(host_paper(request.query_params, self._context.config), columns=even(width))
        return await run_in_threadpool(self._reprint, _entry_id(entry), paper, template)

    async def printed(self, request: Request) -> Response:
        """A person saw that papers are printed, or gave up on them: they are no longer asked about."""
        entry = shapes.PRINTED.read(await read_json(request))
        if entry is None:
            return await run_in_threadpool(self._reports_printed)
        return await run_in_threadpool(self._printed, _entry_id(entry))

    @property
    def _font(self) -> Path | None:
        return self._context.config.receipts.font

    def _day(self, given: str | None) -> date:
        if given is None:
            return self._context.clock().astimezone(self._context.config.store.zone).date()
        return Day().read(given, "date")

    def _shift(self, asked: Asked, kind: str, paper: "HostPaper") -> Response:
        return _answer(shift_report(self._context, asked, paper.columns), kind, paper, self._font, {})

    def _print_shift(self, asked: Asked, paper: "HostPaper") -> Response:
        if self._context.config.receipt_printer is None:
            return self._shift(asked, replies.JSON, paper)
        queue_shift_report(self._context, asked)
        self._services.changed()
        return replies.told({"date": asked.day.isoformat(), "shift": asked.name, "queued": True})

    def _receipt(self, entry: bytes, kind: str, paper: "HostPaper", copy: bool, template: str) -> Response:
        document = receipt_of_entry(self._context, entry, copy=copy, template=template, columns=paper.columns)
        if document is None:
            return replies.error(404, "no_receipt", _NO_RECEIPT)
        return _answer(document, kind, paper, self._font, {"entry": entry.hex()})

    def _reprint(self, entry: bytes, paper: "HostPaper", template: str | None) -> Response:
        if self._context.config.receipt_printer is None:
            return self._receipt(entry, replies.JSON, paper, copy=True, template=template or print_jobs.SLIP)
        with self._context.book.read() as connection:
            stored = journal.by_id(connection, entry)
        if stored is not None and has_coupons_alone(stored) and template is None:
            template = OwnPaper.COUPON.value
        elif stored is None or not (has_receipt(stored) or template == OwnPaper.COUPON.value):
            return replies.error(404, "no_receipt", _NO_RECEIPT)
        if not print_again(self._context, stored.sequence, template):
            return replies.error(404, "no_receipt", _NO_RECEIPT)
        self._services.changed()
        return replies.told({"entry": entry.hex(), "queued": True})

    def _printed(self, entry: bytes) -> Response:
        with self._context.book.write() as writing:
            stored = journal.by_id(writing.connection, entry)
            states = print_jobs.settle(writing.connection, stored.sequence) if stored is not None else ()
            if stored is None or not (has_receipt(stored) or states):
                return replies.error(404, "no_receipt", _NO_RECEIPT)
        under_way = [state for state in states if state not in {JobState.SENT, JobState.CONFIRMED}]
        if under_way:
            return replies.error(409, "not_printed_yet", f"the receipt is {under_way[0]}")
        self._services.changed()
        return replies.told({"entry": entry.hex(), "printed": True})

    def _reports_printed(self) -> Response:
        with self._context.book.write() as writing:
            print_jobs.settle_reports(writing.connection)
        self._services.changed()
        return replies.told({"printed": True})


def _asked(request: Request) -> tuple[bytes, str]:
    entry = request.path_params["entry"]
    for suffix, kind in _SUFFIXES.items():
        if entry.endswith(suffix):
            return _entry_id(entry.removesuffix(suffix)), kind
    return _entry_id(entry), _kind(request)


def _kind(request: Request) -> str:
    wanted = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip()
    return wanted if wanted in _SUFFIXES.values() else replies.JSON


def _entry_id(entry: str) -> bytes:
    try:
        return bytes.fromhex(entry)
    except ValueError:
        raise BadField("entry", "expected an entry id in hex") from None


def _answer(document: Document, kind: str, paper: "HostPaper", font: Path | None, about: dict[str, Any]) -> Response:
    if kind == replies.JSON:
        return replies.told({**about, **rows_of(document, paper, font)})
    page = lay_out(document, paper.columns)
    return _picture(page, font) if kind == "image/png" else Response(preview_text(page), media_type=kind)


def _picture(page: Page, font: Path | None) -> Response:
    from drivers.printers.graphics import CannotPrint
    from drivers.printers.picture import png
    from drivers.printers.raster import draw

    try:
        return Response(png(draw(page, font_of(font)), margin_bytes=2), media_type="image/png")
    except CannotPrint as fault:
        return replies.error(422, "unprintable", str(fault))
