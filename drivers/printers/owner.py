"""The one thread that touches a printer: jobs, cash drawer, and looking after it in between.

Whoever wants something of the printer asks its owner and waits, or not. A drawer is opened soon or never: one that opens
minutes later, when the paper was changed, would open on nobody's word.
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from drivers.errors import PrinterUnavailable
from drivers.printers.condition import PrinterCondition
from drivers.printers.delivery import Surroundings
from drivers.printers.document import Document
from drivers.printers.port import PrintOutcome, ReceiptPrinter, nothing

_LOG: Final = logging.getLogger(__name__)
_T = TypeVar("_T")
LISTEN_S: Final = 2.0
LOOK_S: Final = 15.0
KICK_S: Final = 3.0
_STOP_S: Final = 10.0
_ALIVE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Kick:
    """A drawer to be opened before ``until`` (monotonic seconds)."""

    pin: int
    until: float
    done: "Future[None]" = field(default_factory=Future)


class PrinterOwner:
    """Owns one printer.

    Args:
        make: Makes the printer; it gets what it needs of its owner.
        told: Hears each change of the printer's condition, in the owner's thread.
        printed: Hears the name of a job of which the printer says only later that it is printed, in the owner's thread.
        listen_s: How often a watched printer is listened to.
        look_s: How often it is asked.
    """

    def __init__(
        self,
        make: Callable[[Surroundings], ReceiptPrinter],
        told: Callable[[PrinterCondition], None] = lambda _condition: None,
        printed: Callable[[str], None] = lambda _job_id: None,
        *,
        listen_s: float = LISTEN_S,
        look_s: float = LOOK_S,
    ) -> None:
        self._stopping = threading.Event()
        around = Surroundings(told=told, printed=printed, between=self._pulse, stopping=self._stopping.is_set)
        self._printer = make(around)
        self._listen_s = listen_s
        self._look_s = look_s
        self._looked = float("-inf")
        self._wanted: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._kicks: deque[_Kick] = deque()
        self._thread = threading.Thread(target=self._run, name=f"printer {self._printer.name}", daemon=True)

    @property
    def name(self) -> str:
        """The printer's name."""
        return self._printer.name

    @property
    def condition(self) -> PrinterCondition:
        """The last that is known of the printer."""
        return self._printer.condition

    def broke_off(self) -> None:
        """Tell the printer that a job of an earlier run may have ended in the middle; before the first job of this one."""
        self._printer.broke_off()

    def start(self) -> None:
        """Begin; a watched printer is looked at at once."""
        self._thread.start()

    def stop(self, timeout_s: float = _STOP_S) -> None:
        """Finish the job under way, unless it waits for paper, and release the printer; harmless if it never began."""
        self._stopping.set()
        self._wanted.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def print(self, document: Document, job_id: str, begins: Callable[[], None] = nothing) -> PrintOutcome:
        """Print, and wait for the outcome; raises what the printer raises."""
        outcome: Future[PrintOutcome] = Future()

        def job() -> None:
            if not self._stopping.is_set():
                _settle(outcome, lambda: self._printer.print(document, job_id, begins))
            else:
                outcome.set_exception(PrinterUnavailable(self.name, "the agent is stopping"))

        self._wanted.put(job)
        while not outcome.done():
            with suppress(NotYet):
                outcome.exception(_ALIVE_S)
            if not (outcome.done() or self._thread.is_alive()):
                raise PrinterUnavailable(self.name, "nobody looks after the printer")
        return outcome.result()

    def kick(self, pin: int, timeout_s: float = KICK_S) -> None:
        """Open the cash drawer within ``timeout_s``.

        Raises:
            PrinterError: It was not opened, and will not be.
        """
        wish = _Kick(pin, time.monotonic() + timeout_s)
        self._kicks.append(wish)
        self._wanted.put(self._kick_all)
        with suppress(NotYet):
            wish.done.exception(timeout_s)
        if wish.done.cancel():
            raise PrinterUnavailable(self.name, "the printer is busy; the drawer stays closed")
        wish.done.result(_STOP_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                wanted = self._wanted.get(timeout=self._pause_s)
            except queue.Empty:
                self._guarded(self._look)
                continue
            if wanted is not None:
                self._guarded(wanted)
        self._drop_all()
        self._guarded(self._printer.close)

    @property
    def _pause_s(self) -> float | None:
        """Until the next look; a printer that is not watched is left alone for ever."""
        if not self._printer.is_watched:
            return None
        return 0.01 if self._looked == float("-inf") else self._listen_s

    def _look(self) -> None:
        if time.monotonic() - self._looked >= self._look_s:
            self._looked = time.monotonic()
            self._printer.watch()
        else:
            self._printer.listen()

    def _kick_all(self) -> None:
        self._each_kick(lambda wish: self._printer.kick(wish.pin, wish.until))

    def _pulse(self) -> None:
        """Open the drawer while a job waits."""
        self._each_kick(lambda wish: self._printer.pulse(wish.pin))

    def _each_kick(self, act: Callable[[_Kick], None]) -> None:
        while self._kicks:
            wish = self._kicks.popleft()
            if wish.done.set_running_or_notify_cancel():
                if time.monotonic() <= wish.until:
                    _settle(wish.done, partial(act, wish))
                else:
                    wish.done.set_exception(PrinterUnavailable(self.name, "the printer was busy for too long"))

    def _drop_all(self) -> None:
        """Nobody shall wait for what will not be done."""
        while True:
            try:
                wanted = self._wanted.get_nowait()
            except queue.Empty:
                return
            if wanted is not None:
                wanted()

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception:  # noqa: BLE001  # the owner outlives any fault
            _LOG.exception("looking after %s failed", self.name)


def _settle(outcome: "Future[_T]", act: Callable[[], _T]) -> None:
    """Do it, and hand its value, or what it raised, to whoever waits."""
    try:
        value = act()
    except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
        outcome.set_exception(error)
    else:
        outcome.set_result(value)
