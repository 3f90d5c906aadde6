"""A contactless card's UID through the local API: it earns, and redeems with a card beside it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from agent.book.schema import card as cards
from agent.terminal import Terminal
from loyalty.cards import card_key
from tests.agent.callers import Caller, basket, check
from tests.agent.shops import CARD

UID = "uid:04A2B3C4D5E680"
OFF = [{"reward": "off"}]


@pytest.fixture
def member(pos: Caller, terminal: Terminal) -> str:
    """A member with 28 points, a card, and the UID of a chip."""
    sold = pos.post("commit", check(1), key="rich").json()
    context = terminal.till.context
    with context.book.write() as writing:
        row = {"card_key": card_key(UID, context.keys.identifier_key), "member": bytes.fromhex(sold["member"])}
        writing.connection.execute(insert(cards).values(**row))
    return str(sold["member"])


def test_earning_by_uid_works(pos: Caller, member: str) -> None:
    asked = pos.post("inquire", {"scan": "uid:04a2b3c4d5e680"}).json()
    assert (asked["card"], asked["member"], asked["may_redeem"]) == (UID, member, False)
    sold = pos.post("commit", check(2, card=asked["card"]), key="c")
    assert (sold.status_code, sold.json()["member"], sold.json()["balances"]) == (200, member, {"points": 56})


@pytest.mark.parametrize("verb", ["quote", "hold", "commit"])
def test_redeeming_by_uid_is_refused(pos: Caller, member: str, verb: str) -> None:
    body = check(2, card=UID, redeem=OFF) if verb == "commit" else basket(card=UID, redeem=OFF)
    answer = pos.post(verb, body, key=None if verb == "quote" else verb)
    assert answer.status_code == 422
    assert (answer.json()["refused"], answer.json()["field"]) == ("uid_needs_card", "redeem")


@pytest.mark.parametrize("named", [{"card": CARD}, {"card": UID, "second_card": CARD}])
def test_redeeming_by_card_works(pos: Caller, member: str, named: dict[str, Any]) -> None:
    held = pos.post("hold", basket(**named, redeem=OFF), key="h")
    assert held.status_code == 200
    sold = pos.post("commit", check(2, **named, redeem=OFF, hold=held.json()["hold"]), key="c")
    assert sold.status_code == 200
    assert [one["reward"] for one in sold.json()["redemptions"]] == ["off"]


def test_a_payment_card_as_the_second_card_stops_before_the_book(pos: Caller, member: str, terminal: Terminal) -> None:
    before = terminal.till.context.book.head.sequence
    answer = pos.post("commit", check(2, card=UID, second_card="4111 1111 1111 1111", redeem=OFF), key="c")
    assert (answer.json()["refused"], answer.json()["field"]) == ("payment_card", "second_card")
    assert terminal.till.context.book.head.sequence == before
