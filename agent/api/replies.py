"""Answers as HTTP responses: one place that knows which status a refusal has."""

from typing import Any

from starlette.responses import Response

from agent.till import answers
from agent.till.answers import Recorded
from agent.till.context import Context
from loyalty.refusals import Refusal, RefusalCode

JSON = "application/json"
_STATUS = {RefusalCode.BAD_REQUEST.value: 400, RefusalCode.KEY_REUSED.value: 409}
_OTHER_REFUSALS = 422


def status_of(refused: str | None) -> int:
    """Give the status of an answer with this refusal code, or without one."""
    return 200 if refused is None else _STATUS.get(refused, _OTHER_REFUSALS)


def recorded(answer: Recorded) -> Response:
    """Send an answer that the book keeps, byte for byte."""
    return Response(answer.body, status_of(answer.refused), media_type=JSON)


def told(values: dict[str, Any]) -> Response:
    """Send an answer that is not kept; its status follows from its refusal, if it has one."""
    refused = values.get("refused")
    return Response(answers.encode(values), status_of(str(refused) if refused is not None else None), media_type=JSON)


def refused(context: Context, refusal: Refusal) -> Response:
    """Send a refusal that nothing is kept of."""
    return told(answers.refusal(refusal, context.catalogue))


def error(status: int, code: str, detail: str = "", **more: str) -> Response:
    """Send an error that is no refusal of the till's."""
    values = {"error": code, **({"detail": detail} if detail else {}), **more}
    return Response(answers.encode(values), status, media_type=JSON)


def unread(status: int, code: str, detail: str) -> Response:
    """Refuse a request whose body was not read: the connection is closed, so that nobody goes on sending it."""
    response = error(status, code, detail)
    response.headers["Connection"] = "close"
    return response
