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

from hq.attention.parking import ExceptionReason, ParkReason
from hq.programmes.values import Stage, TillProgramme
from hq.reviewing.finding import reference
from hq.reviewing.values import ItemPage, Pile, Wanted
from hq.web.bodies import Bodies, client_of
from hq.web.limits import RateLimit
from hq.web.readers import reader_of, remember
from hq.web.services import ATTENTION_COMMANDS, PAIR_COMMAND, PUBLISH_COMMAND, SIGN_IN_COMMAND, Services

SESSION_COOKIE = "loyaltill_session"
POINTS = "points"
MAX_FORM_BYTES = 4 * 1024
SIGN_INS_PER_MINUTE = 30
SAID_OF = {
    ExceptionReason.FORK: "hq.exception.fork",
    ExceptionReason.CLONE: "hq.exception.clone",
    ExceptionReason.ENTRIES_MISSING: "hq.exception.entries_missing",
    ExceptionReason.ROT: "hq.exception.rot",
    ExceptionReason.HQ_RESTORED: "hq.exception.hq_restored",
    ExceptionReason.BALANCES_DIFFER: "hq.exception.balances_differ",
    ExceptionReason.CLOCK_OFF: "hq.exception.clock_off",
    ExceptionReason.DETAIL_MISMATCH: "hq.exception.detail_mismatch",
    ExceptionReason.ENTRY_ID_REUSED: "hq.exception.entry_id_reused",
    ExceptionReason.OVERSPENT: "hq.exception.overspent",
    ExceptionReason.PROGRAMME_OLD: "hq.exception.programme_old",
    ExceptionReason.TIER_OLD: "hq.exception.tier_old",
    ExceptionReason.TILL_REVOKED: "hq.exception.till_revoked",
    ExceptionReason.LEASE_FOREIGN: "hq.exception.lease_foreign",
    ExceptionReason.LEASE_UNKNOWN: "hq.exception.lease_unknown",
    ExceptionReason.LEASE_OVERDRAWN: "hq.exception.lease_overdrawn",
}
"""What a person is told of each kind of exception."""
PARKED_AS = {
    ParkReason.MALFORMED: "hq.parked.malformed",
    ParkReason.UNKNOWN_KIND: "hq.parked.unknown_kind",
    ParkReason.UNKNOWN_ACCOUNT: "hq.parked.unknown_account",
    ParkReason.UNKNOWN_ORIGINAL: "hq.parked.unknown_original",
    ParkReason.AMOUNT_TOO_LARGE: "hq.parked.amount_too_large",
}
"""What a person is told of why an entry is parked, and what to do."""
STATE_OF = {
    Stage.PLANNED: "hq.programme.planned",
    Stage.BEGUN: "hq.programme.begun",
    Stage.WITHDRAWN: "hq.programme.withdrawn",
}
"""What a person is told of where a release stands."""
MAX_RELEASES = 200
PARKED_PAGE = "parked"
"""The page of parked entries, where an address has one of exceptions too."""
_KEPT_IN_ADDRESS = frozenset({"page", "link", PARKED_PAGE})
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
            "on_parked_page": lambda number: _address(request, **{PARKED_PAGE: str(number)}),
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


def add_pages(app: FastAPI, services: Services, bodies: Bodies) -> None:
    """Add the pages to an application."""
    pages = Pages(services)
    _add_sign_in(app, pages, bodies, RateLimit(services.sign_in.clock, burst=30, per_minute=SIGN_INS_PER_MINUTE))
    _add_views(app, pages, services)

    async def to_sign_in(_: Request, __: Exception) -> Response:
        return RedirectResponse("/sign-in", status_code=_SEE_OTHER)

    async def foreign(_: Request, __: Exception) -> Response:
        return Response(status_code=403)

    app.add_exception_handler(SignInNeeded, to_sign_in)
    app.add_exception_handler(ForeignForm, foreign)


def _add_sign_in(app: FastAPI, pages: Pages, bodies: Bodies, limit: RateLimit) -> None:
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
        async with bodies.of(request, most=MAX_FORM_BYTES, caller=client_of(request)) as body:
            fields = parse_qs(body.decode("utf-8", "replace"))
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

    @app.get("/attention")
    async def attention(request: Request, _: str = session) -> Response:
        """Show what is open, the newest first: what a person should know, and what could not be posted."""
        pages_of = {Pile.EXCEPTIONS: _page_number(request), Pile.PARKED: _page_number(request, PARKED_PAGE)}
        piles = {pile: await run_in_threadpool(_pile, services, pile, page) for pile, page in pages_of.items()}
        shown: dict[str, Any] = {
            "exceptions": piles[Pile.EXCEPTIONS],
            "parked": piles[Pile.PARKED],
            "said_of": SAID_OF,
            "parked_as": PARKED_AS,
            "commands": ATTENTION_COMMANDS,
        }
        return pages.show(request, "attention.html", **shown)

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


def _pile(services: Services, pile: Pile, number: int) -> dict[str, Any]:
    """Give a page of what is open, each item with the code by which commands name it."""
    found = services.reviewing.page(pile, Wanted(page=number))
    assert isinstance(found, ItemPage)  # nothing was asked that there may not be
    rows = [(one, reference(pile, one)) for one in found.rows]
    return {"rows": rows, "page": found.page, "pages": found.pages}


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


def _page_number(request: Request, name: str = "page") -> int:
    text = request.query_params.get(name, "1")
    return min(int(text), _MAX_PAGE) if text.isascii() and text.isdigit() and len(text) <= 9 else 1


def _address(request: Request, **changed: str) -> str:
    kept = {name: value for name, value in request.query_params.items() if name in _KEPT_IN_ADDRESS}
    return f"{request.url.path}?{urlencode({**kept, **changed})}"
