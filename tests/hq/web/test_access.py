"""Nothing is open but pairing, health and the page to sign in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from sync.protocol.wire import encode_hello
from tests.hq.houses import House
from tests.hq.web.conftest import Site

OPEN = {("POST", "/v1/pair"), ("GET", "/health"), ("GET", "/sign-in"), ("POST", "/sign-in")}
"""Pairing asks for a code, signing in for a link; health says nothing but that HQ answers."""


def every_address(house: House) -> Iterator[tuple[str, str]]:
    for route in house.hq.app.routes:
        assert isinstance(route, APIRoute), f"{route} is not checked by this test"
        for method in sorted(route.methods or ()):
            yield method, route.path


def test_every_address_but_the_open_ones_asks_who_is_there(site: Site) -> None:
    closed = set(every_address(site.house)) - OPEN
    assert len(closed) >= 7
    for method, path in sorted(closed):
        for headers in ({}, {"Authorization": "Bearer guess"}, {"Cookie": "loyaltill_session=guess"}):
            answer = site.ask(method, path, headers=headers, data=b"{}" if method == "POST" else None)
            if path.startswith("/v1/"):
                assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized"), (method, path)
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            else:
                assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in"), (method, path)
            assert answer.headers["Cache-Control"] == "no-store"


def test_the_open_addresses_exist(site: Site) -> None:
    assert set(every_address(site.house)) >= OPEN


def test_there_are_no_pages_about_the_program(site: Site) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/static/", "/.env"):
        assert site.ask("GET", path).status_code == 404


def test_a_till_token_opens_no_page_and_a_session_no_protocol(site: Site) -> None:
    till = site.house.till()
    assert site.as_till(till, "GET", "/members").status_code == 303
    assert site.signed_in().get(site.url + "/v1/sync/feed?after=0", timeout=20).status_code == 401


def test_the_token_of_one_till_does_nothing_for_another(site: Site) -> None:
    mine, other = site.house.till("Till 1"), site.house.till("Till 2")
    answer = site.as_till(mine, "POST", "/v1/sync/hello", data=encode_hello(other.hello()))
    assert (answer.status_code, answer.json()["error"]) == (403, "terminal_mismatch")


@pytest.mark.parametrize("path", ["/health", "/sign-in", "/v1/sync/feed", "/nowhere"])
def test_every_answer_carries_the_headers_that_keep_browsers_safe(site: Site, path: str) -> None:
    headers = site.ask("GET", path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in headers
