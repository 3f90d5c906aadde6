"""Who may ask: the token, the page's cookie, and no foreign page in a browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import requests

from agent.api.guard import COOKIE
from agent.api.token import FILE, api_token, page_key
from agent.errors import KeysUnusable
from agent.terminal import Terminal
from tests.agent.callers import Caller

NEEDS_TOKEN = ("/v1/status", "/v1/events?wait_ms=0", "/v1/openapi.json", "/v1/receipt/00", "/")


@pytest.fixture
def terminal(lasting: Terminal) -> Terminal:
    return lasting


@pytest.fixture
def stranger(terminal: Terminal) -> Caller:
    caller = Caller(terminal.base_url, "x")
    del caller.session.headers["Authorization"]
    return caller


def test_only_health_is_open(stranger: Caller) -> None:
    with stranger:
        assert stranger.get("/health").json() == {
            "status": "ok",
            "printers": [{"printer": "receipts", "ready": True, "troubles": []}],
            "printing": {"working": True, "waiting": 0, "unknown": 0, "refused": 0, "late": 0, "papers": {}},
        }
        assert {stranger.get(path).status_code for path in NEEDS_TOKEN} == {401}
        refused = stranger.post("inquire", {"scan": "a"})
        assert (refused.status_code, refused.headers["connection"]) == (401, "close")


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x", "Basic x", "Bearer \u00e4"])
def test_another_token_is_none(terminal: Terminal, shown: str) -> None:
    answer = requests.get(
        f"{terminal.base_url}/v1/status", headers={"Authorization": shown.encode("utf-8")}, timeout=10
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "a@127.0.0.1", "[::1"]
)
def test_a_name_that_was_made_to_point_here_is_refused(pos: Caller, host: str) -> None:
    assert pos.get("/v1/status", Host=host).status_code == 403
    assert pos.get("/health", Host=host).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:8471", "192.0.2.7"])
def test_this_machines_names_are_taken(pos: Caller, host: str) -> None:
    assert pos.get("/v1/status", Host=host).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_a_page_of_another_origin_is_refused(pos: Caller, headers: dict[str, str]) -> None:
    assert pos.get("/v1/status", **headers).status_code == 403
    assert pos.post("inquire", {"scan": "a"}, **headers).status_code == 403


def test_the_tills_own_page_may_ask(pos: Caller) -> None:
    assert pos.get("/v1/status", Origin=pos.base_url, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_the_link_to_the_page_becomes_a_cookie_that_scripts_cannot_read(terminal: Terminal, stranger: Caller) -> None:
    with stranger:
        answer = stranger.session.get(terminal.url, timeout=10, allow_redirects=False)
        assert (answer.status_code, 'http-equiv="refresh" content="0;url=/"' in answer.text) == (200, True)
        assert page_key(terminal.token) not in answer.text
        cookie = answer.headers["set-cookie"].lower()
        assert all(word in cookie for word in (COOKIE, "httponly", "samesite=strict"))
        assert stranger.get("/").status_code == 200
        assert stranger.get("/v1/status").status_code == 200
        assert stranger.post("inquire", {"scan": "a"}).status_code == 422, "read, and nobody's: asking changes nothing"
        assert stranger.post("shift", {}).status_code == 200, "it changes nothing but paper"
        assert stranger.post("reprint", {"entry": "00" * 16}).status_code == 404, "nor does this"
        assert {stranger.post(verb, {}).status_code for verb in ("commit", "enrol", "printed", "pair")} == {401}


def test_a_wrong_key_opens_nothing(terminal: Terminal, stranger: Caller) -> None:
    with stranger:
        assert stranger.get("/?key=" + "0" * 40).status_code == 401
        assert stranger.get("/?key=" + terminal.token).status_code == 401
        assert stranger.get("/v1/status?key=" + page_key(terminal.token)).status_code == 401


def test_every_answer_keeps_browsers_safe(pos: Caller, stranger: Caller) -> None:
    with stranger:
        for answer in (pos.get("/"), pos.get("/nothing"), stranger.get("/"), stranger.get("/health")):
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"


def test_the_token_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    token = api_token(tmp_path)
    assert len(token) >= 43
    assert api_token(tmp_path) == token
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert os.name != "posix" or (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 40, b"a b" * 20])
def test_a_damaged_token_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(KeysUnusable, match=FILE):
        api_token(tmp_path)
