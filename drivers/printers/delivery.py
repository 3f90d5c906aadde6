"""One job's way into an open printer: every byte once, with an end to every wait, and what the printer says of it.

A printer that stops taking bytes is waited for as long as it says why (no paper, an open cover), and not long if it does
not. "Printed" is claimed only when the printer said so; what broke off after bytes had gone is unknown.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from drivers.printers.condition import HARMLESS, PrinterCondition
from drivers.printers.port import PrintState
from drivers.printers.profiles.profile import StatusAbilities
from drivers.printers.status import PAPER_STATUS, completion
from drivers.printers.talk import ANSWER_S, Talk

_PRINTING_BYTES_PER_S: Final = 20_000
"""No printer is slower than this with pictures: 720 bytes are one line of text, and it prints thirty a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long what may take.

    Attributes:
        busy_s: While another program has the printer.
        answer_s: For the answer to a question.
        stall_s: While it takes nothing and does not say why, or says nothing where it answered before.
        hold_s: While it holds a job that was begun, and says why.
        finish_s: For it to say that a job is printed, besides the time that the bytes take.
        look_s: Between two questions meanwhile.
    """

    busy_s: float = 5.0
    answer_s: float = ANSWER_S
    stall_s: float = 15.0
    hold_s: float = 120.0
    finish_s: float = 15.0
    look_s: float = 1.0


PATIENT: Final = Patience()


class Broken(Exception):
    """A job that was begun did not end; its message says why, in English, without what was printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a delivery needs of its printer's owner.

    Attributes:
        told: Hears each condition that the printer tells meanwhile.
        printed: Hears the name of each job that ended as ``SENT``, when the printer says later that it has printed it.
        between: Called again and again while the printer is waited for, to open a drawer, say; never in the middle of
            a command, where its bytes would be dots of a picture.
        stopping: Whether nobody wants to wait any longer.
        clock: Seconds, monotonic.
        sleep: Waits some seconds.
    """

    told: Callable[[PrinterCondition], None] = lambda _condition: None
    printed: Callable[[str], None] = lambda _job_id: None
    between: Callable[[], None] = lambda: None
    stopping: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


ALONE: Final = Surroundings()
"""Nobody is told, and nothing happens meanwhile."""


class _Wait:
    """A wait for a printer to take something.

    Args:
        begun: When, in seconds.

    Attributes:
        since: When it could last print again, or when the wait began.
        stopped: Whether it could not, at the last look.
    """

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.since = begun
        self.stopped = False


class Delivery:
    """One job.

    Args:
        talk: The open printer, which has been asked how it is.
        abilities: What it tells.
        patience: How long what may take.
        around: What else there is.
    """

    def __init__(self, talk: Talk, abilities: StatusAbilities, patience: Patience, around: Surroundings) -> None:
        self._talk = talk
        self._abilities = abilities
        self._patience = patience
        self._around = around
        self._sent = 0
        self._chunks: list[tuple[int, int]] = []

    def send(self, chunks: Iterable[bytes], *, most: int | None = None, pause_s: float = 0.0) -> None:
        """Hand over every chunk.

        Args:
            chunks: Whole commands.
            most: Bytes that the printer can take in one go; None where it says itself that it is full.
            pause_s: After each such piece but the last, for printers that lose bytes otherwise.

        Raises:
            Broken: The printer stopped taking bytes, or nobody wants to wait for its pauses any longer.
            OSError: The printer is gone. Or another device error.
        """
        for chunk in chunks:
            begin = self._sent
            self._chunks.append((begin, begin + len(chunk)))
            for piece in _pieces(chunk, most):
                if pause_s and self._sent:
                    if self._around.stopping():
                        raise Broken("the agent stopped in the middle")
                    self._around.sleep(pause_s)
                self._send(piece, begun=self._sent > begin)

    def owed(self, held: int) -> int:
        """How many bytes the printer may still take for the rest of a command that was begun, a picture above all.

        Args:
            held: Bytes of those sent that never left the port.
        """
        reached = self._sent - held
        return max((end - max(begin, reached) for begin, end in self._chunks if end > reached), default=0)

    def end(self, process: bytes, bytes_per_s: int | None) -> PrintState:
        """See to it that everything leaves this machine, and hear what the printer says.

        Args:
            process: Four letters for this printing.
            bytes_per_s: How fast the way is.

        Returns:
            ``CONFIRMED`` where the printer says that it has printed, else ``SENT``.

        Raises:
            Broken: It went silent, or holds the job for too long.
            OSError: The printer is gone. Or another device error.
        """
        hears = self._talk.condition.answers
        papers = self._talk.papers
        if hears and self._abilities.completion:
            self.send((completion(process),))
        elif hears and self._abilities.transmitted:
            self.send((PAPER_STATUS,))
        expected_s = self._sent / min(bytes_per_s or _PRINTING_BYTES_PER_S, _PRINTING_BYTES_PER_S)
        self._leave(expected_s)
        if not hears:
            return PrintState.SENT
        return self._hear(process, papers, expected_s + self._patience.finish_s)

    def _send(self, data: bytes, *, begun: bool = False) -> None:
        """Hand over bytes; ``begun`` says that they go on with a command, into which nothing else may be written.

        None go to a printer that has said by itself that it cannot print now: where it cannot say that its buffer is full,
        they would be lost.
        """
        wait = _Wait(self._around.clock())
        while not self._talk.condition.can_print:
            self._talk.listen(self._patience.look_s)
            self._wait("the printer takes no more bytes", wait, begun=begun)
        while data:
            taken = self._talk.transport.send(data, self._patience.look_s)
            if taken:
                data, wait = data[taken:], _Wait(self._around.clock())
                self._sent += taken
                begun = True
            else:
                self._wait("the printer takes no more bytes", wait, begun=begun)
            self._talk.listen()

    def _leave(self, expected_s: float) -> None:
        wait = _Wait(self._around.clock() + expected_s)
        while not self._talk.transport.finish(self._patience.look_s):
            self._talk.listen()
            self._wait("the bytes did not leave the port", wait)

    def _wait(self, fault: str, wait: _Wait, *, begun: bool = False) -> None:
        """Go on waiting, or raise: a printer that says why it waits gets more time, and some again when it can print."""
        condition, patience, now = self._talk.condition, self._patience, self._around.clock()
        self._around.told(condition)
        if not begun:
            self._around.between()
        if condition.can_print and wait.stopped:
            wait.since = now
        wait.stopped = not condition.can_print
        too_long = now - wait.since > (patience.hold_s if wait.stopped else patience.stall_s)
        if too_long or now - wait.begun > patience.hold_s + patience.stall_s or self._around.stopping():
            raise Broken(fault if condition.can_print else _because(condition))

    def _hear(self, process: bytes, papers: int, finish_s: float) -> PrintState:
        """Wait for the printer's word, asking how it is meanwhile.

        One that holds the job and said why may be deaf to questions: its buffer is full.
        """
        clock, patience = self._around.clock, self._patience
        answered = fine_since = begun = clock()
        asked = clock() - patience.look_s  # at once, where nothing better will come
        hears_us = True
        if self._says_when_done:
            asked = clock()
        while not (self._abilities.completion and self._talk.has_printed(process)):
            worked_off = self._abilities.transmitted and self._talk.papers > papers and not self._abilities.completion
            if worked_off or clock() - asked >= patience.look_s:
                asked = clock()
                condition = self._talk.ask(patience.answer_s)
                hears_us = condition is not None
                if condition is not None:
                    answered = clock()
                    if condition.can_print and (worked_off or not self._says_when_done):
                        self._around.told(condition)
                        return PrintState.CONFIRMED if worked_off else PrintState.SENT
                elif self._talk.condition.can_print and clock() - answered > patience.stall_s:
                    raise Broken("the printer went silent")
            condition = self._talk.condition
            self._around.told(condition)
            if hears_us:  # else a drawer would open when it hears again
                self._around.between()
            fine_since = fine_since if condition.can_print else clock()
            if condition.can_print and clock() - fine_since > finish_s:
                return PrintState.SENT  # it answers, and does not know the command after all
            if clock() - begun > patience.hold_s + finish_s or self._around.stopping():
                raise Broken(_because(condition))
            self._talk.listen(min(patience.look_s, 0.25))
        self._around.told(self._talk.ask(patience.answer_s) or self._talk.condition)
        return PrintState.CONFIRMED

    @property
    def _says_when_done(self) -> bool:
        return self._abilities.completion or self._abilities.transmitted


def _pieces(chunk: bytes, most: int | None) -> Iterator[bytes]:
    """Cut a chunk into pieces of at most ``most`` bytes; None leaves it as it is."""
    size = most or len(chunk)
    return (chunk[at : at + size] for at in range(0, len(chunk), size))


def _because(condition: PrinterCondition) -> str:
    troubles = [trouble.value for trouble in condition.troubles if trouble not in HARMLESS]
    return f"the printer stopped in the middle ({', '.join(troubles) or 'it does not say why'})"
