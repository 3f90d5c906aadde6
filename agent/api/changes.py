"""The verbs: inquire, quote, commit, void, return and enrol."""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies, shapes
from agent.api.fields import Shape
from agent.api.reading import idempotency_key, read_json
from agent.api.services import Services
from agent.till.answers import Recorded
from loyalty.refusals import Refusal, RefusalCode


class Verbs:
    """Reads a request, has the till do it in another thread, and sends the answer."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._till = services.till

    async def inquire(self, request: Request) -> Response:
        """Who is it?"""
        scan = shapes.INQUIRE.read(await read_json(request))
        return replies.told(await run_in_threadpool(self._till.identify, scan))

    async def quote(self, request: Request) -> Response:
        """What would this basket earn?"""
        asked = shapes.QUOTE.read(await read_json(request))
        return replies.told(await run_in_threadpool(self._till.quote, asked))

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

    async def _change(self, request: Request, shape: Shape, act: Callable[[Any], Recorded]) -> Response:
        sent = await read_json(request)
        key, given = idempotency_key(request), shape.given(sent)
        if self._is_payment_card(given.get("card")):
            refusal = Refusal(code=RefusalCode.PAYMENT_CARD, field="card")
            return replies.refused(self._till.context, refusal)
        answer = await run_in_threadpool(act, shape.make(key=key, **given))
        if answer.fresh:
            self._services.changed()
        return replies.recorded(answer)

    def _is_payment_card(self, card: str | None) -> bool:
        """Stop a payment card before the book keeps so much as a digest of the request."""
        refusal = self._till.context.check_card(card) if card is not None else None
        return refusal is not None and refusal.code is RefusalCode.PAYMENT_CARD
