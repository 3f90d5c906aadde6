"""The cash drawer, opened when the POS program asks: now, or not at all."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies, shapes
from agent.api.reading import read_json
from agent.api.services import Services
from drivers.errors import PrinterConfig, PrinterError


class Drawer:
    """Opens it."""

    def __init__(self, services: Services) -> None:
        self._printing = services.printing

    async def open(self, request: Request) -> Response:
        """Send the printer the pulse; whether the drawer moved, only its contact tells."""
        printer = shapes.DRAWER.read(await read_json(request))
        return await run_in_threadpool(self._open, printer)

    def _open(self, printer: str | None) -> Response:
        if self._printing is None:
            return replies.error(404, "no_drawer", "the agent has no printer of its own")
        try:
            self._printing.open_drawer(printer)
        except PrinterConfig as fault:
            return replies.error(404, "no_drawer", str(fault))
        except PrinterError as fault:
            return replies.error(503, "printer_unavailable", str(fault))
        return replies.told({"opened": True})
