"""Two tills, one member, no line that can be trusted: every interleaving of a small model, and no unit is given twice.

The model has what docs/SPEC-leases.md says and nothing else: entries that earn or spend one unit, messages that are lost, late or
sent again, grants whose answer comes late or never, holders whose clock ends a lease, and an HQ that posts entry by entry. All states that
any order of events can reach are visited. Each rule that is left out must let some order overspend: else the model could not fail.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

EARN, OWN, LEASED, CLOSE = "earn", "own", "leased", "close"
MOST_ENTRIES, MOST_EARNED = 4, 2
_TILLS = (0, 1)
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Till:
    """A till's journal, how far it may have sent, its lease (units left, or None), and messages that may still arrive."""

    journal: tuple[str, ...] = ()
    sent_through: int = 0
    lease: int | None = None
    had: bool = False
    messages: frozenset[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """What HQ knows of one till: entries posted, promised, what is in flight, and its lease as (amount, spent) or None."""

    posted: int = 0
    promised: int = 0
    flight: int = 0
    lease: Pair | None = None
    leased: bool = False


@dataclass(frozen=True, slots=True)
class State:
    tills: tuple[Till, Till] = (Till(), Till())
    hq: tuple[Held, Held] = (Held(), Held())
    units: int = 0

    def till(self, number: int, **changed: object) -> State:
        tills = list(self.tills)
        tills[number] = replace(tills[number], **changed)  # type: ignore[arg-type]
        return replace(self, tills=(tills[0], tills[1]))

    def held(self, number: int, **changed: object) -> State:
        held = list(self.hq)
        held[number] = replace(held[number], **changed)  # type: ignore[arg-type]
        return replace(self, hq=(held[0], held[1]))

    @property
    def leased(self) -> int:
        return sum(amount - spent for one in self.hq if one.lease is not None for amount, spent in [one.lease])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of the protocol, each of which can be left out."""

    in_flight: bool = True
    own_while_unsent: bool = True
    only_the_holder_closes: bool = True
    gone_stays_gone: bool = True
    granted_from_what_is_free: bool = True
    through_is_the_head: bool = True


def after(state: State, rules: Rules) -> Iterator[State]:
    """Every state that one event leads to."""
    for number in _TILLS:
        yield from _at_the_till(state, number, rules)
        yield from _on_the_way(state, number, rules)
        yield from _at_hq(state, number, rules)


def _at_the_till(state: State, number: int, rules: Rules) -> Iterator[State]:
    till = state.tills[number]
    if len(till.journal) < MOST_ENTRIES:
        if sum(one.journal.count(EARN) for one in state.tills) < MOST_EARNED:
            yield state.till(number, journal=(*till.journal, EARN))
        unsent = till.journal[till.sent_through :] if rules.own_while_unsent else till.journal
        if unsent.count(EARN) > unsent.count(OWN):
            yield state.till(number, journal=(*till.journal, OWN))
        elif till.lease:
            yield state.till(number, journal=(*till.journal, LEASED), lease=till.lease - 1)
        if till.lease is not None:  # recalled, or at its end by the holder's clock
            yield state.till(number, journal=(*till.journal, CLOSE), lease=None)
    learnt = state.hq[number].lease
    if learnt is not None and till.lease is None and not (till.had and rules.gone_stays_gone):
        yield state.till(number, lease=learnt[0] - learnt[1], had=True)


def _on_the_way(state: State, number: int, rules: Rules) -> Iterator[State]:
    """A message leaves once it is durable that it may; every message may arrive at any time, or never, or twice."""
    till, held = state.tills[number], state.hq[number]
    for last in range(held.posted + 1, len(till.journal) + 1):
        through = len(till.journal) if rules.through_is_the_head else last
        noted = max(till.sent_through, through)
        message = (last, through)
        if message not in till.messages and len(till.messages) < 3:
            yield state.till(number, sent_through=noted, messages=till.messages | {message})


def _at_hq(state: State, number: int, rules: Rules) -> Iterator[State]:
    held, till = state.hq[number], state.tills[number]
    for last, through in till.messages:
        if last > held.posted:
            yield _posted(state, number, last, through, rules)
    free = state.units - state.leased - (sum(one.flight for one in state.hq) if rules.in_flight else 0)
    if not rules.granted_from_what_is_free:
        free = state.units
    if free >= 1 and not held.leased:
        yield state.held(number, lease=(1, 0), leased=True)
    if held.lease is not None and not rules.only_the_holder_closes:
        yield state.held(number, lease=None)


def _posted(state: State, number: int, last: int, through: int, rules: Rules) -> State:
    """HQ takes a batch up to ``last`` in one transaction."""
    held, units = state.hq[number], state.units
    lease, flight = held.lease, held.flight
    for kind in state.tills[number].journal[held.posted : last]:
        if kind == EARN:
            units, flight = units + 1, flight + 1
        elif kind == OWN:
            units -= 1
        elif kind == LEASED:
            units -= 1
            lease = (lease[0], lease[1] + 1) if lease is not None else None
        else:
            lease = None
    promised = max(held.promised, through)
    state = state.held(number, posted=last, promised=promised, lease=lease, flight=flight if last < promised else 0)
    return replace(state, units=units)


def is_sound(state: State) -> bool:
    """I1 and I2 hold, and all tills together gave no more than was earned."""
    journals = [kind for till in state.tills for kind in till.journal]
    given = journals.count(OWN) + journals.count(LEASED)
    i1 = state.units - state.leased >= 0
    i2 = all(one.lease is None or one.lease[1] <= one.lease[0] for one in state.hq)
    return i1 and i2 and given <= journals.count(EARN)


def explore(rules: Rules) -> tuple[int, State | None]:
    """Visit every state; gives how many there are, and the first that is not sound."""
    first = State()
    seen, waiting = {first}, deque([first])
    while waiting:
        for state in after(waiting.popleft(), rules):
            if state in seen:
                continue
            if not is_sound(state):
                return len(seen), state
            seen.add(state)
            waiting.append(state)
    return len(seen), None


def test_no_order_of_events_gives_a_unit_twice() -> None:
    visited, broken = explore(Rules())
    assert broken is None
    assert visited > 10_000


@pytest.mark.parametrize(
    "rules",
    [
        Rules(in_flight=False),
        Rules(own_while_unsent=False),
        Rules(only_the_holder_closes=False),
        Rules(gone_stays_gone=False),
        Rules(granted_from_what_is_free=False),
        Rules(through_is_the_head=False),
    ],
    ids=["in flight", "own while unsent", "holder closes", "gone stays gone", "I1", "through is the head"],
)
def test_each_rule_is_needed(rules: Rules) -> None:
    _, broken = explore(rules)
    assert broken is not None
