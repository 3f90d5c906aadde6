"""An HQ with the tills that were paired with it, for tests."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy

from hq.pairing.terminals import Terminal, authenticate
from hq.server import Hq
from tests.hq.tills import FakeTill

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **much: float) -> None:
        self.now += timedelta(**much)


@dataclass
class House:
    """An HQ, its clock, and the tills that were paired with it."""

    hq: Hq
    clock: SetClock
    chance: random.Random
    tokens: dict[bytes, str] = field(default_factory=dict)

    def till(self, name: str = "Till 1", store: str = "S1") -> FakeTill:
        till = FakeTill(random.Random(self.chance.getrandbits(64)))
        answer = self.hq.pairing.pair(till.pair_request(self.hq.make_pairing_code(), name=name, store=store))
        self.tokens[till.id] = answer.token
        return till

    def known(self, till: FakeTill) -> Terminal:
        return authenticate(self.hq.book, self.tokens[till.id])

    def take(self, till: FakeTill, first: int = 1, last: int | None = None) -> int:
        return self.hq.ingest.batch(self.known(till), till.batch(first, last)).acked

    def rows(self, sql: str, **given: object) -> list[tuple[Any, ...]]:
        with self.hq.book.read() as connection:
            return [tuple(row) for row in connection.execute(sqlalchemy.text(sql), given)]

    def points(self, who: str | bytes) -> int | None:
        found = self.hq.member_balance(who)
        return None if found is None else found.of("points")
