"""Who waits at HQ to hear of leases, and what ends a wait."""

from __future__ import annotations

import asyncio
import threading
import time

from hq.leasing.calls import Calls

A, B = b"a" * 32, b"b" * 32
LONG_S, SOON_S = 30.0, 5.0


def test_a_ring_from_another_thread_ends_the_wait_of_that_till_alone() -> None:
    calls = Calls()

    async def wait() -> tuple[float, bool]:
        with calls.expecting(A) as mine, calls.expecting(B) as other:
            threading.Timer(0.05, calls.ring, [[A]]).start()
            begun = time.monotonic()
            await mine.within(LONG_S)
            took = time.monotonic() - begun
            waiting = asyncio.create_task(other.within(LONG_S))
            await asyncio.sleep(0.05)
            done = waiting.done()
            waiting.cancel()
            return took, done

    took, other_done = asyncio.run(wait())
    assert took < SOON_S
    assert not other_done


def test_a_ring_between_the_registration_and_the_wait_is_not_lost() -> None:
    calls = Calls()

    async def wait() -> None:
        with calls.expecting(A) as call:
            calls.ring([A])
            await asyncio.wait_for(call.within(LONG_S), SOON_S)

    asyncio.run(wait())


def test_a_wait_ends_by_itself() -> None:
    async def wait() -> None:
        with Calls().expecting(A) as call:
            await call.within(0.01)

    asyncio.run(asyncio.wait_for(wait(), SOON_S))


def test_of_two_waits_of_one_till_the_older_ends() -> None:
    calls = Calls()

    async def wait() -> bool:
        with calls.expecting(A) as older, calls.expecting(A) as newer:
            await asyncio.wait_for(older.within(LONG_S), SOON_S)
            waiting = asyncio.create_task(newer.within(LONG_S))
            await asyncio.sleep(0.05)
            before = waiting.done()
            calls.ring([A])
            await asyncio.wait_for(waiting, SOON_S)
            return before

    assert asyncio.run(wait()) is False


def test_beyond_the_bound_and_once_hq_stops_nobody_waits() -> None:
    calls = Calls(most=1)

    async def wait() -> None:
        with calls.expecting(A) as first, calls.expecting(B) as beyond:
            await asyncio.wait_for(beyond.within(LONG_S), SOON_S)
            calls.close()
            await asyncio.wait_for(first.within(LONG_S), SOON_S)
        with calls.expecting(A) as late:
            await asyncio.wait_for(late.within(LONG_S), SOON_S)

    asyncio.run(wait())


def test_who_left_is_not_called() -> None:
    calls = Calls(most=1)

    async def leave() -> None:
        with calls.expecting(A):
            pass
        calls.ring([A])
        with calls.expecting(B) as call:  # its place is free again
            waiting = asyncio.create_task(call.within(LONG_S))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            waiting.cancel()

    asyncio.run(leave())
