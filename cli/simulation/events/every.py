"""All events, and the choice of the next one."""

from bisect import bisect_right
from itertools import accumulate

from cli.simulation.events.disks import DISKS
from cli.simulation.events.event import Event
from cli.simulation.events.headquarters import HEADQUARTERS
from cli.simulation.events.lines import LINES
from cli.simulation.events.selling import SELLING
from cli.simulation.events.times import TIMES
from cli.simulation.world import World

EVENTS: tuple[Event, ...] = (*SELLING, *LINES, *TIMES, *DISKS, *HEADQUARTERS)
_UP_TO = list(accumulate(event.weight for event in EVENTS))
_MOST_APART_MS = 20 * 60_000


def step(world: World) -> None:
    """Let some time pass and something happen."""
    world.clock.pass_ms(world.chance.below(_MOST_APART_MS))
    event = EVENTS[bisect_right(_UP_TO, world.chance.below(_UP_TO[-1]))]
    world.steps += 1
    world.trace.note("event", world.steps, event.name)
    event.do(world)
