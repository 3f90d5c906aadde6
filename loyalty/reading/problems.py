"""What is wrong with a file that a person wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class ProblemCode(StrEnum):
    """What kind of fault a problem is; stable, for programs that read the answer."""

    NOT_READABLE = "not_readable"
    NOT_TOML = "not_toml"
    MISSING = "missing"
    UNKNOWN_KEY = "unknown_key"
    WRONG_VALUE = "wrong_value"
    RATE_ZERO = "rate_zero"
    TOO_LARGE = "too_large"
    REPEATED = "repeated"
    UNKNOWN_REFERENCE = "unknown_reference"
    UNKNOWN_KIND = "unknown_kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of a file.

    Attributes:
        line: Counted from 1, or None where the fault belongs to no line.
        key: The dotted key, as ``rule[2].per``; empty for the file as a whole.
        fault: What is wrong and what was expected, without repeating the value.
        code: The kind of fault.
    """

    line: int | None
    key: str
    fault: str
    code: ProblemCode = ProblemCode.WRONG_VALUE


class BadFile(Exception):
    """A file cannot be used; carries every problem found, not only the first."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Write the problems one a line: ``file:line: key: fault [code]``."""
        return [_line(self.name, problem) for problem in self.problems]


def nearest(key: str, known: Sequence[str]) -> str:
    """Say which known key is meant: `` (did you mean "per"?)``, or list them when none is near."""
    close = get_close_matches(key, known, n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known here: {', '.join(sorted(known))}"


def _line(name: str, problem: Problem) -> str:
    place = f"{name}:{problem.line}" if problem.line is not None else name
    key = f"{problem.key}: " if problem.key else ""
    return f"{place}: {key}{problem.fault} [{problem.code}]"
