"""A printer that speaks ESC/POS, on any transport.

The whole job is encoded first; a letter that cannot be printed refuses it before the device is touched. Then the printer
is asked how it is, gets the bytes, and is heard until it says that they are printed, as far as it can say so. It is
released after each job, so that the point of sale can use it, or kept open where it is the agent's own and answers.
"""

import errno
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from drivers.errors import (
    DeviceBusy,
    PrinterConfig,
    PrinterError,
    PrinterNotReady,
    PrinterUnavailable,
    Unprintable,
    UnprintableCharacter,
)
from drivers.printers.condition import BUSY, HARMLESS, SILENT, UNREACHABLE, DrawerContact, PrinterCondition
from drivers.printers.delivery import ALONE, PATIENT, Broken, Delivery, Patience, Surroundings
from drivers.printers.document import Document
from drivers.printers.encoders.bands import most_picture_bytes
from drivers.printers.encoders.choose import encode
from drivers.printers.graphics import CannotPrint
from drivers.printers.layout import lay_out
from drivers.printers.port import PrintOutcome, PrintState, check_job_id, nothing
from drivers.printers.profiles.listing import UNKNOWN
from drivers.printers.profiles.profile import PrinterProfile
from drivers.printers.raster import MissingGlyph, OtherScripts
from drivers.printers.status import kick, process_id, with_drawer
from drivers.printers.talk import Talk
from drivers.printers.transports.library import cause_of, device_errors
from drivers.printers.transports.transport import Transport, TransportSettings
from drivers.printers.unheard import Unheard

INITIALIZE: Final = b"\x1b@"
_NO_AUTOMATIC_STATUS: Final = b"\x1da\x00"
_BUSY_LOOK_S: Final = 0.1
_WHILE_BUSY: Final = frozenset({errno.EBUSY, errno.EAGAIN})


class EscposPrinter:
    """A :class:`~drivers.printers.port.ReceiptPrinter`.

    Args:
        settings: How it is reached.
        profile: What it can do.
        columns: Paper width in cells; the profile's where None.
        name: The name of the printer.
        keeps_open: It is not shared: it stays open between jobs while it answers, and is looked after by :meth:`watch`.
        drawer: Whether a cash drawer hangs on it, and which level of its contact says that it is open.
        patience: How long what may take.
        around: What else there is while a job is under way.
        other: What draws the letters that the atlas lacks.
    """

    def __init__(  # noqa: PLR0913  # each is a setting of its own, given by name
        self,
        settings: TransportSettings,
        profile: PrinterProfile = UNKNOWN,
        *,
        columns: int | None = None,
        name: str = "receipt printer",
        keeps_open: bool = False,
        drawer: DrawerContact = DrawerContact.NONE,
        patience: Patience = PATIENT,
        around: Surroundings = ALONE,
        other: OtherScripts | None = None,
    ) -> None:
        self._settings = settings
        self._profile = profile
        self._columns = columns or profile.page_columns
        self._name = name
        self._keeps_open = keeps_open
        self._drawer = drawer
        self._patience = patience
        self._other = other
        self._around = replace(around, told=self._tell)
        self._told = around.told
        self._condition = SILENT
        self._answered = False
        self._talk: Talk | None = None
        self._unheard = Unheard()
        self._owed = 0
        self._one_job = threading.Lock()

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    @property
    def is_watched(self) -> bool:
        """Whether it is kept open, so that it is worth looking after between jobs."""
        return self._keeps_open

    @property
    def condition(self) -> PrinterCondition:
        """The last that is known."""
        return self._condition

    def print(self, document: Document, job_id: str, begins: Callable[[], None] = nothing) -> PrintOutcome:
        """Encode, open, ask, send, hear, release.

        Returns:
            ``CONFIRMED`` where the printer said so, ``SENT`` where it cannot, ``UNKNOWN`` if it broke off.

        Raises:
            Unprintable: A character, a code or a picture has no way onto this paper; the device was not touched.
            PrinterNotReady: It says that it cannot print now; it got no byte of the job.
            PrinterUnavailable: It could not be reached, or took nothing.
            PrinterConfig: It cannot work with these settings.
            ValueError: The job id is none (the caller's bug).
        """
        check_job_id(job_id)
        try:
            page = lay_out(document, self._columns)
            job = encode(page, self._profile, bytes_per_s=self._settings.bytes_per_s, other=self._other)
        except MissingGlyph as error:
            raise UnprintableCharacter(self._name, error.character) from error
        except CannotPrint as error:
            raise Unprintable(self._name, f"{error}; nothing was sent") from error
        with self._one_job:
            return self._print(job, job_id, begins)

    def check(self) -> None:
        """Find out whether it opens.

        Raises:
            PrinterError: It does not.
        """
        with self._one_job:
            if self._talk is None:
                try:
                    self._settings.check()
                except device_errors() as error:
                    raise self._translated(error) from error

    def watch(self) -> PrinterCondition:
        """Look how it is; a printer that is kept open is opened for that.

        A printer that cannot be reached is a condition, too. Nothing is printed.
        """
        with self._one_job, suppress(PrinterError):
            talk = self._ready_talk()
            with suppress(*device_errors()):
                self._tell(talk.condition)
            self._rest(talk)
        return self._condition

    def listen(self) -> PrinterCondition:
        """Take in what an open printer said by itself, without asking it anything."""
        with self._one_job:
            talk = self._talk
            if talk is not None:
                try:
                    if talk.listen():
                        self._tell(talk.condition)
                        self._hear_late(talk)
                except device_errors():
                    self._lose(talk)
                    self._tell(UNREACHABLE)
        return self._condition

    def kick(self, pin: int, until: float) -> None:
        """Open the cash drawer on ``pin``, 2 or 5; not where opening the printer and asking it took longer than ``until``.

        Raises:
            PrinterError: The printer could not be reached, or not in time; the drawer stays as it is.
        """
        with self._one_job:
            talk = self._ready_talk()
            if self._around.clock() > until:
                self._rest(talk)
                raise PrinterUnavailable(self._name, "the printer was not ready in time; the drawer stays closed")
            try:
                talk.send(kick(pin, at_once=not talk.condition.can_print), self._patience.answer_s)
            except device_errors() as error:
                self._lose(talk)
                raise self._translated(error) from error
            self._rest(talk)

    def pulse(self, pin: int) -> None:
        """Open the cash drawer while a job waits for paper; for the job's own thread, in ``Surroundings.between``."""
        if self._talk is not None:
            self._talk.send(kick(pin, at_once=True), self._patience.answer_s)

    def broke_off(self) -> None:
        """Know that it may wait for the rest of a picture: an agent that ended in the middle of a job has it no more."""
        self._owed = most_picture_bytes(self._columns)

    def close(self) -> None:
        """Release the printer."""
        with self._one_job:
            if self._talk is not None:
                self._lose(self._talk)

    def _print(self, job: tuple[bytes, ...], job_id: str, begins: Callable[[], None]) -> PrintOutcome:
        talk = self._ready_talk()
        if not talk.condition.can_print:
            self._rest(talk)
            raise PrinterNotReady(self._name, f"the printer cannot print now ({_why(talk.condition)})")
        try:
            begins()
        except BaseException:
            self._rest(talk)
            raise
        try:
            self._complete(talk)
            talk.send(INITIALIZE, self._patience.stall_s)
            if self._profile.status.automatic and talk.condition.answers:
                talk.be_told(self._patience.answer_s)
        except device_errors() as error:
            self._lose(talk)
            self._tell(UNREACHABLE)
            raise PrinterUnavailable(self._name, f"the printer takes no bytes ({type(error).__name__})") from error
        delivery = self._delivery(talk)
        try:
            state = self._deliver(talk, delivery, job, job_id)
        except Broken as error:
            return self._broke(talk, delivery, job_id, str(error))
        except device_errors() as error:
            return self._broke(talk, delivery, job_id, f"the connection broke while printing ({type(error).__name__})")
        self._rest(talk)
        return PrintOutcome(state=state, job_id=job_id)

    def _delivery(self, talk: Talk) -> Delivery:
        return Delivery(talk, self._profile.status, self._patience, self._around)

    def _complete(self, talk: Talk) -> None:
        """End the picture in which a job broke off, without ink; a printer that waits for no dots ignores the zeros.

        Raises:
            TimeoutError: The printer takes no bytes. Or any device error.
        """
        if not self._owed:
            return
        delivery = self._delivery(talk)
        try:
            self._hand_over(delivery, (bytes(self._owed),))
        except Broken as error:
            raise TimeoutError(str(error)) from error
        self._owed = 0

    def _hand_over(self, delivery: Delivery, chunks: tuple[bytes, ...]) -> None:
        delivery.send(chunks, most=self._profile.chunk_bytes, pause_s=self._profile.pause_ms / 1000)

    def _deliver(self, talk: Talk, delivery: Delivery, job: tuple[bytes, ...], job_id: str) -> PrintState:
        self._hand_over(delivery, _without_initialize(job))
        process = process_id(f"{job_id} {time.perf_counter_ns()}")  # the same job may be printed again
        state = delivery.end(process, self._settings.bytes_per_s)
        self._note(talk, process, job_id, state)
        if not self._keeps_open and not talk.is_mute and self._profile.status.automatic:
            talk.send(_NO_AUTOMATIC_STATUS, self._patience.answer_s)  # the other program does not expect it
        return state

    def _note(self, talk: Talk, process: bytes, job_id: str, state: PrintState) -> None:
        """Keep in mind a job whose printing may still be told of; one that is told of tells of all before it."""
        if not self._profile.status.completion:
            return
        if state is PrintState.SENT and talk.condition.answers:
            self._unheard.add(process, job_id)
        elif state is PrintState.CONFIRMED:
            self._told_late(self._unheard.take_all())

    def _hear_late(self, talk: Talk) -> None:
        self._told_late(self._unheard.take(talk.has_printed))

    def _told_late(self, job_ids: tuple[str, ...]) -> None:
        for job_id in job_ids:
            self._around.printed(job_id)

    def _broke(self, talk: Talk, delivery: Delivery, job_id: str, detail: str) -> PrintOutcome:
        self._owed = delivery.owed(_held(talk.transport))
        self._lose(talk)
        return PrintOutcome(state=PrintState.UNKNOWN, job_id=job_id, detail=f"{self._name}: {detail}")

    def _ready_talk(self) -> Talk:
        """An open printer that was asked how it is.

        Raises:
            PrinterError: It does not open, or does not answer where it did before.
        """
        kept = self._talk
        if kept is not None:
            try:
                if kept.ask(self._patience.answer_s) is not None:
                    return self._heard(kept)
            except device_errors():
                pass
            self._lose(kept)  # perhaps it was switched off and on: one more try, over a new connection
        try:
            asks = self._profile.status.realtime is not False
            talk = Talk(self._open(), clock=self._around.clock, asks=asks)
        except DeviceBusy:
            self._tell(BUSY)
            raise PrinterUnavailable(self._name, "another program has the printer") from None
        except device_errors() as error:
            self._tell(UNREACHABLE)
            raise self._translated(error) from error
        return self._asked(talk)

    def _asked(self, talk: Talk) -> Talk:
        try:
            condition = talk.ask(self._patience.answer_s)
        except device_errors() as error:
            self._lose(talk)
            self._tell(UNREACHABLE)
            raise PrinterUnavailable(self._name, f"the printer takes no bytes ({type(error).__name__})") from error
        if condition is None and self._answered:
            self._lose(talk)
            self._tell(UNREACHABLE)
            raise PrinterUnavailable(self._name, "the printer does not answer")
        return self._heard(talk)

    def _heard(self, talk: Talk) -> Talk:
        self._answered = self._answered or talk.condition.answers
        self._talk = talk
        self._tell(talk.condition)
        self._hear_late(talk)
        return talk

    def _open(self) -> Transport:
        """Open it, waiting for another program that has it.

        Raises:
            DeviceBusy: It still has it. Or any device error.
        """
        end = time.monotonic() + self._patience.busy_s
        while True:
            try:
                return self._settings.open()
            except device_errors() as error:
                if not _is_busy(cause_of(error)):
                    raise
                if time.monotonic() >= end or self._around.stopping():
                    raise DeviceBusy(self._name, "another program has the printer") from error
            time.sleep(_BUSY_LOOK_S)

    def _rest(self, talk: Talk) -> None:
        """Keep the printer open where that is any use, so that it says what changes; else release it.

        It is asked again each time to say so: ESC @ made it forget.
        """
        if not self._keeps_open or not talk.condition.answers:
            self._lose(talk)
        elif self._profile.status.automatic:
            try:
                talk.be_told(self._patience.answer_s)
            except device_errors():
                self._lose(talk)

    def _lose(self, talk: Talk) -> None:
        self._talk = None
        self._unheard.forget()
        with suppress(*device_errors()):
            talk.transport.close()

    def _tell(self, condition: PrinterCondition) -> None:
        known = with_drawer(condition, self._drawer)
        if known != self._condition:
            self._condition = known
            self._told(known)

    def _translated(self, error: Exception) -> PrinterError:
        cause = cause_of(error)
        if isinstance(cause, ImportError | RuntimeError):
            return PrinterConfig(self._name, f"this kind of connection needs a package that is missing ({cause})")
        if isinstance(cause, PermissionError):
            return PrinterConfig(self._name, "this user may not open the printer")
        if isinstance(cause, OSError | AssertionError):
            return PrinterUnavailable(self._name, f"the printer cannot be reached ({_first_line(cause)})")
        return PrinterConfig(self._name, f"the printer does not open with these settings ({_first_line(cause)})")


def _without_initialize(job: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """What remains of a job when its first command, which prints nothing, has been sent."""
    first = job[0].removeprefix(INITIALIZE)
    return (first, *job[1:]) if first else job[1:]


def _held(transport: Transport) -> int:
    """How many bytes a way took that have not left this machine; none where it is gone."""
    with suppress(*device_errors()):
        return transport.held
    return 0


def _is_busy(cause: Exception) -> bool:
    return isinstance(cause, OSError) and (cause.errno in _WHILE_BUSY or "exclusively lock" in str(cause))


def _why(condition: PrinterCondition) -> str:
    return ", ".join(trouble.value.replace("_", " ") for trouble in condition.troubles if trouble not in HARMLESS)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
