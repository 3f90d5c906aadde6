"""The verbs: inquire, quote, hold, release, commit, void, return, enrol and action."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies, shapes
from agent.api.fields import Shape
from agent.api.reading import KEY_HEADER, idempotency_key, read_json
from agent.api.rows import host_paper, rows_of, template_of
from agent.api.services import Services
from agent.config.values import TillConfig
from agent.receipts.finding import receipt_of_entry
from agent.till.answers import Recorded
from loyalty.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from drivers.printers.host_rows import HostPaper


class Verbs:
    """Reads a request, has the till do it in another thread, and sends the answer."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._till = services.till

    async def inquire(self, request: Request) -> Response:
        """Who is it?"""
        asked = shapes.INQUIRE.read(await read_json(request))
        answer = await run_in_threadpool(self._till.identify, asked.scan, asked.kind)
        if self._services.display is not None:
            self._services.display.inquired(answer)
        return replies.told(answer)

    async def quote(self, request: Request) -> Response:
        """What would this basket earn?"""
        asked = shapes.QUOTE.read(await read_json(request))
        answer = await run_in_threadpool(self._till.quote, asked)
        if self._services.display is not None:
            self._services.display.quoted(answer)
        return replies.told(answer)

    async def hold(self, request: Request) -> Response:
        """Set aside what a basket takes, until it is paid."""
        return await self._change(request, shapes.HOLD, self._till.hold)

    async def release(self, request: Request) -> Response:
        """Give a hold back."""
        return await self._change(request, shapes.RELEASE, self._till.release)

    async def commit(self, request: Request) -> Response:
        """Record a paid sale."""
        return await self._change(request, shapes.COMMIT, self._till.commit)

    async def void(self, request: Request) -> Response:
        """Undo a whole sale."""
        return await self._change(request, shapes.VOID, self._till.void)

    async def return_goods(self, request: Request) -> Response:
        """Take goods back."""
        return await self._change(request, shapes.RETURN, self._till.return_goods)

    async def enrol(self, request: Request) -> Response:
        """Make a card a member's."""
        return await self._change(request, shapes.ENROL, self._till.enrol)

    async def action(self, request: Request) -> Response:
        """A member did something that earns without a sale."""
        return await self._change(request, shapes.ACTION, self._till.act)

    async def _change(self, request: Request, shape: Shape, act: Callable[[Any], Recorded]) -> Response:
        paper, template = _rows_asked(request, self._till.context.config)
        sent = await read_json(request)
        key, given = idempotency_key(request), shape.given(sent)
        refusal = self._payment_card(given, {KEY_HEADER: key, **sent})
        if refusal is not None:
            return replies.refused(self._till.context, refusal)
        answer = await run_in_threadpool(act, shape.make(key=key, **given))
        if answer.fresh:
            self._services.changed()
            self._pay(given.get("tenders", ()), answer)
            if self._services.display is not None and shape is shapes.COMMIT:
                self._services.display.sold(answer.values)
        if paper is None or answer.refused is not None:
            return replies.recorded(answer)
        return await run_in_threadpool(self._with_rows, answer.values, paper, template)

    def _with_rows(self, values: dict[str, Any], paper: "HostPaper", template: str) -> Response:
        """Add the rows of the entry's paper to an answer that the book keeps without them."""
        entry = bytes.fromhex(values["entry"]) if "entry" in values else b""
        document = receipt_of_entry(self._till.context, entry, copy=False, template=template, columns=paper.columns)
        font = self._till.context.config.receipts.font
        return replies.told({**values, "receipt": rows_of(document, paper, font) if document is not None else None})

    def _pay(self, tenders: tuple[str, ...], answer: Recorded) -> None:
        """Open the drawer for money, without keeping the answer waiting."""
        printing = self._services.printing
        printer = printing.drawer_for(tenders) if printing is not None and answer.refused is None else None
        if printing is not None and printer is not None:
            printing.open_drawer_soon(printer)

    def _payment_card(self, given: dict[str, Any], sent: dict[str, Any]) -> Refusal | None:
        """Stop a payment card before the book keeps so much as a digest of the request."""
        context, shown = self._till.context, list(_scanned(given))
        refusals = (context.check_shown([one]) for one in shown)
        refused = next((one for one in refusals if one is not None and one.code is RefusalCode.PAYMENT_CARD), None)
        if refused is not None:
            return refused
        place = _place_of(sent, context.holds_track)
        return Refusal(code=RefusalCode.PAYMENT_CARD, field=place.removeprefix(".")) if place is not None else None


def _rows_asked(request: Request, config: TillConfig) -> "tuple[HostPaper | None, str]":
    """Read whether rows are to come with the answer: ``rows`` names the template, the rest the host's printer."""
    query = request.query_params
    if "rows" not in query:
        return None, ""
    return host_paper(query, config), template_of(query, "rows", "slip")


def _scanned(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give (field, text) of whatever may have come from a scanner, or from a person who swiped where a name belongs."""
    single = ("card", "second_card", "referrer", "nickname")
    yield from ((name, given[name]) for name in single if given.get(name) is not None)
    for name in ("codes", "coupons"):
        yield from ((f"{name}[{place}]", text) for place, text in enumerate(given.get(name, ()), start=1))
    for name in ("gift_cards", "sold_cards"):
        cards = enumerate(given.get(name, ()), start=1)
        yield from ((f"{name}[{place}].number", card.number) for place, card in cards)


def _place_of(value: Any, holds: Callable[[str], bool]) -> str | None:
    """Give where in a request stands the first text of which ``holds`` is true: a card may be swiped wherever the cursor is."""
    if isinstance(value, str):
        return "" if holds(value) else None
    if isinstance(value, dict):
        for name, inner in value.items():
            if (found := _place_of(inner, holds)) is not None:
                return f".{name}{found}"
    elif isinstance(value, list):
        for place, inner in enumerate(value, start=1):
            if (found := _place_of(inner, holds)) is not None:
                return f"[{place}]{found}"
    return None
