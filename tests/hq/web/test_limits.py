"""Token buckets."""

from __future__ import annotations

from hq.web import limits
from hq.web.limits import RateLimit
from tests.hq.houses import SetClock


def test_a_burst_is_let_through_and_then_a_steady_rate() -> None:
    clock = SetClock()
    limit = RateLimit(clock, burst=3, per_minute=6)
    assert [limit.allows("a") for _ in range(4)] == [True, True, True, False]
    clock.pass_time(seconds=10)
    assert [limit.allows("a") for _ in range(2)] == [True, False]


def test_callers_do_not_slow_each_other() -> None:
    limit = RateLimit(SetClock(), burst=1, per_minute=1)
    assert [limit.allows(caller) for caller in ("a", "b", "a")] == [True, True, False]


def test_a_clock_that_goes_back_gives_nothing_and_breaks_nothing() -> None:
    clock = SetClock()
    limit = RateLimit(clock, burst=1, per_minute=60)
    assert limit.allows("a")
    clock.pass_time(hours=-1)
    assert not limit.allows("a")
    clock.pass_time(seconds=1)
    assert limit.allows("a")


def test_the_callers_remembered_are_bounded() -> None:
    limit = RateLimit(SetClock(), burst=1, per_minute=1)
    for number in range(limits.MAX_CALLERS + 5):
        limit.allows(str(number))
    assert len(limit._buckets) == limits.MAX_CALLERS
