"""The application for an ASGI server, made from services."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent.api import replies
from agent.api.devices import healthy
from agent.api.devices_page import DevicesPage
from agent.api.endpoints import endpoints
from agent.api.fields import BadField
from agent.api.guard import Guard, Words
from agent.api.openapi import document
from agent.api.page import Page, inline
from agent.api.reading import MAX_BODY_BYTES, BodyTooLarge, NotJson
from agent.api.services import Services
from loyalty.refusals import Refusal, RefusalCode

_NAMES = {404: "no_such_address", 405: "no_such_method"}


def create_app(services: Services) -> Starlette:
    """Make the application."""
    context = services.till.context
    listed = endpoints(services)
    described = document(listed)

    async def openapi(_: Request) -> Response:
        return replies.told(described)

    async def health(_: Request) -> Response:
        return replies.told(healthy(services.devices) | _printing(services))

    routes = [Route(item.path, item.handler, methods=[item.method]) for item in listed]
    routes += [Route("/v1/openapi.json", openapi), Route("/health", health)]
    routes += [Route("/", Page(services).show), Route("/devices", DevicesPage(services).show)]
    guard = Middleware(
        Guard,
        token=services.token,
        host=context.config.host,
        inline=inline(),
        words=Words(
            unwritten=context.catalogue.text("till.not_recorded"),
            fault=context.catalogue.text("till.fault"),
        ),
    )
    return Starlette(routes=routes, middleware=[guard], exception_handlers=_handlers(services))


def _printing(services: Services) -> dict[str, Any]:
    """How printers and queue are, as far as it was seen: a till whose disk hangs says so by other means than silence."""
    if services.printing is None:
        return {}
    status = services.printing.last_status
    return {"printers": [printer.told() for printer in status.printers], "printing": status.queue.told()}


def _handlers(services: Services) -> dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]:
    async def bad_field(_: Request, fault: Exception) -> Response:
        assert isinstance(fault, BadField)
        refusal = Refusal(code=RefusalCode.BAD_REQUEST, field=fault.field, detail=fault.detail)
        return replies.refused(services.till.context, refusal)

    async def too_large(_: Request, __: Exception) -> Response:
        return replies.unread(413, "body_too_large", f"at most {MAX_BODY_BYTES} bytes")

    async def not_json(_: Request, __: Exception) -> Response:
        return replies.unread(415, "not_json", "send Content-Type: application/json")

    async def no_route(_: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)
        return replies.error(fault.status_code, _NAMES.get(fault.status_code, "refused"))

    return {BadField: bad_field, BodyTooLarge: too_large, NotJson: not_json, HTTPException: no_route}
