"""Where the till stands, and what became of a request whose answer was lost."""

import json
from datetime import date
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies
from agent.api.fields import BadField, Day, Text
from agent.api.services import Services
from agent.book import answers as kept
from agent.book import journal, sync_state
from agent.sync_worker import is_off
from agent.till.context import Context, business_key, guid_key
from agent.till.requests import Provenance
from loyalty.journal.chain import head_code

_TEXT = Text()
PARAMETERS = ("key", "check_id", "host", "business_date", "payment_set", "host_guid")


class Status:
    """Tells where the till stands."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def status(self, request: Request) -> Response:
        """The till's state; with ``key``, ``check_id`` or ``host_guid`` also the outcome of that request."""
        return replies.told(await run_in_threadpool(self._answer, request.query_params))

    def _answer(self, asked: QueryParams) -> dict[str, Any]:
        context = self._services.till.context
        wanted = _wanted(asked)
        with context.book.read() as connection:
            answer = state_of_till(self._services, connection)
            if wanted:
                answer["outcome"] = _outcome(context, connection, wanted)
        return answer


def state_of_till(services: Services, connection: Connection) -> dict[str, Any]:
    """Give the till's state as JSON values."""
    context = services.till.context
    head, hq = context.book.head, sync_state.state(connection)
    return {
        "mode": services.sync_mode().value,
        "as_of": hq.as_of,
        "clock_ahead_s": services.clock_ahead_s(),
        "clock_off": is_off(services.clock_ahead_s()),
        "terminal": head.terminal.hex(),
        "epoch": head.epoch,
        "sequence": head.wire,
        "code": head_code(head.hash),
        "rolled_back": hq.rolled_back,
        "pending": max(0, head.sequence - hq.acked),
        "programme": context.shelf.at(context.clock()).version,
        "programme_unreadable": context.shelf.unreadable(context.clock()),
        "printing": _printing(services),
        "scanners": services.devices.states(),
    }


def _printing(services: Services) -> dict[str, Any] | None:
    if services.printing is None:
        return None
    status = services.printing.status
    return {**status.queue.told(), "printers": [printer.told() for printer in status.printers]}


def _wanted(asked: QueryParams) -> dict[str, str]:
    for name in asked:
        if name not in PARAMETERS:
            raise BadField(name[:64], f"no such parameter; known are {', '.join(PARAMETERS)}")
    return {name: _TEXT.read(value, name) for name, value in asked.items()}


def _outcome(context: Context, connection: Connection, wanted: dict[str, str]) -> dict[str, Any] | None:
    key = wanted.get("key") or _answer_key(context, connection, wanted)
    answered = kept.find(connection, key) if key is not None else None
    return None if answered is None else {"key": key, "answer": json.loads(answered.answer)}


def _answer_key(context: Context, connection: Connection, wanted: dict[str, str]) -> str | None:
    keys = (_business_key(context, wanted, day) for day in _days(context, wanted))
    sold = next((found for key in keys if (found := journal.by_business_key(connection, key)) is not None), None)
    return sold.answer_key if sold is not None else None


def _days(context: Context, wanted: dict[str, str]) -> list[date]:
    """Give the business date that is asked for; without one today, and yesterday where a retry is known under it."""
    if "business_date" in wanted:
        return [Day().read(wanted["business_date"], "business_date")]
    said = Provenance()
    _, today = context.when(said)
    before = context.day_before(said)
    return [today] if before is None else [today, before]


def _business_key(context: Context, wanted: dict[str, str], day: date) -> bytes:
    said = Provenance(host=wanted["host"]) if "host" in wanted else Provenance()
    if "host_guid" in wanted:
        return guid_key(said, wanted["host_guid"])
    if "check_id" not in wanted:
        raise BadField("check_id", "expected key, check_id or host_guid")
    return business_key(context.config.store.id, said, day, wanted["check_id"], wanted.get("payment_set"))
