"""What a check found, as a value; how it is written down is the report's business."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARN = "warn"
    """The machine works, and somebody should look at this."""
    FAIL = "fail"
    """Something does not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor.

    Attributes:
        about: What was looked at, one or two words.
        text: What is the case, one English sentence without its full stop; no secret and no card number.
        advice: What to do about it, likewise; empty where there is nothing to do.
    """

    level: Level
    about: str
    text: str
    advice: str = ""


def ok(about: str, text: str) -> Finding:
    """All is well."""
    return Finding(level=Level.OK, about=about, text=text)


def warn(about: str, text: str, advice: str = "") -> Finding:
    """Works, and is worth a look."""
    return Finding(level=Level.WARN, about=about, text=text, advice=advice)


def fail(about: str, text: str, advice: str = "") -> Finding:
    """Does not work."""
    return Finding(level=Level.FAIL, about=about, text=text, advice=advice)
