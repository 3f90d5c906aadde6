"""What happens to the tills' machines and disks."""

from agent.book.witness import FILE as WITNESS
from cli.simulation.disks import empty, fill
from cli.simulation.events.event import Event, some_till
from cli.simulation.world import World

_MOST_IMAGES = 3


def _restart(world: World) -> None:
    """A till's process is killed between two requests."""
    world.crash(some_till(world))


def _full(world: World) -> None:
    """A till's disk has room for a page or two more, and then none."""
    machine = some_till(world)
    if machine.writer is not None:
        fill(machine.writer, world.chance.below(4))


def _empty(world: World) -> None:
    machine = some_till(world)
    if machine.writer is not None:
        empty(machine.writer)


def _image(world: World) -> None:
    """Somebody takes an image of a till's disk."""
    machine = some_till(world)
    known = world.auditor.tills[machine.number].known.copy()
    world.images = [*world.images[-_MOST_IMAGES + 1 :], (machine.image(), known, machine.number)]


def _restore(world: World) -> None:
    """An image is put back on its machine: what was sold since is gone there."""
    own = [one for one in world.images if one[2] in world.tills]
    if not own:
        return
    image, known, number = world.chance.pick(own)
    world.trace.note("image restored", number)
    machine = world.tills[number]
    left = world.disks.copy(image, machine.name)
    if world.chance.one_in(2) and (machine.disk / WITNESS).exists():  # which may lie on another disk
        (left / WITNESS).write_bytes((machine.disk / WITNESS).read_bytes())
    world.put_back(machine, left, known.copy())


def _clone(world: World) -> None:
    """An image is put on another machine: two tills with one key."""
    if not world.images:
        return
    image, known, number = world.chance.pick(world.images)
    others = [one for one in sorted(world.tills) if one != number]
    if not others:
        return
    target = world.tills[world.chance.pick(others)]
    world.trace.note("image cloned", number, target.number)
    world.lose(target.number)
    world.put_back(target, world.disks.copy(image, target.name), known.copy())


def _lost(world: World) -> None:
    """A till burns; a new machine with a new key takes its place."""
    if not world.spares:
        return
    machine = some_till(world)
    world.trace.note("till lost", machine.number)
    world.lose(machine.number)
    world.remove(machine)
    world.install(world.spares.pop(0))


def _pair(world: World) -> None:
    """Somebody pairs a new machine, which may have sold meanwhile."""
    for machine in world.tills.values():
        if machine.running.context.keys.token is None and world.hq.hq is not None:
            world.pair(machine)


DISKS = (
    Event(name="till is killed", weight=1, do=_restart),
    Event(name="disk is full", weight=6, do=_full),
    Event(name="disk has room again", weight=14, do=_empty),
    Event(name="image is taken", weight=6, do=_image),
    Event(name="image is restored", weight=2, do=_restore),
    Event(name="image is cloned onto another till", weight=1, do=_clone),
    Event(name="till is lost", weight=2, do=_lost),
    Event(name="new till is paired", weight=12, do=_pair),
)
