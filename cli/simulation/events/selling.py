"""What hosts ask of their tills, once or again, and tills that end while they answer."""

from collections.abc import Callable
from dataclasses import replace

from agent.till.requests import CommitRequest
from cli.simulation.audit.violation import demand
from cli.simulation.events.event import Event, some_till
from cli.simulation.hosts import CARDS, Host, Request
from cli.simulation.world import World
from loyalty.quote import RedeemRequest


def _asking(make: Callable[[Host], Request | None]) -> Callable[[World], None]:
    def do(world: World) -> None:
        machine = some_till(world)
        request = make(world.hosts[machine.number])
        if request is not None:
            world.ask(machine, request)

    return do


_CRASHING: tuple[Callable[[Host], Request | None], ...] = (
    Host.sale,
    Host.sale,
    Host.redeem,
    Host.enrol,
    Host.back,
    Host.hold,
    Host.pay_held,
)


def _crash(world: World) -> None:
    """The till ends before, in or behind the commit of a sale, or the power fails; the host may ask again at once."""
    machine = some_till(world)
    host = world.hosts[machine.number]
    make = world.chance.pick(_CRASHING)
    request = make(host)
    if request is None:
        return
    world.ask(machine, request, sabotaged=True)
    if world.chance.one_in(2):
        world.ask(machine, request)


def _again(world: World) -> None:
    """A host sends again what was answered: the till gives the same bytes."""
    machine = some_till(world)
    answered = world.hosts[machine.number].answered
    if answered:
        world.ask(machine, world.chance.pick(answered))


def _unanswered(world: World) -> None:
    """A host sends again what nobody answered."""
    machine = some_till(world)
    unanswered = world.hosts[machine.number].unanswered
    if unanswered:
        world.ask(machine, world.chance.pick(unanswered))


def _new_key(world: World) -> None:
    """A host sends a sale again under a new key, as some do: the same check is the same sale."""
    machine = some_till(world)
    host = world.hosts[machine.number]
    sales = [one for one in host.answered if isinstance(one, CommitRequest)]
    if sales:
        world.ask(machine, replace(world.chance.pick(sales), key=host.key()))


def _other_body(world: World) -> None:
    """A host uses a key again for something else: refused, and nothing is changed."""
    machine = some_till(world)
    host = world.hosts[machine.number]
    answered = host.answered
    key = world.chance.pick(answered).key if answered else None
    if key is None or key not in world.auditor.tills[machine.number].known.answers:
        return
    other = replace(host.enrol(), key=key, nickname=f"other {host.key()}")
    refused = machine.running.enrol(other).refused
    demand(refused == "key_reused", "same answer", f"a key that was used for something else is answered with {refused}")


def _rush(world: World) -> None:
    """One member wants the same at every till, and again: no two of them may give the same units."""
    chance = world.chance
    card, reward = chance.pick(CARDS), "free" if chance.one_in(2) else "off"
    wanted = RedeemRequest(reward=reward, units=10 * chance.between(1, 8))
    for number, machine in sorted(world.tills.items()) * 2:
        world.ask(machine, world.hosts[number].redeem_this(card, wanted))


def _quote(world: World) -> None:
    machine = some_till(world)
    machine.running.quote(world.hosts[machine.number].quote())


def _identify(world: World) -> None:
    """A card is scanned: the standing is what the feed told and the till has written itself."""
    machine = some_till(world)
    answer = machine.running.identify(world.hosts[machine.number].card())
    world.auditor.tills[machine.number].identified(answer)


SELLING = (
    Event(name="sale", weight=46, do=_asking(Host.sale)),
    Event(name="redeem", weight=16, do=_asking(Host.redeem)),
    Event(name="one member redeems at every till", weight=4, do=_rush),
    Event(name="hold", weight=9, do=_asking(Host.hold)),
    Event(name="held basket is paid", weight=9, do=_asking(Host.pay_held)),
    Event(name="hold is given back", weight=2, do=_asking(Host.release)),
    Event(name="gift from stock", weight=5, do=_asking(Host.gift)),
    Event(name="coupon", weight=5, do=_asking(Host.coupon)),
    Event(name="gift card sold", weight=3, do=_asking(Host.sell_card)),
    Event(name="gift card pays", weight=4, do=_asking(Host.pay_by_card)),
    Event(name="enrolment", weight=8, do=_asking(Host.enrol)),
    Event(name="void", weight=4, do=_asking(Host.void)),
    Event(name="return", weight=8, do=_asking(Host.back)),
    Event(name="return of an unknown sale", weight=2, do=_asking(Host.unknown_back)),
    Event(name="quote", weight=3, do=_quote),
    Event(name="identify", weight=40, do=_identify),
    Event(name="host asks again", weight=16, do=_again),
    Event(name="host asks what was not answered", weight=12, do=_unanswered),
    Event(name="host asks again under a new key", weight=6, do=_new_key),
    Event(name="key used for another request", weight=6, do=_other_body),
    Event(name="till crashes while it answers", weight=4, do=_crash),
)
