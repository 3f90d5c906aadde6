"""Talking with a printer that is open: questions, answers in their order, and what it says by itself.

Knows whose turn it is; refuses to know jobs. A question that was not answered in time is still owed: its late answer is
taken for what it is, and never for the answer to the next question. A printer that sent noise is believed nothing.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from drivers.printers.condition import SILENT, PrinterCondition
from drivers.printers.status import (
    AUTOMATIC_STATUS,
    MAKER,
    MODEL,
    Answer,
    Ask,
    Automatic,
    Noise,
    PaperAnswer,
    Printed,
    Replies,
    Reply,
    Told,
    from_answers,
    from_automatic,
    information,
)
from drivers.printers.transports.transport import Transport

ANSWER_S: Final = 1.0
"""How long a printer may take for a real-time answer; a good one takes a few milliseconds, at 9600 baud 2 more."""
_MAX_KEPT: Final = 32
_MOST_PIECES: Final = 64
"""Of what came before a question: far more than any printer has to say, and an end to one that never stops."""


class Talk:
    """One conversation, from opening a printer to closing it. One thread at a time.

    Args:
        transport: The open printer.
        clock: Seconds, monotonic.
        asks: Whether it may be asked; one that may not is not listened to either.
    """

    def __init__(self, transport: Transport, *, clock: Callable[[], float] = time.monotonic, asks: bool = True) -> None:
        self.transport = transport
        self.condition: PrinterCondition = SILENT
        """The last that was heard."""
        self.told_itself = False
        """Whether it has said anything by itself."""
        self._clock = clock
        self._asks = asks
        self._replies = Replies()
        self._owed: deque[Ask] = deque(maxlen=_MAX_KEPT)
        self._answers: dict[Ask, int] = {}
        self._printed: deque[bytes] = deque(maxlen=_MAX_KEPT)
        self._papers = 0
        self._told: deque[str] = deque(maxlen=_MAX_KEPT)
        self._noise = 0
        self._mute = False

    @property
    def is_mute(self) -> bool:
        """Whether it is known to say nothing, so that nobody waits for it again."""
        return self._mute or not self._hears

    def listen(self, timeout_s: float = 0) -> bool:
        """Take in what came, waiting at most ``timeout_s`` for something; tells whether anything did.

        Raises:
            OSError: The printer is gone. Or another device error.
        """
        data = self.transport.receive(timeout_s) if self._hears else b""
        if self.condition.answers and not self._hears:
            raise ConnectionResetError("the printer that answered says nothing more")
        for reply in self._replies.feed(data):
            self._take(reply)
        return bool(data)

    def ask(self, timeout_s: float = ANSWER_S) -> PrinterCondition | None:
        """Ask how the printer is, by all four real-time questions.

        Returns:
            Its condition; None if it did not answer, or not in a way that makes sense.

        Raises:
            OSError: The printer is gone. Or another device error.
        """
        if not self._hear_out() or self.is_mute:
            return None
        heard, self._noise, self._answers = self.condition.answers, 0, {}
        if self._owed and not self._until(lambda: not self._owed, timeout_s):
            return None  # it still owes answers, so it would not give new ones
        for ask in Ask:
            self._owed.append(ask)
            self.send(ask.question, timeout_s)
            if not self._until(lambda: not self._owed, timeout_s):
                self._mute = not heard and not self._noise and len(self._owed) == 1 and ask is Ask.PRINTER
                return None
        if self._noise or set(self._answers) != set(Ask):
            return None
        self.condition = from_answers(self._answers)
        return self.condition

    def be_told(self, timeout_s: float = ANSWER_S) -> None:
        """Ask it to say by itself when anything changes."""
        self.send(AUTOMATIC_STATUS, timeout_s)

    def identify(self, timeout_s: float = ANSWER_S) -> tuple[str, str]:
        """Its maker and model, empty where it does not say."""
        found = []
        for what in (MAKER, MODEL):
            self._told.clear()
            self.send(information(what), timeout_s)
            self._until(lambda: bool(self._told), timeout_s)
            found.append(self._told.popleft() if self._told else "")
        return found[0], found[1]

    def has_printed(self, process: bytes) -> bool:
        """Whether it said that everything before ``process`` is printed."""
        return process in self._printed

    @property
    def papers(self) -> int:
        """How many answers to GS r it gave."""
        return self._papers

    def send(self, data: bytes, timeout_s: float) -> None:
        """Hand over a few bytes.

        Raises:
            OSError: The printer takes nothing, or is gone. Or another device error.
        """
        end = self._clock() + timeout_s
        while data:
            taken = self.transport.send(data, max(0.0, end - self._clock()))
            data = data[taken:]
            if data and self._clock() >= end:
                raise TimeoutError("the printer takes no bytes")

    @property
    def _hears(self) -> bool:
        return self._asks and self.transport.hears

    def _hear_out(self) -> bool:
        """Take in all that came since; False where it does not stop."""
        for _ in range(_MOST_PIECES):
            if not self.listen():
                return True
            self._mute = False
        return False

    def _until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        end = self._clock() + timeout_s
        while not done():
            left = end - self._clock()
            if left <= 0 or not self._hears:
                return False
            self.listen(left)
        return True

    def _take(self, reply: Reply) -> None:
        match reply:
            case Answer(byte=byte):
                if self._owed:
                    self._answers[self._owed.popleft()] = byte
            case Automatic(data=data):
                self.condition = from_automatic(data)
                self.told_itself = True
            case Printed(process=process):
                self._printed.append(process)
            case PaperAnswer():
                self._papers += 1
            case Told(text=text):
                self._told.append(text)
            case Noise():
                self._noise += 1
