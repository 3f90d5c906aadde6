"""Around every request: headers that keep browsers safe, and one place where bugs are logged once."""

import logging
from base64 import b64encode
from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("loyaltill.hq")
_CRASHED = b'{"error":"internal"}'


class Guard:
    """Puts security headers on every answer; an unexpected exception becomes a plain 500.

    Where an answer goes out before the body was read, the connection is closed, so that nobody goes on sending it.
    """

    def __init__(self, app: ASGIApp, *, style: str) -> None:
        """Wrap ``app``; ``style`` is the one style sheet that pages carry inline."""
        self._app = app
        self._headers = security_headers(style)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        unread = _has_body(scope)

        async def reading() -> Message:
            nonlocal unread
            message = await receive()
            unread = unread and message.get("more_body", False)
            return message

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                kept = headers.get("Cache-Control", self._headers["Cache-Control"])  # a file that never changes says so
                for name, value in self._headers.items():
                    headers[name] = value
                headers["Cache-Control"] = kept
                if unread:
                    headers["Connection"] = "close"
            await send(message)

        try:
            await self._app(scope, reading, guarded)
        except Exception:
            _log.exception("a request to %s failed", scope["path"])
            if started:
                raise
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_CRASHED)).encode())]
            await guarded({"type": "http.response.start", "status": 500, "headers": headers})
            await guarded({"type": "http.response.body", "body": _CRASHED})


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def security_headers(style: str) -> dict[str, str]:
    """Give the headers; the policy allows this one style sheet, forms to HQ itself, and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # under "no-referrer" browsers call our own forms' origin "null"
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "no-store",
    }
