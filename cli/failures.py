"""How a command fails: one or a few clear lines on standard error, and an exit status that says whose fault it is.

2: what a person gave (an option, a file, a setting) cannot be used. 1: something went wrong while working.
130: interrupted. A traceback is only shown for a bug.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from agent.errors import AgentError
from drivers.errors import DriverError
from hq.errors import HqError
from hq.history.errors import HistoryError, ReceiptFileError
from loyalty.reading.problems import BadFile
from sync.protocol.errors import LinkDown, SyncRefused

USAGE, FAILED, INTERRUPTED = 2, 1, 130


class CommandFailed(Exception):
    """A command cannot go on; the text, of one or more lines, is what the person reads.

    Attributes:
        status: The exit status.
    """

    def __init__(self, text: str, status: int = FAILED) -> None:
        super().__init__(text)
        self.status = status


def guarded(command: Callable[[], int]) -> int:
    """Run a command and turn every failure that is not a bug into its lines and its status."""
    try:
        return command()
    except BrokenPipeError:
        _drop_output()
        return FAILED
    except KeyboardInterrupt:
        return _say(["interrupted"], INTERRUPTED)
    except Exception as fault:
        said = _told(fault)
        if said is None:
            raise
        return _say(*said)


def usage(text: str) -> NoReturn:
    """Stop since what a person gave cannot be used."""
    raise CommandFailed(text, USAGE)


def _told(fault: Exception) -> tuple[list[str], int] | None:
    """Give the lines and the status of a failure, or None for a bug."""
    match fault:
        case BadFile():
            return fault.lines(), USAGE
        case CommandFailed():
            return str(fault).splitlines(), fault.status
        case ReceiptFileError():
            return [str(fault)], USAGE
        case AgentError() | HqError() | HistoryError() | DriverError() | LinkDown():
            return [str(fault)], FAILED
        case SyncRefused():
            return [f"HQ refused: {fault}"], FAILED
        case OSError() if fault.strerror:
            place = f"{fault.filename}: " if fault.filename else ""
            return [f"{place}{fault.strerror}"], FAILED
    return None


def _say(lines: list[str], status: int) -> int:
    with suppress(OSError):
        for line in lines:
            print(f"loyaltill: {line}", file=sys.stderr)
    return status


def _drop_output() -> None:
    """Whoever read the output has gone; what is left of it must not become an error when the program ends."""
    with suppress(OSError, ValueError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
