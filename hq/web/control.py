"""For commands on HQ's own machine: a pairing code, a sign-in link or a programme published by the HQ that runs."""

from collections.abc import Sequence
from hmac import compare_digest

from fastapi import Depends, FastAPI, Request, Response
from fastapi.params import Depends as DependsOn
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from hq.adjusting import desk as adjustments
from hq.backups import desk as backups_desk
from hq.control.channel import ADJUSTMENTS, BACKUPS, CONTROL_PATH, COUPONS, JOBS, PROGRAMMES, STOCK, Wanted
from hq.coupons import desk as coupons_desk
from hq.jobs import desk as jobs_desk
from hq.pairing.secrets import Purpose, secret_hash
from hq.pools import desk as pools_desk
from hq.programmes.desk import MAX_ASKED_BYTES, answer
from hq.web.bodies import read_body
from hq.web.services import Services
from sync.protocol.errors import SyncErrorCode, SyncRefused
from sync.protocol.fields import read_object


def add_control(app: FastAPI, services: Services) -> None:
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

    @app.post(CONTROL_PATH + PROGRAMMES, dependencies=own)
    async def programmes(request: Request) -> Response:
        asked = read_object(await read_body(request, most=MAX_ASKED_BYTES), MAX_ASKED_BYTES)
        return JSONResponse(await run_in_threadpool(answer, services.programmes, asked))

    @app.post(CONTROL_PATH + JOBS, dependencies=own)
    async def jobs(request: Request) -> Response:
        most = jobs_desk.MAX_ASKED_BYTES
        asked = read_object(await read_body(request, most=most), most)
        return JSONResponse(await run_in_threadpool(jobs_desk.answer, services.jobs, asked))

    @app.post(CONTROL_PATH + ADJUSTMENTS, dependencies=own)
    async def adjust(request: Request) -> Response:
        most = adjustments.MAX_ASKED_BYTES
        asked = read_object(await read_body(request, most=most), most)
        return JSONResponse(await run_in_threadpool(adjustments.answer, services.adjusting, asked))

    @app.post(CONTROL_PATH + STOCK, dependencies=own)
    async def stock(request: Request) -> Response:
        most = pools_desk.MAX_ASKED_BYTES
        asked = read_object(await read_body(request, most=most), most)
        return JSONResponse(await run_in_threadpool(pools_desk.answer, services.stock, services.limits, asked))

    @app.post(CONTROL_PATH + COUPONS, dependencies=own)
    async def coupons(request: Request) -> Response:
        most = coupons_desk.MAX_ASKED_BYTES
        asked = read_object(await read_body(request, most=most), most)
        return JSONResponse(await run_in_threadpool(coupons_desk.answer, services.issuing, services.coupons, asked))

    _add_backups(app, services, own)


def _add_backups(app: FastAPI, services: Services, own: Sequence[DependsOn]) -> None:
    @app.post(CONTROL_PATH + BACKUPS, dependencies=own)
    async def backups(request: Request) -> Response:
        most = backups_desk.MAX_ASKED_BYTES
        asked = read_object(await read_body(request, most=most), most)
        return JSONResponse(await run_in_threadpool(backups_desk.answer, services.backups, asked))
