"""The pages for people at HQ. A session cookie is needed for each of them but the one to sign in."""

from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import Depends, FastAPI, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from hq.attention.parking import ExceptionReason
from hq.programmes.values import Stage, TillProgramme
from hq.web.bodies import read_body
from hq.web.limits import RateLimit
from hq.web.readers import reader_of, remember
from hq.web.services import PAIR_COMMAND, PUBLISH_COMMAND, SIGN_IN_COMMAND, Services

SESSION_COOKIE = "loyaltill_session"
POINTS = "points"
MAX_FORM_BYTES = 4 * 1024
SIGN_INS_PER_MINUTE = 30
SAID_OF = {
    ExceptionReason.FORK: "hq.exception.fork",
    ExceptionReason.HQ_RESTORED: "hq.exception.hq_restored",
    ExceptionReason.BALANCES_DIFFER: "hq.exception.balances_differ",
    ExceptionReason.DETAIL_MISMATCH: "hq.exception.detail_mismatch",
    ExceptionReason.ENTRY_ID_REUSED: "hq.exception.entry_id_reused",
}
"""What a person is told of each kind of exception."""
STATE_OF = {
    Stage.PLANNED: "hq.programme.planned",
    Stage.BEGUN: "hq.programme.begun",
    Stage.WITHDRAWN: "hq.programme.withdrawn",
}
"""What a person is told of where a release stands."""
MAX_RELEASES = 200
_KEPT_IN_ADDRESS = frozenset({"page", "link"})
_MAX_PAGE = 10**9
_SEE_OTHER = 303


class SignInNeeded(Exception):
    """The page is for people who have signed in."""


class ForeignForm(Exception):
    """A form came from another site."""


@lru_cache(maxsize=1)
def style() -> str:
    """Give the style sheet that every page carries inline."""
    return files("hq.web").joinpath("templates", "style.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("hq.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["is_instant"] = lambda effective: isinstance(effective, datetime)
    return environment


class Pages:
    """Turns what the services say into pages."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def session(self, request: Request) -> str:
        """Give the secret of the reader's session; raises `SignInNeeded` without one."""
        secret = request.cookies.get(SESSION_COOKIE, "")
        if not secret or not await run_in_threadpool(self._services.sign_in.is_open, secret):
            raise SignInNeeded
        return secret

    def show(self, request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
        """Render a page in the reader's language."""
        reader = reader_of(request)
        page = _templates().get_template(name)
        common = {
            "t": reader.catalogue.text,
            "catalogue": reader.catalogue,
            "reader": reader,
            "merchant": self._services.merchant,
            "style": Markup(style()),  # noqa: S704 - our own file
            "path": request.url.path,
            "in_language": lambda language: _address(request, lang=language),
            "on_page": lambda number: _address(request, page=str(number)),
            "points": POINTS,
        }
        response = HTMLResponse(page.render(**common, **values), status_code=status)
        remember(reader, response, over_tls=self._services.over_tls)
        return response

    async def sign_in(self, request: Request, link: str) -> Response:
        """Spend a one-time link: a session and the first page, or the page to sign in with what is the matter."""
        secret = await run_in_threadpool(self._services.sign_in.open_session, link)
        if secret is None:
            return self.show(request, "sign_in.html", status=403, failed=True, link="", command=SIGN_IN_COMMAND)
        response = RedirectResponse("/", status_code=_SEE_OTHER)
        response.set_cookie(
            SESSION_COOKIE, secret, httponly=True, samesite="strict", secure=self._services.over_tls, path="/"
        )
        return response

    async def sign_out(self, secret: str) -> Response:
        """End the session."""
        await run_in_threadpool(self._services.sign_in.close_session, secret)
        response = RedirectResponse("/sign-in", status_code=_SEE_OTHER)
        response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict", secure=self._services.over_tls)
        return response


def add_pages(app: FastAPI, services: Services) -> None:
    """Add the pages to an application."""
    pages = Pages(services)
    _add_sign_in(app, pages, RateLimit(services.sign_in.clock, burst=30, per_minute=SIGN_INS_PER_MINUTE))
    _add_views(app, pages, services)

    async def to_sign_in(_: Request, __: Exception) -> Response:
        return RedirectResponse("/sign-in", status_code=_SEE_OTHER)

    async def foreign(_: Request, __: Exception) -> Response:
        return Response(status_code=403)

    app.add_exception_handler(SignInNeeded, to_sign_in)
    app.add_exception_handler(ForeignForm, foreign)


def _add_sign_in(app: FastAPI, pages: Pages, limit: RateLimit) -> None:
    @app.get("/sign-in")
    async def sign_in_page(request: Request) -> Response:
        """Show a link's button and spend nothing: programs look at links that people send each other.

        A form of HQ's own also gets the session's cookie back at once, which a browser keeps from a page that another
        site led to.
        """
        link = request.query_params.get("link", "")
        return pages.show(request, "sign_in.html", failed=False, link=link, command=SIGN_IN_COMMAND)

    @app.post("/sign-in")
    async def sign_in_form(request: Request) -> Response:
        _require_own_form(request)
        fields = parse_qs((await read_body(request, most=MAX_FORM_BYTES)).decode("utf-8", "replace"))
        if not limit.allows(request.client.host if request.client else ""):
            return Response(status_code=429, headers={"Retry-After": "60"})
        return await pages.sign_in(request, link_in(fields.get("link", [""])[0]))


def _add_views(app: FastAPI, pages: Pages, services: Services) -> None:
    session = Depends(pages.session)

    @app.get("/")
    async def overview(request: Request, _: str = session) -> Response:
        totals = await run_in_threadpool(services.overview.totals)
        tills = await run_in_threadpool(services.overview.tills)
        exceptions = await run_in_threadpool(services.overview.exceptions)
        return pages.show(
            request,
            "overview.html",
            totals=totals,
            tills=tills,
            exceptions=exceptions,
            counted=await run_in_threadpool(_counted, services),
            said_of=SAID_OF,
            command=PAIR_COMMAND,
        )

    @app.get("/tills")
    async def tills(request: Request, _: str = session) -> Response:
        rows = await run_in_threadpool(services.overview.tills)
        counted = await run_in_threadpool(_counted, services)
        return pages.show(request, "tills.html", tills=rows, counted=counted, command=PAIR_COMMAND)

    @app.get("/programmes")
    async def programmes(request: Request, _: str = session) -> Response:
        """Show what was released, the newest first, and by what each till counts."""
        history = await run_in_threadpool(services.programmes.history)
        shown: dict[str, Any] = {
            "history": history,
            "state_of": STATE_OF,
            "most": MAX_RELEASES,
            "command": PUBLISH_COMMAND,
        }
        return pages.show(request, "programmes.html", **shown)

    @app.get("/members")
    async def members(request: Request, _: str = session) -> Response:
        rows = await run_in_threadpool(services.overview.members, _page_number(request))
        return pages.show(request, "members.html", members=rows)

    @app.post("/sign-out")
    async def sign_out(request: Request, secret: str = session) -> Response:
        _require_own_form(request)
        return await pages.sign_out(secret)


def _counted(services: Services) -> dict[bytes, TillProgramme]:
    """Give by which programme each till counts."""
    return {till.terminal_id: till for till in services.programmes.history().tills}


def link_in(pasted: str) -> str:
    """Give the secret of a pasted link, whether the whole address was pasted or only its secret."""
    asked = parse_qs(urlsplit(pasted.strip()).query).get("link") if "?" in pasted else None
    return asked[0] if asked else pasted.strip()


def _require_own_form(request: Request) -> None:
    """Refuse a form that another site made a browser send; SameSite cookies are the other half of this."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    host = request.headers.get("host", "")
    if site not in {"same-origin", "none"} or (origin is not None and urlsplit(origin).netloc != host):
        raise ForeignForm


def _page_number(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return min(int(text), _MAX_PAGE) if text.isascii() and text.isdigit() and len(text) <= 9 else 1


def _address(request: Request, **changed: str) -> str:
    kept = {name: value for name, value in request.query_params.items() if name in _KEPT_IN_ADDRESS}
    return f"{request.url.path}?{urlencode({**kept, **changed})}"
