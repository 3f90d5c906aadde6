"""The log of what was refused: one line for each kind of refusal of each till, and a count of the rest.

A till that is refused asks again, for hours maybe, and a stranger as often as the line allows. So a line is written when
a till is refused something for a reason for the first time, and then at most once in `AGAIN_AFTER_S`, with how often it
was refused in between. No line holds what was sent.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sync.protocol.errors import SyncErrorCode, SyncRefused

AGAIN_AFTER_S = 600.0
MOST_KINDS = 10_000
"""Most kinds of refusals that are counted at once; the one that was met longest ago gives way."""
NOBODY = "-"
"""Stands for the till where nobody has proved to be one."""
_log = logging.getLogger("loyaltill.hq.refused")


@dataclass(slots=True)
class _Told:
    at_s: float
    since: int = 0


class RefusalLog:
    """Writes refusals down. Safe to use from several threads."""

    def __init__(self, *, now_s: Callable[[], float] = time.monotonic, again_after_s: float = AGAIN_AFTER_S) -> None:
        self._now_s = now_s
        self._again_after_s = again_after_s
        self._told: OrderedDict[tuple[str, str, str], _Told] = OrderedDict()
        self._turn = threading.Lock()

    def note(self, fault: SyncRefused, *, till: str, route: str) -> None:
        """Note one refusal.

        Args:
            fault: Its code, and HQ's own words about it.
            till: The till's id, or `NOBODY`.
            route: The address.
        """
        repeated = self._repeated((till, fault.code.value, route))
        if repeated is not None:
            level = logging.WARNING if fault.code is SyncErrorCode.BUSY else logging.INFO
            more = f" repeated={repeated}" if repeated else ""
            _log.log(level, "refused till=%s code=%s route=%s%s: %s", till, fault.code.value, route, more, fault.detail)

    def _repeated(self, kind: tuple[str, str, str]) -> int | None:
        """Give how often a kind was met since it was last told, or None where it is not to be told now."""
        now_s = self._now_s()
        with self._turn:
            told = self._told.pop(kind, None)
            if told is not None and now_s - told.at_s < self._again_after_s:
                told.since += 1
                self._told[kind] = told
                return None
            self._told[kind] = _Told(now_s)
            if len(self._told) > MOST_KINDS:
                self._told.popitem(last=False)
            return told.since if told is not None else 0


class Seldom(logging.Filter):
    """Lets a message of another program's logger through once in `AGAIN_AFTER_S`, whatever its arguments are.

    What is no HTTP at all never reaches our addresses; the server logs each such request.
    """

    def __init__(self, *, now_s: Callable[[], float] = time.monotonic, again_after_s: float = AGAIN_AFTER_S) -> None:
        super().__init__()
        self._now_s = now_s
        self._again_after_s = again_after_s
        self._told: dict[str, _Told] = {}
        self._turn = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is let through; warnings only are held back."""
        if record.levelno > logging.WARNING or not isinstance(record.msg, str):
            return True
        said = record.msg
        with self._turn:
            now_s = self._now_s()
            told = self._told.get(said)
            if told is not None and now_s - told.at_s < self._again_after_s:
                told.since += 1
                return False
            if told is not None and told.since:
                record.msg = f"{said} ({told.since} more since it was last said)"
            if len(self._told) < MOST_KINDS:
                self._told[said] = _Told(now_s)
        return True
