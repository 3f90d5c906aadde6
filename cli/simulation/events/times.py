"""What happens to time: days go by, and clocks are wrong."""

from datetime import timedelta

from cli.simulation.events.event import Event, some_till
from cli.simulation.world import World

_DAY_MS = 86_400_000
_MONTHS_MS = 396 * _DAY_MS


def _day(world: World) -> None:
    world.clock.pass_ms(_DAY_MS)


def _year(world: World) -> None:
    """Thirteen months go by; no till is heard of meanwhile."""
    world.clock.pass_ms(_MONTHS_MS)


def _skew(world: World) -> None:
    """A till's clock goes wrong by up to a quarter of an hour."""
    some_till(world).clock.off = timedelta(seconds=world.chance.between(-900, 900))


def _jump(world: World) -> None:
    """A till's clock jumps by a day, forward or back, in the middle of a shift."""
    some_till(world).clock.off += timedelta(days=world.chance.pick((-1, 1)))


def _battery(world: World) -> None:
    """The battery of a till's clock is empty: it is 1970."""
    some_till(world).clock.die()


def _set(world: World) -> None:
    some_till(world).clock.off = timedelta(0)


TIMES = (
    Event(name="a day passes", weight=12, do=_day),
    Event(name="thirteen months pass", weight=1, do=_year),
    Event(name="clock is off", weight=20, do=_skew),
    Event(name="clock jumps by a day", weight=10, do=_jump),
    Event(name="clock stands in 1970", weight=4, do=_battery),
    Event(name="clock is set", weight=20, do=_set),
)
