"""A display on a serial port: shows the last two lines that were asked for, in a thread of its own.

Nobody waits for a display. It may be off or unplugged; it is tried again with the next lines, and not before.
"""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from drivers.displays.commands import CLEAR, Commands, show
from drivers.serial_ports import claim, port_errors, port_fault

_LOG: Final = logging.getLogger(__name__)
_WRITE_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplaySettings:
    """A display and its port, 8N1.

    Attributes:
        code_page: The number of its letters; None where it has no choice.
        idle_s: After so long the idle lines come back.
    """

    port: str
    commands: Commands = Commands.ESCPOS
    baud: int = 9600
    columns: int = 20
    codec: str = "ascii"
    code_page: int | None = None
    idle_s: float = 60.0


def check(settings: DisplaySettings) -> None:
    """Open the display's port and release it, without a byte to the display.

    Raises:
        DeviceGone: There is no such port now.
        DeviceBusy: Another program has it.
        DeviceConfig: The port refuses the settings, or this user may not open it.
    """
    import serial

    try:
        port = serial.Serial(settings.port, settings.baud, exclusive=True)
    except port_errors() as error:
        raise port_fault(settings.port, error) from error
    port.close()


class LineDisplay:
    """One display.

    Args:
        settings: Which one.
        idle: The lines while nobody is served.
    """

    def __init__(self, settings: DisplaySettings, idle: tuple[str, str] = ("", "")) -> None:
        self._settings = settings
        self._idle = idle
        self._wanted: tuple[str, str] | None = idle
        self._port: Any = None
        self._fault = ""
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="display", daemon=True)

    @property
    def fault(self) -> str:
        """What is the matter, in one English sentence; empty while it works."""
        return self._fault

    def start(self) -> None:
        """Begin, with the idle lines."""
        self._thread.start()

    def show(self, upper: str, lower: str) -> None:
        """Show these lines as soon as it can; what was asked for meanwhile is dropped. Returns at once."""
        with self._changed:
            self._wanted = (upper, lower)
            self._changed.notify()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Show the idle lines and release the port; harmless if it never began."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        shown: tuple[str, str] | None = None
        while (lines := self._next(shown)) is not None:
            self._put(lines)
            shown = lines
        self._put(self._idle)
        self._close()

    def _next(self, shown: tuple[str, str] | None) -> tuple[str, str] | None:
        """Wait for the next lines; None at the end."""
        with self._changed:
            until = time.monotonic() + self._settings.idle_s
            while self._wanted is None and not self._ended:
                left = None if shown == self._idle else until - time.monotonic()
                if left is not None and left <= 0:
                    return self._idle
                self._changed.wait(left)
            if self._ended:
                return None
            lines, self._wanted = self._wanted, None
            return lines

    def _put(self, lines: tuple[str, str]) -> None:
        wanted = self._settings
        try:
            port = self._open()
            port.write(
                show(wanted.commands, *lines, columns=wanted.columns, codec=wanted.codec, code_page=wanted.code_page)
            )
        except port_errors() as error:
            self._drop()
            self._note(f"{wanted.port}: the display cannot be reached ({type(error).__name__})")
        else:
            self._note("")

    def _open(self) -> Any:
        if self._port is None:
            import serial

            wanted = self._settings
            self._port = serial.Serial(wanted.port, wanted.baud, write_timeout=_WRITE_S)
            claim(self._port)
            self._port.write(CLEAR)
        return self._port

    def _drop(self) -> None:
        """Release the port and what it has not sent: closing would wait for a display that is off."""
        with suppress(*port_errors()):
            if self._port is not None:
                self._port.reset_output_buffer()
        self._close()

    def _close(self) -> None:
        if self._port is not None:
            with suppress(*port_errors()):
                self._port.close()
            self._port = None

    def _note(self, fault: str) -> None:
        if fault and fault != self._fault:
            _LOG.warning("%s", fault)
        self._fault = fault
