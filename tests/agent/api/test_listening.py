"""Whoever asks for events with the number that the last answer told misses none."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request

from agent.api.listening import Listening
from agent.events import Event, Events


class Busy(Events):
    """A scan comes right behind each look at the events."""

    left = 3

    def after(self, number: int) -> list[Event]:
        found = super().after(number)
        if self.left:
            self.left -= 1
            self.add({"scan": self.last + 1})
        return found


def asked(listening: Listening, after: int) -> dict[str, Any]:
    query = f"after={after}&wait_ms=0".encode()
    request = Request({"type": "http", "method": "GET", "headers": [], "query_string": query})
    answer: dict[str, Any] = json.loads(bytes(asyncio.run(listening.events(request)).body))
    return answer


@pytest.mark.parametrize("before", [0, 1])
def test_an_event_that_comes_while_others_are_told_is_told_the_next_time(before: int) -> None:
    events = Busy()
    for number in range(before):
        events.add({"scan": number + 1})
    listening, heard, after = Listening(events), [], 0
    for _ in range(4):
        answer = asked(listening, after)
        heard += [event["scan"] for event in answer["events"]]
        after = answer["last"]
    assert heard == list(range(1, events.last + 1))
