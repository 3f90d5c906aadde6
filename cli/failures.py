"""How a command fails: one or a few clear lines on standard error, and an exit status that says whose fault it is.

2: what a person gave (an option, a file, a setting) cannot be used. 1: something went wrong while working.
130: interrupted. A traceback is only shown for a bug.
"""

import sys
from collections.abc import Callable
from typing import NoReturn

from agent.errors import AgentError
from drivers.errors import DriverError
from hq.errors import HqError
from hq.history.errors import HistoryError, ReceiptFileError
from loyalty.reading.problems import BadFile
from sync.protocol.errors import LinkDown, SyncRefused

USAGE, FAILED, INTERRUPTED = 2, 1, 130


class CommandFailed(Exception):
    """A command cannot go on; the text is what the person reads.

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
    except BadFile as fault:
        return _say(fault.lines(), USAGE)
    except CommandFailed as fault:
        return _say([str(fault)], fault.status)
    except ReceiptFileError as fault:
        return _say([str(fault)], USAGE)
    except (AgentError, HqError, HistoryError, DriverError) as fault:
        return _say([str(fault)], FAILED)
    except (LinkDown, SyncRefused) as fault:
        return _say([f"HQ: {fault}"], FAILED)
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def usage(text: str) -> NoReturn:
    """Stop since what a person gave cannot be used."""
    raise CommandFailed(text, USAGE)


def _say(lines: list[str], status: int) -> int:
    for line in lines:
        print(f"loyaltill: {line}", file=sys.stderr)
    return status
