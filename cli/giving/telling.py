"""What the commands of this room share: who asks, refusals, and tables."""

import getpass
from collections.abc import Iterable, Sequence
from typing import Any

from cli.failures import USAGE, CommandFailed


def answered(said: dict[str, Any]) -> dict[str, Any]:
    """Give an answer of HQ's.

    Raises:
        CommandFailed: it is a refusal; status 2 with what it says, line by line.
    """
    if "refused" in said:
        raise CommandFailed("\n".join(said["lines"]), USAGE)
    return said


def person() -> str:
    """Name who runs the command, as the system does."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody whom the system knows
        return ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows below each other, each column as wide as it must be."""
    every = [head, *rows]
    widths = [max(len(row[place]) for row in every) for place in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every
    )
