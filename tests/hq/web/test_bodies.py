"""Bodies are bounded one by one, for one caller, and for all together; what was held is free again however it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from starlette.requests import Request

from hq.web.bodies import Bodies, Turns
from sync.protocol.errors import SyncErrorCode, SyncRefused


def request(*parts: bytes, announced: str | None = None, ends: bool = True) -> Request:
    """A request whose body comes in these parts; without an end it breaks off."""
    left = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    left.append({"type": "http.request", "body": b"", "more_body": False} if ends else {"type": "http.disconnect"})

    async def receive() -> Any:
        return left.pop(0)

    headers = [(b"content-length", announced.encode())] if announced is not None else []
    return Request({"type": "http", "method": "POST", "headers": headers, "path": "/"}, receive)


def code_of(bodies: Bodies, given: Request, caller: bytes = b"a", most: int = 100) -> SyncErrorCode | None:
    async def read() -> SyncErrorCode | None:
        try:
            async with bodies.of(given, most=most, caller=caller):
                return None
        except SyncRefused as refused:
            return refused.code

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (request(b"x" * 60, b"x" * 40), None),
        (request(b"x" * 60, b"x" * 41), SyncErrorCode.TOO_LARGE),
        (request(announced="101"), SyncErrorCode.TOO_LARGE),
        (request(announced="9" * 400), SyncErrorCode.TOO_LARGE),
        (request(b"x", announced="-1"), None),
        (request(b"x" * 10, ends=False), SyncErrorCode.MALFORMED),
    ],
)
def test_a_body_is_read_as_far_as_it_may_be(given: Request, code: SyncErrorCode | None) -> None:
    bodies = Bodies()
    assert code_of(bodies, given) is code
    assert (bodies._held_bytes, bodies._of_one) == (0, {})


def while_held(act: Callable[[Bodies], Awaitable[SyncErrorCode | None]], bodies: Bodies, *given: Any) -> Any:
    """Do something while these bodies are held."""

    async def run() -> SyncErrorCode | None:
        async with AsyncExitStack() as stack:
            for caller, one in given:
                await stack.enter_async_context(bodies.of(one, most=100, caller=caller))
            return await act(bodies)
        raise AssertionError("nothing is swallowed")

    return asyncio.run(run())


async def one_more(bodies: Bodies, caller: bytes, size: int) -> SyncErrorCode | None:
    try:
        async with bodies.of(request(b"x" * size), most=100, caller=caller):
            return None
    except SyncRefused as refused:
        return refused.code


def test_one_caller_has_a_few_at_once_and_others_have_theirs() -> None:
    bodies = Bodies(most_of_one=2)
    two = [(b"a", request(b"x")) for _ in range(2)]
    assert while_held(lambda own: one_more(own, b"a", 1), bodies, *two) is SyncErrorCode.BUSY
    two = [(b"a", request(b"x")) for _ in range(2)]
    assert while_held(lambda own: one_more(own, b"b", 1), bodies, *two) is None
    assert (bodies._held_bytes, bodies._of_one) == (0, {})


def test_all_callers_together_hold_no_more_than_there_is_room_for() -> None:
    bodies = Bodies(most_held_bytes=150)
    assert while_held(lambda own: one_more(own, b"b", 60), bodies, (b"a", request(b"x" * 100))) is SyncErrorCode.BUSY
    assert while_held(lambda own: one_more(own, b"b", 50), bodies, (b"a", request(b"x" * 100))) is None
    assert (bodies._held_bytes, bodies._of_one) == (0, {})


def test_a_body_that_is_slow_is_given_up() -> None:
    async def never() -> Any:
        await asyncio.sleep(60)

    slow = Request({"type": "http", "method": "POST", "headers": [], "path": "/"}, never)
    assert code_of(Bodies(wait_s=0.05), slow) is SyncErrorCode.MALFORMED


def test_turns_are_taken_so_many_at_once_in_each_event_loop() -> None:
    turns = Turns(2)
    most = 0

    async def crowd() -> None:
        inside = 0

        async def one() -> None:
            nonlocal inside, most
            async with turns.one():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.01)
                inside -= 1

        await asyncio.gather(*(one() for _ in range(6)))

    asyncio.run(crowd())
    asyncio.run(crowd())
    assert most == 2
