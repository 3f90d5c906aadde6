"""For commands on HQ's own machine: codes, links, and the desk of each kind of command, asked at the HQ that runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hmac import compare_digest
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from hq.access import desk as access_desk
from hq.adjusting import desk as adjustments
from hq.backups import desk as backups_desk
from hq.control.channel import (
    ADJUSTMENTS,
    ATTENTION,
    BACKUPS,
    CONTROL_PATH,
    COUPONS,
    JOBS,
    LEASES,
    MEMBERS,
    PROGRAMMES,
    STOCK,
    TILLS,
    Wanted,
)
from hq.coupons import desk as coupons_desk
from hq.jobs import desk as jobs_desk
from hq.leases import desk as leases_desk
from hq.members import desk as members_desk
from hq.pairing.secrets import Purpose, secret_hash
from hq.pools import desk as pools_desk
from hq.programmes import desk as programmes_desk
from hq.reviewing import desk as reviewing_desk
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

    for what, desk in _desks(services).items():
        app.add_api_route(CONTROL_PATH + what, _asking(desk, bodies), methods=["POST"], dependencies=own)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What answers the questions of one kind of command, each of at most so many bytes."""

    answer: Callable[[Mapping[str, Any]], dict[str, Any]]
    most: int


def _desks(services: Services) -> dict[str, _Desk]:
    stock = partial(pools_desk.answer, services.stock, services.limits)
    coupons = partial(coupons_desk.answer, services.issuing, services.coupons)
    return {
        PROGRAMMES: _Desk(partial(programmes_desk.answer, services.programmes), programmes_desk.MAX_ASKED_BYTES),
        JOBS: _Desk(partial(jobs_desk.answer, services.jobs), jobs_desk.MAX_ASKED_BYTES),
        ADJUSTMENTS: _Desk(partial(adjustments.answer, services.adjusting), adjustments.MAX_ASKED_BYTES),
        STOCK: _Desk(stock, pools_desk.MAX_ASKED_BYTES),
        LEASES: _Desk(partial(leases_desk.answer, services.leases), leases_desk.MAX_ASKED_BYTES),
        BACKUPS: _Desk(partial(backups_desk.answer, services.backups), backups_desk.MAX_ASKED_BYTES),
        COUPONS: _Desk(coupons, coupons_desk.MAX_ASKED_BYTES),
        ATTENTION: _Desk(partial(reviewing_desk.answer, services.reviewing), reviewing_desk.MAX_ASKED_BYTES),
        MEMBERS: _Desk(partial(members_desk.answer, services.merging, services.erasing), members_desk.MAX_ASKED_BYTES),
        TILLS: _Desk(partial(access_desk.answer, services.tills), access_desk.MAX_ASKED_BYTES),
    }


def _asking(desk: _Desk, bodies: Bodies) -> Callable[[Request], Awaitable[Response]]:
    async def ask(request: Request) -> Response:
        async with bodies.of(request, most=desk.most, caller=_CALLER) as body:
            return JSONResponse(await run_in_threadpool(desk.answer, read_object(body, desk.most)))

    return ask
