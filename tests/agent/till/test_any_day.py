"""Any sequence of operations, against a model that knows none of the till's code but its words.

The model keeps balances as dictionaries and computes awards with fractions; the chain is recomputed with hashlib
from what is stored.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from agent.till.answers import Recorded
from agent.till.requests import CommitRequest, Provenance, ReturnRequest, VoidRequest
from agent.till.till import Till
from loyalty.sale.basket import BasketLine
from tests.agent.till.world import basket, open_till

CARDS = ("2100000000017", "2100000000024", None)
PER_MINOR = 2_000


class Sold:
    """A sale as the model remembers it: (line, quantity, amount, earns), and what came back."""

    def __init__(self, entry: str, card: str | None, lines: list[tuple[int, int, int, bool]]) -> None:
        self.entry, self.card, self.lines = entry, card, lines
        self.back = {line: 0 for line, _, _, _ in lines}
        self.voided = False

    @property
    def base(self) -> int:
        return sum(amount for _, _, amount, earns in self.lines if earns)

    @property
    def points(self) -> int:
        return self.base // PER_MINOR

    def reversed(self) -> int:
        """What must have been taken back by now: floor(earned x returned base / base)."""
        if self.voided:
            return self.points
        base = sum(
            (Fraction(amount * self.back[line], quantity) for line, quantity, amount, earns in self.lines if earns),
            Fraction(0),
        )
        return int(self.points * base / self.base) if self.base else 0


class AnyDay(RuleBasedStateMachine):
    """Sales, voids, returns, retries, refusals and restarts in any order."""

    sales: Bundle[Sold] = Bundle("sales")
    asked: Bundle[tuple[object, bytes]] = Bundle("asked")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.till: Till = open_till(Path(self.folder.name))
        self.keys = 0
        self.known: list[Sold] = []
        self.answers: dict[str, bytes] = {}
        self.entries = 0
        self.enrolled: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "till"):
            self.till.close()
            self.folder.cleanup()

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def ask(self, request: CommitRequest | VoidRequest | ReturnRequest) -> Recorded:
        match request:
            case CommitRequest():
                return self.till.commit(request)
            case VoidRequest():
                return self.till.void(request)
            case ReturnRequest():
                return self.till.return_goods(request)

    @rule(
        target=sales,
        card=st.sampled_from(CARDS),
        given=st.lists(st.tuples(st.integers(1, 4_000), st.integers(0, 90_000), st.booleans()), min_size=1, max_size=4),
        exercise=st.booleans(),
    )
    def sell(
        self, card: str | None, given: list[tuple[int, int, bool]], exercise: bool
    ) -> MultipleResults[Sold] | Sold:
        lines = [(place, *item) for place, item in enumerate(given, start=1)]
        baskets = [
            BasketLine(
                line=line,
                item=f"i{line}",
                quantity_milli=quantity,
                amount_minor=amount,
                category=None if earns else "alcohol",
            )
            for line, quantity, amount, earns in lines
        ]
        exercise = exercise and card not in self.enrolled
        key = self.key()
        request = CommitRequest(
            key=key, check_id=key, sale=basket(*baskets, card=card, provenance=Provenance(training=exercise))
        )
        answer = self.ask(request)
        assert answer.refused is None
        self.answers[key] = answer.body
        self.entries += 1
        if exercise:
            return multiple()
        if card is not None and card not in self.enrolled:
            self.enrolled.add(card)
            self.entries += 1
        sold = Sold(answer.values["entry"], card, lines)
        self.known.append(sold)
        assert sum(award["amount"] for award in answer.values["awards"]) == (sold.points if card else 0)
        return sold

    @rule(sold=sales)
    def undo(self, sold: Sold) -> None:
        refused = self.ask(VoidRequest(key=self.key(), sale=sold.entry)).refused
        if sold.voided:
            assert refused == "sale_voided"
        elif any(sold.back.values()):
            assert refused == "sale_returned"
        else:
            assert refused is None
            sold.voided = True
            self.entries += 1

    @rule(sold=sales, parts=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4_000)), min_size=1, max_size=3))
    def bring_back(self, sold: Sold, parts: list[tuple[int, int]]) -> None:
        key = self.key()
        request = ReturnRequest(key=key, check_id=key, currency="KZT", sale=sold.entry, lines=tuple(parts))
        left = {line: quantity - sold.back[line] for line, quantity, _, _ in sold.lines}
        for line, quantity in parts:
            left[line] = left.get(line, -1) - quantity
        answer = self.ask(request)
        if sold.voided or any(quantity < 0 for quantity in left.values()):
            assert answer.refused is not None
            return
        assert answer.refused is None
        for line, quantity in parts:
            sold.back[line] += quantity
        self.entries += 1

    @rule(number=st.integers(1, 50))
    def retry(self, number: int) -> None:
        key = f"k{number}"
        if key in self.answers:
            with self.till.context.book.read() as connection:
                kept = connection.exec_driver_sql("SELECT answer FROM idempotency WHERE key = ?", (key,)).scalar()
            assert kept == self.answers[key]
            other = CommitRequest(key=key, check_id=key, sale=basket(card=None))
            assert self.ask(other).refused == "key_reused"

    @rule()
    def restart(self) -> None:
        head = self.till.context.book.head
        self.till.close()
        self.till = open_till(Path(self.folder.name))
        assert self.till.context.book.head == head

    @rule(sold=consumes(sales))
    def bring_back_everything(self, sold: Sold) -> None:
        left = tuple(
            (line, quantity - sold.back[line]) for line, quantity, _, _ in sold.lines if quantity > sold.back[line]
        )
        if sold.voided or not left:
            return
        key = self.key()
        assert (
            self.ask(ReturnRequest(key=key, check_id=key, currency="KZT", sale=sold.entry, lines=left)).refused is None
        )
        for line, quantity in left:
            sold.back[line] += quantity
        self.entries += 1
        assert sold.reversed() == sold.points

    @precondition(lambda self: hasattr(self, "till"))
    @invariant()
    def balances_are_the_models(self) -> None:
        for card in CARDS:
            if card in self.enrolled:
                expected = sum(sold.points - sold.reversed() for sold in self.known if sold.card == card)
                assert (self.till.member_balances(card) or {}).get("points", 0) == expected

    @precondition(lambda self: hasattr(self, "till"))
    @invariant()
    def the_journal_is_a_chain_whose_postings_are_the_balances(self) -> None:
        file = sqlite3.connect(f"file:{self.till.context.book.path}?mode=ro", uri=True)
        rows = file.execute("SELECT sequence, hash, core, detail FROM journal ORDER BY sequence").fetchall()
        file.close()
        public = self.till.context.keys.public_key
        terminal = sha256(b"loyaltill terminal 1\0" + public).digest()[:16]
        head = sha256(b"loyaltill journal 1\0" + terminal + (1).to_bytes(8, "big") + public).digest()
        posted = 0
        for place, (sequence, hash_, core, detail) in enumerate(rows, start=1):
            head = sha256(head + core).digest()
            said = json.loads(core)
            assert (sequence, hash_) == (place, head)
            assert said["detail"] == sha256(detail).digest()[:16].hex()
            posted += sum(amount for _, unit, amount in said.get("postings", []) if unit == "points")
        assert (len(rows), self.till.context.book.head.hash) == (self.entries, head)
        assert self.till.outstanding("points") == posted


AnyDay.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
test_any_day = AnyDay.TestCase
