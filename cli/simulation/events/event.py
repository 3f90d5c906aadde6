"""An event: its name, how often it happens, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from cli.simulation.machines import TillMachine
from cli.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One kind of event.

    Attributes:
        name: As docs/SIMULATION.md calls it.
        weight: How often it happens, against the others.
        do: Lets it happen; what cannot happen just now does nothing.
    """

    name: str
    weight: int
    do: Callable[[World], None]


def some_till(world: World) -> TillMachine:
    """Give one of the tills; there always is one."""
    return world.tills[world.chance.pick(sorted(world.tills))]
