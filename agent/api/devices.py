"""The scanners over HTTP: what there is, how it is, what was scanned (masked), and loading changed settings."""

from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent.api import replies
from agent.api.listening import Listening
from agent.devices import Devices
from agent.errors import AgentError
from loyalty.reading.problems import BadFile


class DevicesApi:
    """Tells of the scanners."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._listening = Listening(devices.scans)

    async def devices(self, _: Request) -> Response:
        """Every configured scanner, and what is wrong with settings that could not be loaded."""
        told = await run_in_threadpool(self._devices.told)
        return replies.told({"scanners": told, "faults": list(self._devices.faults)})

    async def scans(self, request: Request) -> Response:
        """The masked scans behind ``after``, waiting at most ``wait_ms`` for the first."""
        return await self._listening.events(request)

    async def reload(self, _: Request) -> Response:
        """Load the settings again; 409 with every fault where they cannot be used."""
        try:
            return replies.told(asdict(await run_in_threadpool(self._devices.reload)))
        except BadFile as fault:
            return replies.error(409, "config_faulty", "\n".join(fault.lines()))
        except AgentError as fault:
            return replies.error(409, "no_config", str(fault))


def healthy(devices: Devices) -> dict[str, Any]:
    """Say that the till serves; and of its scanners, if it reads any, how they are. No secret: anybody may ask."""
    states = devices.states()
    told: dict[str, Any] = {"status": "ok"}
    if states:
        told["scanners"] = states
    if devices.faults:
        told["config"] = f"not loaded: {len(devices.faults)} faults"
    return told
