"""Events wait for a late listener, and not for the next customer."""

from __future__ import annotations

from agent.events import KEPT_MS, MAX_EVENTS, Events


class Watch:
    """A clock in milliseconds that is moved by hand."""

    now = 1_000

    def __call__(self) -> int:
        return self.now


def test_events_are_given_from_behind_a_number() -> None:
    events = Events()
    for number in range(4):
        events.add({"n": number})
    assert [event.body["n"] for event in events.after(2)] == [2, 3]
    assert events.after(4) == []


def test_a_number_from_before_a_restart_misses_nothing() -> None:
    events = Events()
    events.add({"n": 0})
    assert [event.number for event in events.after(17)] == [1]


def test_an_event_that_nobody_fetched_is_dropped() -> None:
    watch = Watch()
    events = Events(watch)
    events.add({"n": 0})
    watch.now += KEPT_MS
    assert len(events.after(0)) == 1
    watch.now += 1
    assert events.after(0) == []
    assert events.last == 1


def test_only_the_last_events_are_kept() -> None:
    events = Events()
    for number in range(MAX_EVENTS + 5):
        events.add({"n": number})
    assert len(events.after(0)) == MAX_EVENTS


def test_a_listener_is_told_until_it_ends() -> None:
    events, told = Events(), []
    end = events.listen(lambda: told.append(1))
    events.add({})
    end()
    events.add({})
    assert told == [1]
