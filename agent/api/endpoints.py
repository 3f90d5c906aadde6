"""Every address of the local API, once: what it does, what it takes, and who may ask."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from agent.api import shapes
from agent.api.changes import Verbs
from agent.api.devices import DevicesApi
from agent.api.drawer import Drawer
from agent.api.fields import Shape
from agent.api.joining import Joining
from agent.api.listening import Listening
from agent.api.paper import Paper
from agent.api.rows import PARAMETERS as PAPER
from agent.api.services import Services
from agent.api.status import PARAMETERS, Status

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address.

    Attributes:
        method: ``GET`` or ``POST``.
        path: With its parameters in braces.
        handler: Answers it.
        summary: One English sentence for developers.
        body: What is sent, or None.
        query: Names of its query parameters.
        keyed: An idempotency key is needed.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    body: Shape | None = None
    query: tuple[str, ...] = ()
    keyed: bool = False


def endpoints(services: Services) -> tuple[Endpoint, ...]:
    """Give every address under ``/v1``."""
    verbs, paper, devices = Verbs(services), Paper(services), DevicesApi(services.devices)
    return (
        _post("/v1/inquire", verbs.inquire, "Whose card is this scan?", shapes.INQUIRE),
        _post("/v1/quote", verbs.quote, "What would this basket earn? Changes nothing.", shapes.QUOTE),
        _post("/v1/hold", verbs.hold, "Set aside what a basket takes, until it is paid.", shapes.HOLD, keyed=True),
        _post("/v1/release", verbs.release, "Give a hold back.", shapes.RELEASE, keyed=True),
        _change("/v1/commit", verbs.commit, "Record a paid sale; durable before the answer.", shapes.COMMIT),
        _change("/v1/void", verbs.void, "Undo a whole sale.", shapes.VOID),
        _change("/v1/return", verbs.return_goods, "Take goods back.", shapes.RETURN),
        _post("/v1/enrol", verbs.enrol, "Make a card a member's.", shapes.ENROL, keyed=True),
        _post(
            "/v1/action", verbs.action, "A member did something that earns without a sale.", shapes.ACTION, keyed=True
        ),
        _post("/v1/reprint", paper.reprint, "Print again what was printed, marked as a copy.", shapes.REPRINT),
        _post("/v1/printed", paper.printed, "Papers of which nobody knew are printed, or given up.", shapes.PRINTED),
        _post("/v1/drawer", Drawer(services).open, "Open the cash drawer now, or not at all.", shapes.DRAWER),
        _post("/v1/pair", Joining(services).pair, "Pair this till with HQ by a one-time code.", shapes.PAIR),
        _get("/v1/status", Status(services).status, "Where the till stands; the outcome of a request.", *PARAMETERS),
        _get("/v1/events", Listening(services.events).events, "Scans, by long polling.", "after", "wait_ms"),
        _get("/v1/devices", devices.devices, "The scanners, how they are, and what is wrong with their settings."),
        _get("/v1/devices/scans", devices.scans, "Every scan, masked, by long polling.", "after", "wait_ms"),
        Endpoint(
            method="POST",
            path="/v1/devices/reload",
            handler=devices.reload,
            summary="Load the [[scanner]] tables of config.toml again; what did not change keeps running.",
        ),
        _get("/v1/receipt/{entry}", paper.receipt, "A receipt as rows, text or a picture.", "copy", "template", *PAPER),
        Endpoint(
            method="POST",
            path="/v1/shift",
            handler=paper.print_shift,
            summary="Print what this till did in a shift; rows where the host prints.",
            body=shapes.SHIFT,
            query=PAPER,
        ),
        _get("/v1/shift", paper.shift, "What this till did in a shift, likewise.", "date", "shift", *PAPER),
    )


def _post(path: str, handler: Handler, summary: str, body: Shape, *, keyed: bool = False) -> Endpoint:
    return Endpoint(method="POST", path=path, handler=handler, summary=summary, body=body, keyed=keyed)


def _change(path: str, handler: Handler, summary: str, body: Shape) -> Endpoint:
    """Something that has a receipt, whose rows may come with the answer."""
    return Endpoint(
        method="POST", path=path, handler=handler, summary=summary, body=body, keyed=True, query=("rows", *PAPER)
    )


def _get(path: str, handler: Handler, summary: str, *query: str) -> Endpoint:
    return Endpoint(method="GET", path=path, handler=handler, summary=summary, query=query)
