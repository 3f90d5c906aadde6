"""How far what a programme limits for everybody is used up: budgets, seats of events, uses in all."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from hq.accounts.holdings import holdings_of
from hq.book.book import Book
from hq.jobs.scenes import ANYWHERE, Scenes
from hq.pools.stores import known_stores
from hq.ports import Clock
from hq.programmes import tables
from loyalty.holding.accounts import pool_account
from loyalty.moment import Moment
from loyalty.numbers.scaled import format_scaled
from loyalty.parts.budgets import Budget, BudgetScope
from loyalty.parts.events import seats_pool
from loyalty.programme.model import Programme
from loyalty.rules.uses import uses_pool


class LimitKind(StrEnum):
    """What is limited."""

    BUDGET = "budget"
    """Money; the month or day is the one that the store has now."""
    SEATS = "seats"
    USES = "uses"
    """Of a rule or reward, by everybody together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One limit of one version that is in force somewhere.

    Attributes:
        id: The budget's, event's, rule's or reward's.
        where: The store, or the till as ``store/name``, that has it for itself; empty where all share it.
        used: A figure: money as the currency writes it, else a whole number.
        most: The same.
    """

    programme: str
    label: str
    kind: LimitKind
    id: str
    where: str
    used: str
    most: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A limit whose pool has still to be looked at; ``sign`` is -1 where the pool counts down."""

    kind: LimitKind
    id: str
    where: str
    pool: str
    unit: str
    most: int
    scale: int = 0
    sign: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is used of every limit."""

    book: Book
    clock: Clock

    def rows(self) -> list[LimitRow]:
        """Give the limits of each version in force; a budget that each member has for themselves is left out."""
        with self.book.read() as connection:
            scenes = Scenes.read(connection, self.clock())
            return [row for programme in scenes.programmes() for row in _rows(connection, scenes, programme)]


def _rows(connection: Connection, scenes: Scenes, programme: Programme) -> Iterator[LimitRow]:
    wanted = [*_budgets(connection, scenes, programme), *_seats(programme), *_uses(programme)]
    accounts = {one.pool: pool_account(programme.id, one.pool) for one in wanted}
    held = holdings_of(connection, set(accounts.values()))
    for one in wanted:
        used = one.sign * held[accounts[one.pool]].balance(one.unit)
        yield LimitRow(
            programme=programme.id,
            label=programme.label,
            kind=one.kind,
            id=one.id,
            where=one.where,
            used=format_scaled(used, one.scale),
            most=format_scaled(one.most, one.scale),
        )


def _budgets(connection: Connection, scenes: Scenes, programme: Programme) -> Iterator[_Wanted]:
    for budget in programme.budgets:
        for where, moment in _places(connection, scenes, programme, budget):
            yield _Wanted(
                kind=LimitKind.BUDGET,
                id=budget.id,
                where=where,
                pool=budget.pool(moment, None),
                unit=budget.unit,
                most=budget.most_minor,
                scale=programme.currency.scale,
            )


def _places(
    connection: Connection, scenes: Scenes, programme: Programme, budget: Budget
) -> Iterator[tuple[str, Moment]]:
    """Give who has a budget for themselves, with the moment that names their pool."""
    here = [store for store in known_stores(connection) if _in_force(scenes, store, programme)]
    match budget.scope:
        case BudgetScope.ALL:
            yield "", scenes.of(here[0] if here else ANYWHERE).moment
        case BudgetScope.STORE:
            yield from ((store, scenes.of(store).moment) for store in here)
        case BudgetScope.TILL:
            for till in tables.till_rows(connection):
                if till.store in here:
                    moment = scenes.of(till.store).moment
                    own = Moment(
                        at=moment.at, business_date=moment.business_date, store=till.store, till=till.terminal_id.hex()
                    )
                    yield f"{till.store}/{till.name}", own
        case BudgetScope.MEMBER:
            return


def _in_force(scenes: Scenes, store: str, programme: Programme) -> bool:
    found = scenes.of(store).programme
    return found is not None and found.version == programme.version


def _seats(programme: Programme) -> Iterator[_Wanted]:
    for event in programme.events:
        pool = seats_pool(event.id)
        yield _Wanted(kind=LimitKind.SEATS, id=event.id, where="", pool=pool, unit=pool, most=event.seats, sign=-1)


def _uses(programme: Programme) -> Iterator[_Wanted]:
    for head in programme.heads:
        if head.uses.in_all is not None:
            pool = uses_pool(head.id)
            yield _Wanted(kind=LimitKind.USES, id=head.id, where="", pool=pool, unit=pool, most=head.uses.in_all)
