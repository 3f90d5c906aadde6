"""A POS program as hosts should be: it asks again with the same key until it has an answer, and forgets nothing.

It enrols, quotes, sells, takes back, voids, and now and then sends an old request once more, which must bring the same
bytes. What it was answered is what an audit holds the journals against.
"""

import json
import random
import threading
import time
from dataclasses import dataclass

from bench.faults.processes import Answered, NoAnswer, TillProcess

_CARDS = 40
_RETRY_S = 0.05
_LONGEST_S = 180.0
"""How long one request is sent again and again before the till counts as dead."""
_DAY = "2026-03-14"
_UNAVAILABLE = frozenset({500, 503})
"""Answers after which nobody knows, or nothing was done: the same request goes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A request that was answered, and how.

    Attributes:
        tries: How often it was sent before the answer came.
    """

    key: str
    path: str
    body: bytes
    answer: Answered
    tries: int

    @property
    def values(self) -> dict[str, object]:
        """The answer as JSON."""
        values: dict[str, object] = json.loads(self.answer.body)
        return values

    @property
    def entry(self) -> str | None:
        """The entry that it wrote or found, in hex; None for a refusal."""
        return str(self.values["entry"]) if self.answer.status == 200 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sold:
    entry: str
    lines: tuple[int, ...]


class Pos(threading.Thread):
    """One POS program at one till, in a thread of its own.

    Attributes:
        told: Every request that was answered, in order.
        differing: Keys whose answer was another one the second time.
        retries: Requests that were sent again since no answer came.
        fault: What ended the thread before it was told to, or None.
    """

    def __init__(self, till: TillProcess, seed: int, per_second: float) -> None:
        super().__init__(name=f"pos-{till.name}", daemon=True)
        self.told: list[Told] = []
        self.differing: list[str] = []
        self.retries = 0
        self.fault: BaseException | None = None
        self._till = till
        self._rng = random.Random(seed)
        self._pause_s = 1 / per_second
        self._closing = threading.Event()
        self._sold: list[_Sold] = []
        self._number = 0

    def run(self) -> None:
        """Serve customers until told to stop."""
        try:
            while not self._closing.is_set():
                self.serve()
                self._closing.wait(self._rng.expovariate(1 / self._pause_s))
        except BaseException as fault:  # noqa: BLE001  # told to whoever asks
            self.fault = fault

    def finish(self) -> None:
        """Answer the customer under way, then stop."""
        self._closing.set()
        self.join()
        if self.fault is not None:
            raise self.fault

    def serve(self) -> None:
        """Serve one customer."""
        chance = self._rng.random()
        if chance < 0.06:
            self.change("enrol", {"card": self._card(), "nickname": "Әсел"})
        elif chance < 0.16 and self._sold:
            self._take_back()
        elif chance < 0.22 and self._sold:
            sold = self._sold.pop(self._rng.randrange(len(self._sold)))
            self.change("void", {"sale": sold.entry})
        elif chance < 0.28 and self.told:
            self.repeat(self._rng.choice(self.told))
        else:
            self._sell()

    def repeat(self, before: Told) -> None:
        """Send an answered request once more: the answer must be the same bytes."""
        again, _ = self._until_answered(before.path, before.body, before.key)
        if (again.status, again.body) != (before.answer.status, before.answer.body):
            self.differing.append(before.key)

    def change(self, verb: str, body: dict[str, object]) -> Told:
        """Ask for a change under a new key until it is answered."""
        self._number += 1
        key = f"{self._till.name}-{self._number:06}"
        sent = json.dumps({**body, "business_date": _DAY}).encode()
        answer, tries = self._until_answered(f"/v1/{verb}", sent, key)
        told = Told(key=key, path=f"/v1/{verb}", body=sent, answer=answer, tries=tries)
        self.told.append(told)
        return told

    def _sell(self) -> None:
        basket = self._basket()
        quoted = self._quote(basket)
        body = {**basket, "check_id": f"{self._number + 1}", **({"quote": quoted} if quoted else {})}
        told = self.change("commit", body)
        if told.entry is not None:
            lines = json.loads(told.body)["lines"]
            self._sold.append(_Sold(entry=told.entry, lines=tuple(line["line"] for line in lines)))

    def _take_back(self) -> None:
        sold = self._rng.choice(self._sold)
        lines = [{"line": self._rng.choice(sold.lines), "quantity_milli": self._rng.choice((250, 500, 1_000))}]
        self.change(
            "return", {"sale": sold.entry, "check_id": f"r{self._number + 1}", "currency": "KZT", "lines": lines}
        )

    def _quote(self, basket: dict[str, object]) -> str | None:
        """Ask once, as the customer waits; without an answer the sale goes on without a quote."""
        try:
            answer = self._till.ask("POST", "/v1/quote", json.dumps({**basket, "business_date": _DAY}).encode())
        except NoAnswer:
            return None
        return str(json.loads(answer.body)["quote"]) if answer.status == 200 else None

    def _until_answered(self, path: str, body: bytes, key: str) -> tuple[Answered, int]:
        tries, deadline = 0, time.monotonic() + _LONGEST_S
        while True:
            tries += 1
            try:
                answer = self._till.ask("POST", path, body, key)
            except (NoAnswer, FileNotFoundError):
                answer = None
            if answer is not None and answer.status not in _UNAVAILABLE:
                return answer, tries
            if time.monotonic() > deadline:
                raise NoAnswer(f"{self._till.name} did not answer {path} for {_LONGEST_S:.0f} s")
            self.retries += 1
            time.sleep(_RETRY_S)

    def _card(self) -> str:
        return f"29{self._rng.randrange(_CARDS):011}"

    def _basket(self) -> dict[str, object]:
        lines = [
            {
                "line": place,
                "item": f"48700{self._rng.randrange(10**8):08}",
                "name": self._rng.choice(("Сүт 2,5 %, 1 л", "Нан", "Alma Aport", "Қаймақ 20 %")),
                "category": self._rng.choice(("dairy", "bread", "fruit", "alcohol")),
                "quantity_milli": self._rng.choice((1_000, 1_000, 2_000, 1_250)),
                "amount_minor": self._rng.randrange(5_000, 500_000),
            }
            for place in range(1, self._rng.randrange(2, 8))
        ]
        card = {"card": self._card()} if self._rng.random() < 0.8 else {}
        return {"currency": "KZT", "lines": lines, **card}
