"""What is not a request is refused with the field's name, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from agent.terminal import Terminal
from tests.agent.callers import Caller, check


@pytest.fixture
def terminal(lasting: Terminal) -> Terminal:
    return lasting


def refused(pos: Caller, verb: str, body: Any, key: str | None = "k") -> tuple[int, str, str]:
    answer = pos.post(verb, body, key=key)
    return answer.status_code, answer.json()["refused"], answer.json().get("field", "")


@pytest.mark.parametrize("value", [1.0, 1.5, "1", True, None, [1], {}])
def test_an_amount_that_is_no_integer_is_refused(pos: Caller, terminal: Terminal, value: object) -> None:
    body = check()
    body["lines"][2]["amount_minor"] = value
    assert refused(pos, "commit", body) == (400, "bad_request", "lines[3].amount_minor")
    assert terminal.till.context.book.head.sequence == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"unknown": 1}, "unknown"),
        ({"\ud800": 1}, "?"),
        ({"lines": {}}, "lines"),
        ({"lines": [[]]}, "lines[1]"),
        ({"lines": [{}]}, "lines[1].line"),
        ({"lines": None}, "lines"),
        ({"currency": "TENGE"}, "currency"),
        ({"check_id": ""}, "check_id"),
        ({"check_id": "x" * 201}, "check_id"),
        ({"operator": "\ud800"}, "operator"),
        ({"operator": "a\0b"}, "operator"),
        ({"training": 1}, "training"),
        ({"business_date": "5.3.2026"}, "business_date"),
        ({"business_date": "2026-02-30"}, "business_date"),
        ({"happened_at": "2026-03-05T12:30:00"}, "happened_at"),
        ({"happened_at": 0}, "happened_at"),
        ({"redeem": {"reward": "off"}}, "redeem"),
        ({"redeem": [{"units": 10}]}, "redeem[1].reward"),
        ({"redeem": [{"reward": "off", "units": 2**63}]}, "redeem[1].units"),
        ({"redeem": [{"reward": "off", "units": 0}]}, "redeem[1].units"),
        ({"codes": "SUMMER"}, "codes"),
        ({"coupons": [1]}, "coupons[1]"),
        ({"gift_cards": [{"number": "G1"}]}, "gift_cards[1].reward"),
        ({"sold_cards": [{"number": "G1", "line": 0}]}, "sold_cards[1].line"),
        ({"card": 2100000000042}, "card"),
    ],
)
def test_a_field_of_another_shape_is_named(pos: Caller, changed: dict[str, Any], field: str) -> None:
    assert refused(pos, "commit", check() | changed) == (400, "bad_request", field)


def test_a_basket_has_a_bound(pos: Caller) -> None:
    line = {"line": 1, "item": "", "quantity_milli": 1, "amount_minor": 1}
    assert refused(pos, "commit", check() | {"lines": [line] * 2_001})[2] == "lines"


@pytest.mark.parametrize("key", [None, "", "x" * 201, "k\u00e4y"])
def test_a_change_needs_an_idempotency_key(pos: Caller, key: str | None) -> None:
    sent = None if key is None else key.encode("latin-1").decode("latin-1")
    assert refused(pos, "commit", check(), key=sent) == (400, "bad_request", "Idempotency-Key")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b'"text"',
        b"NaN",
        b'{"scan": "a", "scan": "b"}',
        b"[" * 100_000,
        b'{"scan": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_no_json_object_is_refused(pos: Caller, body: bytes) -> None:
    answer = pos.session.post(
        f"{pos.base_url}/v1/inquire", data=body, headers={"Content-Type": "application/json"}, timeout=30
    )
    assert (answer.status_code, answer.json()["refused"]) == (400, "bad_request")


def test_the_refusal_never_repeats_what_was_sent(pos: Caller) -> None:
    answer = pos.post("commit", check() | {"currency": "4111111111111111"}, key="k")
    assert "4111" not in answer.text


def test_another_content_type_is_refused(pos: Caller) -> None:
    answer = pos.session.post(f"{pos.base_url}/v1/inquire", data=b'{"scan":"a"}', timeout=30)
    assert (answer.status_code, answer.json()["error"]) == (415, "not_json")


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_of_more_than_a_mebibyte_is_refused(pos: Caller, chunked: bool) -> None:
    body = b'{"scan": "' + b"a" * 1_048_576 + b'"}'
    sent = iter([body[:600_000], body[600_000:]]) if chunked else body
    answer = pos.session.post(
        f"{pos.base_url}/v1/inquire", data=sent, headers={"Content-Type": "application/json"}, timeout=30
    )
    assert (answer.status_code, answer.json()["error"]) == (413, "body_too_large")


def test_unknown_addresses_and_methods_are_said_to_be(pos: Caller) -> None:
    assert (pos.get("/v1/nothing").status_code, pos.get("/v1/nothing").json()) == (404, {"error": "no_such_address"})
    assert (pos.get("/v1/commit").status_code, pos.get("/v1/commit").json()) == (405, {"error": "no_such_method"})
