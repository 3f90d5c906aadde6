"""The page of the scanners: how each one is, and the last scans, masked, for whoever sets them up."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from agent.api.page import inline, templates
from agent.api.services import Services

_STATES = {
    "absent": "till.device_absent",
    "opening": "till.device_opening",
    "ready": "till.device_ready",
    "fault": "till.device_fault",
    "stopped": "till.device_stopped",
    "host": "till.device_host",
}
_MODES = {"host": "till.device_is_hosts", "shared": "till.device_is_shared", "own": "till.device_is_own"}
_KINDS = {
    "member": "till.scan_member",
    "item": "till.scan_item",
    "coupon": "till.scan_coupon",
    "gs1": "till.scan_gs1",
    "phone": "till.scan_phone",
    "receipt": "till.scan_receipt",
    "payment_refused": "till.scan_payment_refused",
    "unknown": "till.scan_unknown",
    "ambiguous": "till.scan_ambiguous",
    "error": "till.scan_error",
}


MISREADINGS = {
    "random_uid": "till.misread_random_uid",
    "no_uid": "till.misread_no_uid",
    "foreign_card": "till.misread_foreign_card",
    "pulled_card": "till.misread_pulled_card",
    "silent_card": "till.misread_silent_card",
    "cut": "till.misread_cut",
    "overflow": "till.misread_overflow",
    "empty": "till.misread_odd",
    "short_aim": "till.misread_odd",
    "unknown_aim": "till.misread_odd",
}


class DevicesPage:
    """Shows the page."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def show(self, _: Request) -> Response:
        """The page; it loads itself again every few seconds."""
        return HTMLResponse(await run_in_threadpool(self._render))

    def _render(self) -> str:
        context, devices = self._services.till.context, self._services.devices
        scans = [_shown(event.body, context.config.store.zone) for event in reversed(devices.scans.after(0))]
        page: str = (
            templates()
            .get_template("devices.html")
            .render(
                t=context.catalogue.text,
                catalogue=context.catalogue,
                store=context.config.store,
                till=context.config.name,
                style=inline().style,
                devices=devices.told(),
                faults=devices.faults,
                scans=scans,
                states=_STATES,
                misreadings=MISREADINGS,
                modes=_MODES,
                kinds=_KINDS,
            )
        )
        return page


def _shown(scan: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Give a masked scan as the page has it; ``code`` is its symbology and what is wrong with it, as the API names them."""
    at = datetime.fromisoformat(scan["at"]).astimezone(zone)
    code = " · ".join(filter(None, (scan.get("symbology", ""), scan.get("reason", ""))))
    return {"last": "", **scan, "at": at.strftime("%H:%M:%S"), "code": code}
