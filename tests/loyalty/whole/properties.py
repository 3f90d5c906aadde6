"""The properties of the whole engine by name, each asked of what a `random.Random` draws: for tests and for campaigns."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from loyalty.programme.model import Programme
from loyalty.programme.reader import read_programme
from loyalty.quote import Quote
from loyalty.reading.problems import BadFile, ProblemCode
from loyalty.refusals import Refusal
from tests.loyalty.whole import checks, orders
from tests.loyalty.whole.bounds import limits
from tests.loyalty.whole.histories import live, replayed
from tests.loyalty.whole.mutations import mutated
from tests.loyalty.whole.pen import Written
from tests.loyalty.whole.pieces import independent_of_lines
from tests.loyalty.whole.programmes import write
from tests.loyalty.whole.undoing import comes_back
from tests.loyalty.whole.visits import Visit, a_visit

_STEPS = 10


def a_programme(rng: Random) -> tuple[Written, Programme] | None:
    """A programme as written and as read; None for one of the few that contradict themselves."""
    written = write(rng)
    programme = read(written.text)
    return (written, programme) if programme is not None else None


def read(text: str) -> Programme | None:
    """Read a file; None where it is refused, which it is with what is wrong, and mostly where."""
    try:
        return read_programme(text, "p.toml")
    except BadFile as refused:
        problems = refused.problems
    assert problems
    for one in problems:
        assert one.fault
        assert one.line is not None or one.code in {ProblemCode.MISSING, ProblemCode.NOT_TOML}, one
    return None


def _asked(rng: Random) -> tuple[Written, Programme, Visit, Quote | Refusal] | None:
    found = a_programme(rng)
    if found is None:
        return None
    written, programme = found
    visit = a_visit(programme, rng)
    return written, programme, visit, visit.quoted(programme)


def words(rng: Random) -> None:
    """Whatever is asked, there is an answer, and every word of it can be said."""
    if (found := _asked(rng)) is not None:
        checks.said(found[3])


def order(rng: Random) -> None:
    """No order changes an answer, and asking again does not either."""
    if (found := _asked(rng)) is not None:
        written, programme, visit, answer = found
        orders.repeated(programme, visit, answer)
        orders.in_any_order(written.shuffled(rng), visit, answer, rng)
        if isinstance(answer, Quote):
            orders.renumbered(programme, visit, answer, rng)


def figures(rng: Random) -> None:
    """Charges, discounts, taxes and tenders fit; limits hold; a sale posts what its quote said."""
    found = _asked(rng)
    if found is None:
        return
    _, programme, visit, answer = found
    if isinstance(answer, Quote):
        checks.money(programme, visit, answer)
        limits(programme, visit, answer)
        checks.committed(programme, visit, answer)


def pieces(rng: Random) -> None:
    """Two pieces cost and earn the same on one line and on two."""
    if (found := a_programme(rng)) is not None:
        independent_of_lines(found[0].text, found[1], rng)


def lives(rng: Random) -> None:
    """Units are conserved over a shop's life, nothing passes its bounds, and the journal gives it all again."""
    if (found := a_programme(rng)) is not None:
        replayed(live(found[1], rng, _STEPS))


def voids(rng: Random) -> None:
    """A void leaves nothing of a sale."""
    if (found := a_programme(rng)) is not None:
        comes_back(found[1], rng, voided=True)


def returns(rng: Random) -> None:
    """What comes back whole, in any parts, leaves only what policies let stand."""
    if (found := a_programme(rng)) is not None:
        comes_back(found[1], rng, voided=False)


def faults(rng: Random) -> None:
    """A file with faults is refused with what is wrong, or is a programme that answers."""
    programme = read(mutated(write(rng).text, rng, most=rng.choice((1, 1, 4))))
    if programme is not None:
        checks.said(a_visit(programme, rng).quoted(programme))


PROPERTIES: dict[str, Callable[[Random], None]] = {
    one.__name__: one for one in (words, order, figures, pieces, lives, voids, returns, faults)
}


def drawn(name: str, seed: int, number: int) -> Random:
    """The chance of one try of a property, by which it can be repeated alone."""
    return Random(f"{name} {seed} {number}")
