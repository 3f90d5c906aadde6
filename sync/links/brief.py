"""Asking in a thread of its own, so that who asks waits no longer than said, whatever keeps the answer."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Generic, TypeVar

from sync.protocol.errors import LinkDown

_Q = TypeVar("_Q")
_A = TypeVar("_A")


@dataclass(slots=True)
class _Question(Generic[_Q, _A]):
    asked: _Q
    done: threading.Event = field(default_factory=threading.Event)
    answers: list[_A] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)


class Queued(LinkDown):
    """Who asked never had the whole time, since others asked: it says nothing of HQ."""


class Brief(Generic[_Q, _A]):
    """Asks one question after another. Safe from several threads.

    A resolver that does not answer, or a line that drips, keeps the thread and nobody else: until it is back,
    questions are refused at once.
    """

    def __init__(self, ask: Callable[[_Q], _A], wait_s: float) -> None:
        """Ask with ``ask``, and wait ``wait_s`` seconds at most, those included in which others ask."""
        self._ask = ask
        self._wait_s = wait_s
        self._turn = threading.Lock()
        self._asked: SimpleQueue[_Question[_Q, _A] | None] = SimpleQueue()
        self._last: _Question[_Q, _A] | None = None
        self._thread: threading.Thread | None = None

    def __call__(self, asked: _Q) -> _A:
        """Ask.

        Raises:
            LinkDown: no answer within the time; `Queued` where most of it went by for others' questions.
        """
        until_s = time.monotonic() + self._wait_s
        if not self._turn.acquire(timeout=self._wait_s):
            raise Queued("others are asking HQ")
        try:
            left_s = until_s - time.monotonic()
            question = self._begin(asked)
            question.done.wait(left_s)
        finally:
            self._turn.release()
        if question.answers:
            return question.answers[0]
        if question.faults:
            raise question.faults[0]
        late = LinkDown if left_s > self._wait_s / 2 else Queued
        raise late("HQ did not answer in time")

    def close(self) -> None:
        """Let the thread end once it is back."""
        self._asked.put(None)

    def _begin(self, asked: _Q) -> _Question[_Q, _A]:
        if self._last is not None and not self._last.done.is_set():
            raise Queued("HQ has not answered the question before this one")
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="line to HQ", daemon=True)
            self._thread.start()
        self._last = _Question(asked)
        self._asked.put(self._last)
        return self._last

    def _work(self) -> None:
        while (question := self._asked.get()) is not None:
            try:
                question.answers.append(self._ask(question.asked))
            except Exception as fault:  # noqa: BLE001 - whoever asked is told
                question.faults.append(fault)
            finally:
                question.done.set()
