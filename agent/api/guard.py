"""Around every request: who may ask, headers that keep browsers safe, and one place where faults become answers.

Any page in a browser can send requests to this machine, and a name that is made to point here (DNS rebinding) makes
them look like its own. So the Host must be an address, ``localhost`` or the configured host; an Origin must be this
server's own; and everything but ``/health`` needs the token, or for reading the page's cookie. Asking whose card a scan is
is reading too: it is sent as a POST only so that no card number stands in an address. So is printing what a shift did, or a
receipt again, marked as a copy, which changes nothing but paper; the cookie comes with requests of the page's own alone.
"""

import ipaddress
import logging
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.api import replies
from agent.api.token import page_key, same
from agent.errors import AgentError, BookBusy, BookFull

_LOG = logging.getLogger(__name__)
COOKIE = "loyaltill_till"
OPEN = frozenset({"/health"})
_READING = frozenset({"GET", "HEAD"})
_READING_POSTS = frozenset({"/v1/inquire", "/v1/shift", "/v1/reprint"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the cashier is told when the till cannot do it.

    Attributes:
        unwritten: The book cannot be written to, and nothing was recorded.
        fault: Anything else; nobody knows what was done.
    """

    unwritten: str
    fault: str

    def of(self, *, unwritten: bool) -> str:
        """Choose."""
        return self.unwritten if unwritten else self.fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """What pages carry inline, each exactly this.

    Attributes:
        style: The style sheet.
        script: The script.
    """

    style: str
    script: str


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, token: str, host: str, inline: Inline, words: Words) -> None:
        """Wrap ``app``.

        Args:
            app: What is guarded.
            token: The bearer token.
            host: The configured host, which callers may name.
            inline: What pages carry inline.
            words: What the cashier is told when the till cannot do it.
        """
        self._app = app
        self._token = token
        self._page_key = page_key(token)
        self._host = host.lower()
        self._headers = security_headers(inline)
        self._words = words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        try:
            refused = self._refuse(HTTPConnection(scope))
            await (refused or self._app)(scope, receive, guarded)
        except Exception as fault:
            if started:
                raise
            await self._faulty(scope["path"], fault)(scope, receive, guarded)

    def _refuse(self, asked: HTTPConnection) -> Response | None:
        if not self._is_here(asked):
            return replies.unread(403, "foreign_caller", "the Host or Origin is not this till's")
        if asked.scope["path"] in OPEN or self._may_ask(asked):
            return None
        refused = replies.unread(401, "no_token", "send the till's token as a bearer token")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused

    def _is_here(self, asked: HTTPConnection) -> bool:
        host = asked.headers.get("host", "")
        origin = asked.headers.get("origin")
        site = asked.headers.get("sec-fetch-site", "none")
        return (
            self._is_own_name(host)
            and (origin is None or origin == f"{asked.scope['scheme']}://{host}")
            and (site in {"none", "same-origin"} or self._follows_link(asked, site))
        )

    def _is_own_name(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "") if host.isascii() and "@" not in host else ""
            return name in {"localhost", self._host} or bool(ipaddress.ip_address(name))
        except ValueError:
            return False

    @staticmethod
    def _follows_link(asked: HTTPConnection, site: str) -> bool:
        """Whether a person follows a link to the page, as from a terminal or a mail."""
        return site in {"cross-site", "same-site"} and asked.headers.get("sec-fetch-mode") == "navigate"

    def _may_ask(self, asked: HTTPConnection) -> bool:
        scheme, _, shown = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and same(shown.strip(), self._token):
            return True
        if asked.scope["method"] not in _READING and asked.scope["path"] not in _READING_POSTS:
            return False
        shown = asked.query_params.get("key", "") if asked.scope["path"] == "/" else ""
        return same(shown or asked.cookies.get(COOKIE, ""), self._page_key)

    def _faulty(self, path: str, fault: Exception) -> Response:
        if isinstance(fault, AgentError):
            _LOG.error("%s: %s", path, fault)
            unwritten = isinstance(fault, (BookFull, BookBusy))
            return replies.error(503, "unavailable", str(fault), text=self._words.of(unwritten=unwritten))
        _LOG.error("a request to %s failed", path, exc_info=fault)
        return replies.error(500, "internal", text=self._words.of(unwritten=False))


def security_headers(inline: Inline) -> dict[str, str]:
    """Give the headers.

    The policy allows this one style sheet, this one script, the till's own pictures and questions to itself, and nothing
    else.
    """
    policy = (
        f"default-src 'none'; style-src {_hashed(inline.style)}; script-src {_hashed(inline.script)}; connect-src 'self'; "
        "img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
