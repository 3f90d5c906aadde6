"""A chain for tests of what tills may give without HQ: one HQ, some tills, a clock, and lines that can be cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.config.values import CardsConfig, StoreConfig, TillConfig
from agent.keys import TillKeys
from agent.pairing import adopt_identifier_key
from agent.sync_worker import Round, SyncMode, synchronise
from agent.till.requests import (
    CommitRequest,
    HoldRequest,
    Provenance,
    QuoteRequest,
    ReleaseRequest,
    ReturnRequest,
    VoidRequest,
)
from agent.till.till import Till
from drivers.scanners.cards import CardRange
from hq.accounts.holdings import holdings
from hq.config import DurableRule, HqConfig
from hq.leases.tables import counting
from hq.programmes.values import When
from hq.server import Hq, open_hq
from loyalty.quote import RedeemRequest
from loyalty.sale.basket import BasketLine
from sync.protocol.values import PairRequest
from sync.protocol.wire import pairing_proof_bytes
from tests.cli.together.direct import DirectLink

CARD, OTHER = "290000000001", "290000000002"
CLUB = """
[programme]
id = "club"
label = "v1"
names.en = "The Club"
[currency]
code = "KZT"
[[rule]]
kind = "per_amount"
id = "base"
units = 1
per = "1.00"
"""
CAPPED = '[[reward]]\nkind = "points_discount"\nid = "off"\ncost = 100\ndiscount = "1.00"\noffline = "cap"\n'
FLOORS = (
    CLUB
    + '[offline]\nfloor_per_sale = "2.00"\nfloor_per_member = "3.00"\nfloor_per_till_day = "4.00"\n'
    + '[[reward]]\nkind = "points_discount"\nid = "off"\ncost = 100\ndiscount = "1.00"\n'
)
START = datetime(2026, 3, 2, 7, tzinfo=UTC)


class Chain:
    """One HQ and its tills, each with a line of its own."""

    def __init__(self, folder: Path, stack: ExitStack, programme: str = CLUB + CAPPED, tills: int = 2) -> None:
        self.now = START
        self.folder, self.stack = folder, stack
        self.chance = random.Random(7)
        self.file = folder / "club.toml"
        self.file.write_text(programme, encoding="utf-8")
        config = HqConfig(data_dir=folder / "hq", port=0, durable=DurableRule.COMMIT)
        self.hq: Hq = stack.enter_context(open_hq(config, clock=self.clock, randomness=self.chance.randbytes))
        self.links: list[DirectLink] = []
        self.tills: list[Till] = []
        self.ahead: dict[int, timedelta] = {}
        for number in range(tills):
            self.add(f"till-{number}", "s1" if number == 0 else f"s{number + 1}")
        self.hq.programmes.publish(programme, "club.toml", When())
        self.keys = 0

    def clock(self) -> datetime:
        return self.now

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def add(self, name: str, store: str) -> Till:
        """Make a till and pair it, as a person and the protocol do."""
        config = TillConfig(
            data_dir=self.folder / name,
            programme_file=self.file,
            name=name,
            store=StoreConfig(id=store, name=store, zone=ZoneInfo("Asia/Almaty")),
            cards=CardsConfig(ranges=(CardRange(prefix="29", min_length=12, max_length=12),)),
        )
        keys = TillKeys(
            config.data_dir / "keys",
            terminal_seed=self.chance.randbytes(32),
            identifier_key=self.chance.randbytes(32),
        )
        number = len(self.tills)

        def clock() -> datetime:
            return self.now + self.ahead.get(number, timedelta())

        till = self.stack.enter_context(Till(config, keys=keys, clock=clock, mint=lambda: self.chance.randbytes(16)))
        code = self.hq.make_pairing_code()
        proof = keys.sign(pairing_proof_bytes(code, keys.public_key))
        answer = self.hq.pairing.pair(
            PairRequest(code=code, public_key=keys.public_key, proof=proof, store=store, name=name)
        )
        adopt_identifier_key(till.context, answer.identifier_key)
        keys.keep_token(answer.token)
        link = DirectLink(self.hq, answer.token)
        till.context.line.open(link.leases)
        self.links.append(link)
        self.tills.append(till)
        return till

    def cut(self, *numbers: int, on: bool = True) -> None:
        for number in numbers:
            self.links[number].cut = on
            self.tills[number].context.line.open(self.links[number].leases)  # the breaker forgets

    def talk(self, *numbers: int) -> list[Round]:
        """Let tills synchronise, in this order; all of them twice by default."""
        rounds = []
        for number in numbers or (*range(len(self.tills)), *range(len(self.tills))):
            done = synchronise(self.tills[number].context, self.links[number])
            assert done.mode is SyncMode.ONLINE or self.links[number].cut, done
            rounds.append(done)
        return rounds

    def sale(self, amount: str = "100.00", card: str | None = CARD, *, item: str = "1", **asked: Any) -> QuoteRequest:
        minor = int(amount.replace(".", ""))
        line = BasketLine(line=1, item=item, quantity_milli=1_000, amount_minor=minor)
        return QuoteRequest(currency="KZT", lines=(line,), card=card, provenance=Provenance(), **asked)

    def buy(self, number: int, amount: str = "100.00", card: str | None = CARD, **asked: Any) -> dict[str, Any]:
        """Sell; gives the answer."""
        return self.commit(number, self.sale(amount, card, **asked))

    def commit(self, number: int, sale: QuoteRequest, **more: Any) -> dict[str, Any]:
        key = self._key()
        return dict(self.tills[number].commit(CommitRequest(key=key, check_id=key, sale=sale, **more)).values)

    def hold(self, number: int, sale: QuoteRequest) -> dict[str, Any]:
        return dict(self.tills[number].hold(HoldRequest(key=self._key(), sale=sale)).values)

    def release(self, number: int, hold: str) -> dict[str, Any]:
        return dict(self.tills[number].release(ReleaseRequest(key=self._key(), hold=hold)).values)

    def bring_back(self, number: int, entry: str) -> dict[str, Any]:
        request = ReturnRequest(key=self._key(), check_id=self._key(), currency="KZT", sale=entry, lines=((1, 1_000),))
        return dict(self.tills[number].return_goods(request).values)

    def void(self, number: int, entry: str) -> dict[str, Any]:
        return dict(self.tills[number].void(VoidRequest(key=self._key(), sale=entry)).values)

    def spend(self, number: int, units: int, amount: str = "100.00") -> dict[str, Any]:
        return self.buy(number, amount, redeem=(RedeemRequest(reward="off", units=units),))

    def member(self, card: str = CARD) -> bytes:
        found = self.hq.member_balance(card)
        assert found is not None
        return found.member_id

    def balance(self, unit: str = "points", card: str = CARD) -> int:
        with self.hq.book.read() as connection:
            return holdings(connection, self.member(card)).balance(unit)

    def leased(self, unit: str = "points", card: str = CARD) -> list[tuple[str, int, int]]:
        """Give (state, granted, spent) of the leases on a member's units that count, by change."""
        with self.hq.book.read() as connection:
            found = counting(connection, [self.member(card)]).get((self.member(card), unit), [])
        return [(kept.lease.state.value, kept.lease.amount, kept.lease.spent) for kept in found]

    def _key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"


Make = Callable[..., Chain]
