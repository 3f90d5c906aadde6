"""For commands on HQ's own machine: codes, links, and the desk of each kind of command, asked at the HQ that runs."""

from collections.abc import Awaitable, Callable
from hmac import compare_digest

from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from hq.control.channel import CONTROL_PATH, Wanted
from hq.control.desks import Answering
from hq.pairing.secrets import Purpose, secret_hash
from hq.web.bodies import Bodies
from hq.web.services import Services
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import read_object

_CALLER = b"control"


def add_control(app: FastAPI, services: Services, bodies: Bodies) -> None:
    """Add the addresses; each needs the secret of the file beside the book."""
    expected = secret_hash(Purpose.CONTROL, services.control_token)

    async def local_command(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(secret_hash(Purpose.CONTROL, token), expected):
            raise SyncRefused(SyncErrorCode.UNAUTHORIZED, "only a command on HQ's machine may ask this")

    own = [Depends(local_command)]

    @app.post(CONTROL_PATH + Wanted.PAIRING_CODE, dependencies=own)
    async def pairing_code() -> Response:
        return JSONResponse({"secret": await run_in_threadpool(services.pairing.make_code)})

    @app.post(CONTROL_PATH + Wanted.LOGIN_LINK, dependencies=own)
    async def login_link() -> Response:
        return JSONResponse({"secret": await run_in_threadpool(services.sign_in.make_link)})

    for what, desk in services.desks.items():
        app.add_api_route(CONTROL_PATH + what, _asking(desk, bodies), methods=["POST"], dependencies=own)


def _asking(desk: Answering, bodies: Bodies) -> Callable[[Request], Awaitable[Response]]:
    async def ask(request: Request) -> Response:
        async with bodies.of(request, most=desk.most, caller=_CALLER) as body:
            return JSONResponse(await run_in_threadpool(desk.answer, read_object(body, desk.most)))

    return ask
