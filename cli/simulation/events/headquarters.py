"""What happens at HQ: it ends and begins, its disk is restored, people and jobs write."""

from cli.simulation.events.event import Event
from cli.simulation.hosts import CARDS
from cli.simulation.machines import WITNESS_FILE
from cli.simulation.network import Weather
from cli.simulation.world import World
from hq.adjusting.service import Adjustment
from hq.leases import desk
from hq.pools.stock import StockChange, StockDo

_MOST_BACKUPS = 2


def _crash_serving(world: World) -> None:
    """HQ ends during the next request: between any two steps of what it writes, or before its answer leaves."""
    world.sabotage_hq()


def _crash(world: World) -> None:
    world.spare_hq()
    if world.hq.hq is not None:
        world.hq_crash()


def _start(world: World) -> None:
    if world.hq.hq is None:
        world.hq_start()


def _backup(world: World) -> None:
    """A backup of HQ's book is taken."""
    world.spare_hq()
    world.backups = [*world.backups[-_MOST_BACKUPS + 1 :], (world.hq.image(), world.auditor.hq_image())]


def _restore(world: World) -> None:
    """HQ's book is restored from a backup; the file that says what tills were told is still there."""
    _restored(world, whole=False)


def _restore_whole(world: World) -> None:
    """HQ's whole directory is restored, and a person says so."""
    _restored(world, whole=True)


def _restored(world: World, *, whole: bool) -> None:
    if not world.backups:
        return
    world.spare_hq()
    backup, acknowledged = world.chance.pick(world.backups)
    world.trace.note("hq restored", f"whole={whole}")
    left = world.disks.copy(backup, "hq")
    if not whole:
        (left / WITNESS_FILE).write_bytes((world.hq.disk / WITNESS_FILE).read_bytes())
    world.hq_restored(left, acknowledged, declared=whole)


def _adjust(world: World) -> None:
    """A person gives a member points, or takes some."""
    world.spare_hq()
    if world.hq.hq is None:
        return
    card, amount = world.chance.pick(CARDS), world.chance.between(-20, 40)
    asked = Adjustment(card=card, unit="points", amount=str(amount), reason="simulated", by="simulated")
    world.trace.note("adjusted", type(world.hq.hq.adjusting.adjust(asked)).__name__)


def _stock(world: World) -> None:
    """Mugs come into a store."""
    world.spare_hq()
    if world.hq.hq is None:
        return
    store = f"s{world.chance.between(1, 2)}"
    asked = StockChange(do=StockDo.ADD, reward="mug", item="mug", store=store, quantity=str(world.chance.between(1, 5)))
    world.trace.note("stocked", type(world.hq.hq.stock.change(asked)).__name__)


def _jobs(world: World) -> None:
    """HQ's daily jobs: units end."""
    world.spare_hq()
    if world.hq.hq is None:
        return
    done = world.hq.hq.jobs.run()
    world.auditor.bound.wrote_off(world.hq.book)
    world.trace.note("jobs", *(one.changed for one in done))


def _recall(world: World) -> None:
    """A person looks at the leases and asks for some."""
    _by_hand(world, "recall", most=3)


def _write_off(world: World) -> None:
    """A till is cut off, and a person writes off what it holds; it may spend that all the same and come later."""
    held = _by_hand(world, "write_off", most=3)
    for number, machine in sorted(world.tills.items()):
        if machine.name.replace("-", " ") in held:
            world.network.weather[number] = Weather.DOWN
    if held:
        _run_on_it(world)


def _run_on_it(world: World) -> None:
    """Every shop gives what it can: what was written off is granted to others, and spent by its holder too."""
    for number, machine in sorted(world.tills.items()):
        host = world.hosts[number]
        for make in (host.hold, host.pay_held, host.redeem, host.redeem):
            request = make()
            if request is not None:
                world.ask(machine, request)


def _by_hand(world: World, do: str, most: int) -> set[str]:
    """Let a person do something to some leases; gives the names of the tills that hold them."""
    world.spare_hq()
    if world.hq.hq is None:
        return set()
    listed = {row["lease"]: row["till"] for row in desk.answer(world.hq.hq.leases, {"do": "list"})["leases"]}
    named = sorted({world.chance.pick(sorted(listed)) for _ in range(most)}) if listed else []
    answered = desk.answer(world.hq.hq.leases, {"do": do, "leases": named})
    world.auditor.bound.wrote_off(world.hq.book)
    world.trace.note(do, len(listed), *answered["changed"])
    return {listed[name] for name in named}


def _rest(world: World) -> None:
    """A quiet hour: everything becomes level, and is compared."""
    if world.chance.one_in(3):
        world.rest()


HEADQUARTERS = (
    Event(name="hq crashes while it serves", weight=4, do=_crash_serving),
    Event(name="hq is killed", weight=1, do=_crash),
    Event(name="hq starts", weight=20, do=_start),
    Event(name="backup is taken", weight=4, do=_backup),
    Event(name="hq is restored", weight=2, do=_restore),
    Event(name="hq is restored as a whole", weight=1, do=_restore_whole),
    Event(name="adjustment", weight=5, do=_adjust),
    Event(name="stock", weight=3, do=_stock),
    Event(name="jobs", weight=4, do=_jobs),
    Event(name="leases are recalled by a person", weight=2, do=_recall),
    Event(name="lease is written off by a person", weight=4, do=_write_off),
    Event(name="quiet hour", weight=1, do=_rest),
)
