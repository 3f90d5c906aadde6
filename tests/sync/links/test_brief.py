"""Who asks briefly waits no longer than said, whatever keeps the answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agent.till.line import Line
from sync.links.brief import Brief, Queued
from sync.protocol.errors import LinkDown, SyncErrorCode, SyncRefused


class Hq:
    """Doubles a number, once it may."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.asked: list[int] = []

    def ask(self, number: int) -> int:
        self.asked.append(number)
        self.may.wait(30)
        if number < 0:
            raise SyncRefused(SyncErrorCode.MALFORMED, "below zero")
        return 2 * number


@pytest.fixture
def hq() -> Iterator[Hq]:
    made = Hq()
    yield made
    made.may.set()


def test_an_answer_in_time_is_given_and_a_refusal_raised(hq: Hq) -> None:
    hq.may.set()
    brief = Brief(hq.ask, 20.0)
    assert [brief(number) for number in (1, 2)] == [2, 4]
    with pytest.raises(SyncRefused, match="below zero"):
        brief(-1)
    assert brief(3) == 6


def test_who_is_kept_waits_no_longer_and_the_next_one_not_at_all(hq: Hq) -> None:
    brief = Brief(hq.ask, 0.2)
    began_s = time.monotonic()
    with pytest.raises(LinkDown, match="in time"):
        brief(1)
    waited_s = time.monotonic() - began_s
    with pytest.raises(Queued, match="before this one"):
        brief(2)
    assert (0.2 <= waited_s < 5.0, hq.asked) == (True, [1])


def test_once_the_kept_answer_has_come_it_is_asked_again(hq: Hq) -> None:
    brief = Brief(hq.ask, 0.05)
    with pytest.raises(LinkDown):
        brief(1)
    hq.may.set()
    for _ in range(1_000):
        try:
            assert brief(2) == 4
        except LinkDown:
            time.sleep(0.01)
        else:
            break
    assert hq.asked == [1, 2]


def test_many_at_once_all_hear_their_own_answer(hq: Hq) -> None:
    hq.may.set()
    brief, heard = Brief(hq.ask, 20.0), {}

    def ask(number: int) -> None:
        heard[number] = brief(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {number: 2 * number for number in range(8)}


def test_of_many_on_a_silent_line_nobody_waits_twice(hq: Hq) -> None:
    brief, waited_s = Brief(hq.ask, 0.3), []

    def ask() -> None:
        began_s = time.monotonic()
        with pytest.raises(LinkDown):
            brief(1)
        waited_s.append(time.monotonic() - began_s)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(waited_s), max(waited_s) < 0.9, hq.asked) == (4, True, [1])


def test_sales_that_ask_at_once_do_not_make_a_line_rest_that_is_well() -> None:
    line, now = Line(), datetime(2030, 1, 1, tzinfo=UTC)

    def slowly(asked: object) -> object:
        time.sleep(0.15)
        return asked

    line.open(Brief(slowly, 0.3))  # type: ignore[arg-type]  # of any kind
    threads = [threading.Thread(target=line.ask, args=(number, now)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard: object = None
    for _ in range(100):
        heard = heard or line.ask(9, now)  # type: ignore[arg-type]
        time.sleep(0.01)
    assert heard == 9
