"""Pairing while the till runs: a person on this machine types HQ's code, and nobody has to stop selling."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies, shapes
from agent.api.reading import read_json
from agent.api.services import Services
from sync.protocol.errors import HTTP_STATUS, LinkDown, SyncRefused


class Joining:
    """Pairs the till with the HQ that its settings name."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def pair(self, request: Request) -> Response:
        """Pair by a one-time code; 502 when HQ cannot be reached, HQ's own refusal otherwise."""
        code = shapes.PAIR.read(await read_json(request))
        return await run_in_threadpool(self._pair, code)

    def _pair(self, code: str) -> Response:
        if not self._services.till.context.config.sync.hq_url:
            return replies.error(409, "no_hq", "sync.hq_url is missing in the till's config")
        try:
            merchant = self._services.pair(code)
        except LinkDown as fault:
            return replies.error(502, "hq_unreachable", str(fault))
        except SyncRefused as fault:
            return replies.error(HTTP_STATUS[fault.code], fault.code.value, fault.detail)
        terminal = self._services.till.context.keys.terminal.hex()
        return replies.told({"merchant": merchant, "terminal": terminal})
