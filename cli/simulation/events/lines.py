"""What happens between tills and HQ."""

from cli.simulation.events.event import Event, some_till
from cli.simulation.network import Weather
from cli.simulation.world import World


def _weather(world: World) -> None:
    """The line of one till changes."""
    world.network.weather[some_till(world).number] = world.chance.pick((*Weather, Weather.CLEAR, Weather.ROUGH))


def _outage(world: World) -> None:
    """Every till's line changes at once: a chain-wide outage, or the end of one."""
    weather = world.chance.pick((Weather.DOWN, Weather.BUSY, Weather.CLEAR, Weather.ROUGH))
    for number in sorted(world.tills):
        world.network.weather[number] = weather


def _late(world: World) -> None:
    """A late request reaches HQ, behind newer ones."""
    world.network.arrive_late()


def _sync(world: World) -> None:
    world.sync(some_till(world))


def _everybody(world: World) -> None:
    """Every till syncs, one after the other, as after an outage."""
    for number in sorted(world.tills):
        world.sync(world.tills[number])


def _crash(world: World) -> None:
    """The till ends while it syncs: between any two steps of what it writes."""
    world.sync(some_till(world), sabotaged=True)


LINES = (
    Event(name="line changes", weight=50, do=_weather),
    Event(name="every line changes", weight=6, do=_outage),
    Event(name="late request arrives", weight=30, do=_late),
    Event(name="till syncs", weight=13, do=_sync),
    Event(name="every till syncs", weight=2, do=_everybody),
    Event(name="till crashes while it syncs", weight=3, do=_crash),
)
